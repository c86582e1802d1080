"""What the public pages of the channel read: words that may give somebody away, and what was answered."""

from datetime import date
from itertools import groupby
from operator import attrgetter

from accounts.models import User
from branches.models import CoveredUnit, Member, Organisation
from burden.box.limits import LEAST_RECIPIENTS, Level
from burden.models import BoxRecipient
from burden.queries.box_wall import WallAnswer, YearFigures, answers, figures

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


def public_answers() -> list[tuple[date, list[WallAnswer]]]:
    """By month, the latest first."""
    months = groupby(answers(), key=attrgetter("month"))
    return [(month, list(found)) for month, found in months]


def public_figures() -> list[tuple[int, list[YearFigures]]]:
    """By year, the latest first."""
    years = groupby(figures(), key=attrgetter("year"))
    return [(year, list(tables)) for year, tables in years]
