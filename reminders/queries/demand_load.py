"""Minutes asked of branches in a month, by who asks and by kind, against the time there is for them.

Recomputable by hand:

* items: those due in the month that are neither withdrawn nor not applicable, each with its own minutes;
* outside demands: those in the register on the last day of the month, one twelfth of their year, once for
  every branch they reach;
* the portal itself: items of the month that somebody registered (not those a fact closed), by the minutes of
  the rule `portal_minutes_per_item`;
* the budget of a branch: the hours agreed with its workers' line managers, a week of five workdays by the
  workdays of the month; without an agreement the rule `branch_minutes_budget`.

Branches are those that stand on the last day of the month. What one of them is asked is for its own people.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from branches.calendar import work_calendar
from branches.models import Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.queries.policy import Rules, rules_of
from periods.calendars import WorkCalendar
from periods.months import Month
from reminders.demand_rules import DemandKind, DemandSource, Nature, action_demand, budget_minutes, nature_of
from reminders.models import AgreedTime, OutsideDemand
from reminders.queries.summaries import Behind, asker_of, items_behind, sender_asks
from reminders.rules import ActionKind, ItemState

PORTAL = "本系统"
BUDGET, PER_ITEM = "branch_minutes_budget", "portal_minutes_per_item"
# Fewer branches together would show what one of them is asked.
LEAST_BRANCHES = 3


@dataclass(frozen=True)
class LoadPart:
    """What one asker asks by one kind. `count`: items, or how many times a demand meets a branch."""

    asker: str
    kind: DemandKind
    nature: Nature
    count: int
    minutes: Decimal


@dataclass(frozen=True)
class LoadLine:
    """What one action, task or outside demand asks in the month of all branches together.

    ref: as of the register; action: key of the action behind items, None for what is asked elsewhere.
    """

    source: DemandSource
    ref: str
    name: str
    asker: str
    kind: DemandKind
    nature: Nature
    count: int
    minutes: Decimal
    action: int | None = None


@dataclass(frozen=True)
class BranchLoad:
    """One branch's month; `agreed`: whether its budget rests on agreed hours."""

    minutes: Decimal
    budget: int
    agreed: bool

    @property
    def is_over(self) -> bool:
        return self.minutes > self.budget


@dataclass(frozen=True)
class MonthLoad:
    """All branches of a scope together; `over`: how many are asked for more than their budget."""

    month: Month
    branches: int
    parts: tuple[LoadPart, ...]
    recorded: int
    portal_minutes: int
    budget_minutes: int
    over: int
    agreed: int
    outside: tuple[LoadLine, ...] = ()

    @property
    def minutes(self) -> Decimal:
        return sum((part.minutes for part in self.parts), Decimal(0))

    @property
    def core(self) -> Decimal:
        return self._of(Nature.CORE)

    @property
    def formality(self) -> Decimal:
        return self._of(Nature.FORMALITY)

    @property
    def formality_percent(self) -> int:
        return round(100 * self.formality / self.minutes) if self.minutes else 0

    @property
    def average(self) -> int:
        return round(self.minutes / self.branches) if self.branches else 0

    @property
    def average_budget(self) -> int:
        return round(self.budget_minutes / self.branches) if self.branches else 0

    @property
    def by_asker(self) -> list[tuple[str, Decimal]]:
        return _summed((part.asker, part.minutes) for part in self.parts)

    @property
    def by_kind(self) -> list[tuple[str, Decimal]]:
        return _summed((part.kind.label, part.minutes) for part in self.parts)

    def _of(self, nature: Nature) -> Decimal:
        return sum((part.minutes for part in self.parts if part.nature is nature), Decimal(0))


def _summed(pairs: Iterable[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """Minutes under each word, the most first."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for words, minutes in pairs:
        found[words] += minutes
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def load_of(places: QuerySet[Organisation], month: Month, *, on: date) -> MonthLoad:
    """The month of the branches among these organisations. Six statements, whatever their number."""
    read = _read(places, month, on=on)
    loads = read.by_branch()
    return MonthLoad(
        month=month,
        branches=len(loads),
        parts=read.parts(),
        recorded=sum(read.recorded.values()),
        portal_minutes=sum(read.portal(pk) for pk in loads),
        budget_minutes=sum(load.budget for load in loads.values()),
        over=sum(load.is_over for load in loads.values()),
        agreed=sum(load.agreed for load in loads.values()),
        outside=read.outside_lines(),
    )


def branch_loads(places: QuerySet[Organisation], month: Month, *, on: date) -> dict[int, BranchLoad]:
    """By the key of each branch; nothing a page may show of a branch that is not the reader's own."""
    return _read(places, month, on=on).by_branch()


_Sort = tuple[str, DemandKind, Nature]


@dataclass(frozen=True)
class _Read:
    """A month as read; `items` and `outside` by branch, asker, kind and nature as (count, minutes)."""

    branches: Mapping[int, Organisation]
    items: Mapping[int, Mapping[_Sort, tuple[int, Decimal]]]
    outside: Mapping[int, Sequence[OutsideDemand]]
    recorded: Mapping[int, int]
    hours: Mapping[int, Decimal]
    rules: Mapping[int, Rules]
    workdays: int

    def portal(self, pk: int) -> int:
        return self.recorded.get(pk, 0) * self.rules[pk][PER_ITEM].number

    def by_branch(self) -> dict[int, BranchLoad]:
        return {pk: BranchLoad(self._minutes(pk), self._budget(pk), pk in self.hours) for pk in self.branches}

    def parts(self) -> tuple[LoadPart, ...]:
        """The most minutes first; the portal is an asker like any other."""
        found: dict[_Sort, list[tuple[int, Decimal]]] = defaultdict(list)
        for pk in self.branches:
            for sort, line in self.items.get(pk, {}).items():
                found[sort].append(line)
            for demand in self.outside[pk]:
                found[_outside_sort(demand)].append((1, demand.minutes_a_month))
            if self.recorded.get(pk):
                own = self.recorded[pk], Decimal(self.portal(pk))
                found[(PORTAL, DemandKind.ENTRY, Nature.FORMALITY)].append(own)
        parts = [
            LoadPart(*sort, sum(count for count, _ in lines), sum((m for _, m in lines), Decimal(0)))
            for sort, lines in found.items()
        ]
        return tuple(sorted(parts, key=lambda part: (-part.minutes, part.asker, part.kind)))

    def outside_lines(self) -> tuple[LoadLine, ...]:
        """Each demand with how many branches it meets."""
        met = Counter(demand.pk for demands in self.outside.values() for demand in demands)
        known = {demand.pk: demand for demands in self.outside.values() for demand in demands}
        return tuple(_outside_line(known[pk], branches) for pk, branches in met.items())

    def _minutes(self, pk: int) -> Decimal:
        lines = [minutes for _, minutes in self.items.get(pk, {}).values()]
        lines += [demand.minutes_a_month for demand in self.outside[pk]]
        return sum(lines, Decimal(self.portal(pk)))

    def _budget(self, pk: int) -> int:
        if pk in self.hours:
            return budget_minutes(self.hours[pk], self.workdays)
        return self.rules[pk][BUDGET].number


def _read(places: QuerySet[Organisation], month: Month, *, on: date) -> _Read:
    here = _standing(places, month)
    branches = {place.pk: place for place in here.in_tree_order()}
    items, recorded = _items(here, month, on)
    return _Read(
        branches=branches,
        items=items,
        outside=_outside(branches.values(), month.last),
        recorded=recorded,
        hours=_hours(here, month.last),
        rules=rules_of(branches.values(), on=month.last),
        workdays=month_workdays(month, work_calendar()),
    )


def month_workdays(month: Month, calendar: WorkCalendar) -> int:
    return calendar.workdays_between(month.first, month.last)


# Who did it typed something; what a fact closed cost nobody a tap.
_REGISTERED = Q(state=ItemState.DONE, settled_by="")
_SORTED_BY = (
    "organisation",
    "action__kind",
    "action__organisation__kind",
    "version__basis_level",
    "version__category",
    "version__burden_candidate",
    "action__special_task__demand_kind",
)


def _items(
    places: QuerySet[Organisation], month: Month, on: date
) -> tuple[dict[int, dict[_Sort, tuple[int, Decimal]]], dict[int, int]]:
    """What the portal asks, and how many items were registered, by branch."""
    asked = items_behind(places, figure=Behind.ASKED, month=month, on=on)
    rows = asked.values_list(*_SORTED_BY).annotate(
        Count("pk"), Sum("minutes"), registered=Count("pk", filter=_REGISTERED)
    )
    found: dict[int, dict[_Sort, tuple[int, Decimal]]] = defaultdict(dict)
    recorded: dict[int, int] = defaultdict(int)
    for pk, kind, place, basis, category, candidate, task, count, minutes, registered in rows:
        sort = _sort(kind, place, basis, category, candidate, task)
        before = found[pk].get(sort, (0, Decimal(0)))
        found[pk][sort] = before[0] + count, before[1] + minutes
        recorded[pk] += registered
    return found, recorded


def _sort(
    kind: str, place: str | None, basis: str, category: str, candidate: bool, task: str | None
) -> _Sort:
    if kind == ActionKind.SPECIAL_TASK:
        asked = DemandKind(task or DemandKind.TASK)
        return sender_asks(place), asked, nature_of(asked)
    return asker_of(kind, place, basis), *action_demand(kind, category, candidate)


def _outside(branches: Iterable[Organisation], day: date) -> dict[int, list[OutsideDemand]]:
    """The demands that reach each branch."""
    demands = list(OutsideDemand.objects.at(day).select_related("organisation").order_by("pk"))
    return {
        branch.pk: [demand for demand in demands if branch.path.startswith(demand.organisation.path)]
        for branch in branches
    }


def _outside_sort(demand: OutsideDemand) -> _Sort:
    return demand.asker, DemandKind(demand.kind), Nature(demand.nature)


def _outside_line(demand: OutsideDemand, branches: int) -> LoadLine:
    minutes = demand.minutes_a_month * branches
    return LoadLine(
        DemandSource.OUTSIDE, str(demand.pk), demand.name, *_outside_sort(demand), branches, minutes
    )


def item_lines(places: QuerySet[Organisation], month: Month, *, on: date) -> list[LoadLine]:
    """What the portal asks in the month, action by action, the most minutes first. One statement."""
    asked = items_behind(_standing(places, month), figure=Behind.ASKED, month=month, on=on)
    named = ("action", "action__code", "action__special_task")
    rows = asked.values_list(*named, *_SORTED_BY[1:]).annotate(
        Max("version__name"), Count("pk"), Sum("minutes")
    )
    found: dict[tuple[Any, ...], list[Any]] = {}
    for pk, code, task, *sorts, name, count, minutes in rows:
        source, ref = (DemandSource.TASK, str(task)) if task else (DemandSource.ACTION, code)
        line = found.setdefault((source, ref, pk, _sort(*sorts)), [name, 0, Decimal(0)])
        line[1] += count
        line[2] += minutes
    lines = [
        LoadLine(source, ref, name, asker, kind, nature, count, minutes, pk)
        for (source, ref, pk, (asker, kind, nature)), (name, count, minutes) in found.items()
    ]
    return sorted(lines, key=lambda line: (-line.minutes, line.name))


def _standing(places: QuerySet[Organisation], month: Month) -> OrganisationQuerySet:
    """The branches among these that stand on the last day of the month."""
    here = Organisation.objects.filter(pk__in=places.order_by().values("pk"))
    return here.branches().active(on=month.last)


def _hours(places: QuerySet[Organisation], day: date) -> dict[int, Decimal]:
    """Agreed hours a week by branch; of several workers together."""
    agreed = AgreedTime.objects.at(day).filter(post__organisation__in=places.values("pk"))
    return dict(agreed.values_list("post__organisation").annotate(Sum("hours_a_week")))
