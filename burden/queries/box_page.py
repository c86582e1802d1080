"""What the public pages of the channel read: words that may give somebody away, and what was answered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

from accounts.models import User
from branches.models import CoveredUnit, Member, Organisation
from burden.box.limits import LEAST_RECIPIENTS, Level, Outcome, categories
from burden.models import BoxAnswer, BoxFigure, BoxRecipient
from burden.models.box_desk import FigureTable

# A branch is called by a part of its name: “第一党支部” is “第一支部” in what people write.
SHORTER = (("党支部", "支部"), ("中共", ""), ("委员会", ""))


def names_of_people() -> set[str]:
    """Of members and of accounts together, so that a hit does not tell which of the two somebody is."""
    members = Member.objects.values_list("name", flat=True)
    return set(members.union(User.objects.values_list("name", flat=True)))


def names_of_places() -> set[str]:
    """Organisations and the units they cover, also in the short form people use."""
    organisations = Organisation.objects.values_list("name", flat=True)
    names = set(organisations.union(CoveredUnit.objects.values_list("name", flat=True)))
    return names | {name.replace(long, short) for name in names for long, short in SHORTER}


def open_levels() -> list[Level]:
    """The levels that take letters: those with two recipients or more; one's own first."""
    levels = list(BoxRecipient.objects.active().values_list("level", flat=True))
    return [level for level in Level if levels.count(level) >= LEAST_RECIPIENTS]


@dataclass(frozen=True)
class PublicAnswer:
    words: str
    outcome: Outcome
    category: str

    @property
    def is_adopted(self) -> bool:
        return self.outcome == Outcome.ADOPTED


def public_answers() -> list[tuple[date, list[PublicAnswer]]]:
    """By month, the latest first; inside a month in the order of kinds, which tells nothing of the days."""
    known = categories()
    order = list(known)
    rows = BoxAnswer.objects.only("month", "category", "outcome", "words")
    placed = sorted(rows, key=lambda row: (-row.month.toordinal(), _place(row.category, order), row.words))
    return [
        (month, [PublicAnswer(a.words, Outcome(a.outcome), known.get(a.category, "其他")) for a in answers])
        for month, answers in groupby(placed, key=attrgetter("month"))
    ]


def _place(category: str, order: list[str]) -> int:
    return order.index(category) if category in order else len(order)


@dataclass(frozen=True)
class PublicTable:
    """One table of a finished year: label and about how many; the total is the sum of what is shown."""

    title: str
    lines: list[tuple[str, int]]

    @property
    def total(self) -> int:
        return sum(about for _, about in self.lines)


def public_figures() -> list[tuple[int, list[PublicTable]]]:
    """By year, the latest first."""
    rows = sorted(BoxFigure.objects.all(), key=lambda row: (-row.year, row.table, row.position))
    years = groupby(rows, key=attrgetter("year"))
    return [(year, [_table(kind, list(lines)) for kind, lines in _tables(rows)]) for year, rows in years]


def _tables(rows: Iterable[BoxFigure]) -> Iterator[tuple[str, Iterator[BoxFigure]]]:
    return groupby(rows, key=attrgetter("table"))


def _table(kind: str, rows: list[BoxFigure]) -> PublicTable:
    labels = categories() if kind == FigureTable.CATEGORY else dict(Outcome.choices)
    lines = [("、".join(str(labels.get(key, "其他")) for key in row.keys), row.about) for row in rows]
    return PublicTable(FigureTable(kind).label, lines)
