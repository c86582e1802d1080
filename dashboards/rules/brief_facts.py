"""The figures a monthly brief keeps: its sentences and drawings are made of them alone.

A brief that was released never changes, so its figures are stored with it as plain JSON.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from dashboards.rules.initiative import LEAST_BRANCHES
from periods.months import Month

# The shape of the stored figures; a later one that differs gets a higher number.
VERSION = 1
# What sensitive matters are called together.
OTHERS = "其他事项"


@dataclass(frozen=True)
class MonthFacts:
    """One month of the whole organisation; `rate` is None where nothing was due, `index` without data."""

    month: str
    asked: int = 0
    due: int = 0
    on_time: int = 0
    done_late: int = 0
    open: int = 0
    rate: int | None = None
    index: int | None = None

    @property
    def of(self) -> Month:
        return Month.parse(self.month)


@dataclass(frozen=True)
class Counted:
    """Something with a number beside its name; `part` is what is set off of it."""

    name: str
    items: int
    part: int = 0


@dataclass(frozen=True)
class Asker:
    """What one asker asks of the branches in the month."""

    name: str
    items: int
    minutes: int
    percent: int


@dataclass(frozen=True)
class Coming:
    """One action of the month after: how many items, the first and the last day they are due."""

    name: str
    items: int
    first: str
    last: str

    @property
    def days(self) -> tuple[date, date]:
        return date.fromisoformat(self.first), date.fromisoformat(self.last)


@dataclass(frozen=True)
class IndexPart:
    """One third of the initiative index with its raw number, both in words."""

    name: str
    raw: str
    shown: str


@dataclass(frozen=True)
class Facts:
    """Of one organisation and month, as they stood on `day`."""

    place: str
    month: str
    day: str
    branches: int
    target: int
    budget: int
    months: tuple[MonthFacts, ...]
    late: tuple[Counted, ...] = ()
    soon: tuple[Counted, ...] = ()
    # Of the error bank: written down and closed in the month, unsettled and overdue at its end.
    problems_new: int = 0
    problems_closed: int = 0
    problems_open: int = 0
    problems_late: int = 0
    # Of twelve months, by category and by entry.
    categories: tuple[Counted, ...] = ()
    repeats: tuple[Counted, ...] = ()
    asked: int = 0
    minutes: int = 0
    over: int = 0
    askers: tuple[Asker, ...] = ()
    index_parts: tuple[IndexPart, ...] = ()
    coming: tuple[Coming, ...] = ()
    version: int = field(default=VERSION)

    @property
    def of(self) -> Month:
        return Month.parse(self.month)

    @property
    def as_of(self) -> date:
        return date.fromisoformat(self.day)

    @property
    def now(self) -> MonthFacts:
        return self.months[-1]

    @property
    def before(self) -> MonthFacts:
        return self.months[-2]

    @property
    def late_items(self) -> int:
        return sum(line.items for line in self.late)

    @property
    def soon_items(self) -> int:
        return sum(line.items for line in self.soon)

    @property
    def found(self) -> int:
        return sum(line.items for line in self.categories)

    @property
    def repeated(self) -> int:
        return sum(line.part for line in self.categories)

    @property
    def average(self) -> int:
        """Minutes a branch."""
        return round(self.minutes / self.branches) if self.branches else 0

    @property
    def has_index(self) -> bool:
        """Of fewer branches it would be a person's figure."""
        return self.branches >= LEAST_BRANCHES and self.now.index is not None


_ROWS: Mapping[str, type[Any]] = {
    "months": MonthFacts,
    "late": Counted,
    "soon": Counted,
    "categories": Counted,
    "repeats": Counted,
    "askers": Asker,
    "index_parts": IndexPart,
    "coming": Coming,
}


def stored(facts: Facts) -> dict[str, Any]:
    """As the database keeps them."""
    return asdict(facts)


def read_facts(kept: Mapping[str, Any]) -> Facts:
    """What `stored` gave, as it comes back."""
    read: dict[str, Any] = dict(kept)
    for name, row in _ROWS.items():
        read[name] = tuple(row(**each) for each in kept[name])
    return Facts(**read)
