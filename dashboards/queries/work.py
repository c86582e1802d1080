"""What is overdue and due soon today, and the minutes a month asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from branches.rules import BRANCH_KINDS
from dashboards.queries.frame import Frame
from reminders.queries.summaries import (
    ActionCount,
    Behind,
    LoadRow,
    items_behind,
    late_by_action,
    late_counts,
    load,
    soon_by_action,
)


@dataclass(frozen=True)
class ActionLine:
    name: str
    items: int
    places: int
    url: str


@dataclass(frozen=True)
class PlaceLine:
    name: str
    items: int
    url: str


@dataclass(frozen=True)
class Now:
    """Open items of today by what they are, and by who has them, in tree order."""

    total: int
    url: str
    actions: Sequence[ActionLine]
    places: Sequence[PlaceLine] = ()


def late_now(frame: Frame) -> Now:
    """Two statements; of one's own branch one."""
    counts = {} if frame.scope.is_branch else late_counts(frame.places, on=frame.on)
    return _now(frame, "late", late_by_action(frame.places, on=frame.on), counts)


def soon_now(frame: Frame) -> Now:
    """Two statements; of one's own branch one."""
    counts = {} if frame.scope.is_branch else _soon_counts(frame)
    return _now(frame, "soon", soon_by_action(frame.places, on=frame.on), counts)


def _soon_counts(frame: Frame) -> dict[int, int]:
    """How many items are due soon, by organisation."""
    items = items_behind(frame.places, figure=Behind.SOON, month=None, on=frame.on)
    return dict(items.values_list("organisation").annotate(Count("pk")))


def _now(frame: Frame, figure: str, actions: Sequence[ActionCount], counts: Mapping[int, int]) -> Now:
    lines = [
        ActionLine(one.name, one.items, one.places, frame.addresses.items(figure, action=one.action_id))
        for one in actions
    ]
    places = [
        PlaceLine(place.name, counts[place.pk], frame.addresses.items(figure, place=place.code))
        for place in frame.organisations
        if place.pk in counts
    ]
    return Now(sum(line.items for line in lines), frame.addresses.items(figure), lines, places)


@dataclass(frozen=True)
class LoadLine:
    """What one asker asks of the branches by one action."""

    asker: str
    action: str
    items: int
    minutes: int
    url: str


@dataclass(frozen=True)
class AskerLine:
    """Everything one asker asks of the branches."""

    asker: str
    items: int
    minutes: int
    percent: int
    lines: Sequence[LoadLine]
    url: str


@dataclass(frozen=True)
class Load:
    """What the month asks of the branches, together; `over` is how many are asked for more than the budget.

    Which ones is not said: what a branch is asked for is no table of branches.
    """

    items: int
    minutes: int
    url: str
    branches: int
    over: int
    budget: int
    askers: Sequence[AskerLine]

    @property
    def average(self) -> int:
        return round(self.minutes / self.branches) if self.branches else 0

    @property
    def hours(self) -> int:
        return round(self.minutes / 60)

    @property
    def above(self) -> int:
        """By how many minutes the average lies above the budget."""
        return max(self.average - self.budget, 0)

    @property
    def share(self) -> int:
        """The average in per cent of the budget, for a bar that ends at the budget."""
        return min(round(100 * self.average / self.budget), 100) if self.budget else 0


def load_of(frame: Frame, minutes: Sequence[int]) -> Load:
    """One statement. `minutes`: of each branch that stands."""
    rows = load(frame.places.filter(kind__in=sorted(BRANCH_KINDS)), frame.month, on=frame.on)
    total = sum(row.minutes for row in rows)
    askers = list(dict.fromkeys(row.asker for row in rows))
    return Load(
        items=sum(row.items for row in rows),
        minutes=total,
        url=frame.addresses.items("asked", branches=True),
        branches=len(minutes),
        over=sum(each > frame.budget for each in minutes),
        budget=frame.budget,
        askers=[_asker(frame, asker, [row for row in rows if row.asker == asker], total) for asker in askers],
    )


def _asker(frame: Frame, asker: str, rows: Sequence[LoadRow], total: int) -> AskerLine:
    items, minutes = sum(row.items for row in rows), sum(row.minutes for row in rows)
    lines = [
        LoadLine(
            asker,
            row.action,
            row.items,
            row.minutes,
            frame.addresses.items("asked", branches=True, asker=asker, action=row.action_id),
        )
        for row in rows
    ]
    url = frame.addresses.items("asked", branches=True, asker=asker)
    return AskerLine(asker, items, minutes, round(100 * minutes / total) if total else 0, lines, url)
