"""What everybody may read: answers on the wall by month, and the figures of finished years."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from burden.box.limits import Outcome, categories
from burden.models import BoxAnswer, BoxFigure, FigureTable, MeasureEntry, MeasureList
from burden.rules.suppression import Group


@dataclass(frozen=True)
class WallAnswer:
    """`measure`: the name of the measure it led to, as the newest issued list words it; may be empty."""

    month: date
    category: str
    outcome: Outcome
    words: str
    measure: str

    @property
    def is_adopted(self) -> bool:
        return self.outcome == Outcome.ADOPTED


class FigureLine(NamedTuple):
    label: str
    about: int


@dataclass(frozen=True)
class YearFigures:
    """About how many letters were answered in a finished year; lines are groups of five and more.

    Without a sum: each line is rounded by itself, so the sums of a year's two tables would differ.
    """

    year: int
    title: str
    lines: tuple[FigureLine, ...]


def answers(year: int | None = None) -> list[WallAnswer]:
    """Newest month first, in a month by kind: nothing tells which was answered first."""
    entries = MeasureEntry.objects.filter(
        measure=OuterRef("measure"), of_list__in=MeasureList.objects.public()
    )
    newest = entries.order_by("-of_list__year", "-of_list__version").values("name")[:1]
    rows = BoxAnswer.objects.annotate(measure_name=Subquery(newest))
    if year is not None:
        rows = rows.filter(month__year=year)
    order = list(categories())
    found = [_answer(row, row.measure_name or "") for row in rows.order_by("words")]
    place = {categories()[code]: n for n, code in enumerate(order)}
    return sorted(found, key=lambda one: (-one.month.toordinal(), place.get(one.category, len(place))))


def _answer(row: BoxAnswer, measure: str) -> WallAnswer:
    kind = categories().get(row.category, "其他")
    return WallAnswer(row.month, kind, Outcome(row.outcome), row.words, measure)


def figures() -> list[YearFigures]:
    """Of finished years, the latest first; a year of fewer than five answers has none."""
    rows = BoxFigure.objects.order_by("-year", "table", "position")
    tables: dict[tuple[int, str], list[BoxFigure]] = {}
    for row in rows:
        tables.setdefault((row.year, row.table), []).append(row)
    return [_table(year, FigureTable(table), cells) for (year, table), cells in tables.items()]


def _table(year: int, table: FigureTable, cells: Iterable[BoxFigure]) -> YearFigures:
    words = categories() if table == FigureTable.CATEGORY else dict(Outcome.choices)
    groups = [Group(tuple(cell.keys), cell.about) for cell in cells]
    # A long rest is called by what it is: the reader does not go through twelve names.
    lines = tuple(FigureLine(_label(group.keys, words), group.about) for group in groups)
    return YearFigures(year, table.label, lines)


def _label(keys: tuple[str, ...], words: dict[str, str]) -> str:
    if len(keys) > 3:
        return f"其他 {len(keys)} 类合计"
    return "、".join(str(words.get(key, key)) for key in keys)
