"""Branch × state for a month, and who is missing for an action.

Set-based: the number of queries does not grow with the number of branches.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from accounts.models import User
from branches.models import Organisation
from branches.rules import BRANCH_KINDS, OrganisationKind
from periods.labels import period_label
from periods.months import Month
from reminders.buckets import COUNTED, Bucket, in_bucket, of_month
from reminders.models import ReminderItem
from reminders.models.item import ReminderItemQuerySet
from reminders.rules import OPEN_STATES, ItemState

PERMISSION = "reminders.view_overview"
# Who keeps a list: branches, and the general branch with its own items.
LISTED_KINDS = frozenset({OrganisationKind.GENERAL_BRANCH, *BRANCH_KINDS})


@dataclass(frozen=True)
class OverviewRow:
    code: str
    name: str
    counts: list[tuple[Bucket, int]]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)


def listed_organisations(user: User, *, on: date, search: str = "") -> QuerySet[Organisation]:
    """Organisations of the overview in tree order; `search` is part of a name or code."""
    found = (
        Organisation.objects.permitted_to(user, PERMISSION, on=on)
        .active(on=on)
        .filter(kind__in=sorted(LISTED_KINDS))
    )
    if search:
        found = found.filter(Q(name__icontains=search) | Q(code__icontains=search))
    return found.in_tree_order()


def overview_rows(organisations: Iterable[Organisation], *, month: Month, on: date) -> list[OverviewRow]:
    """One row per organisation, in the order given. One query."""
    places = list(organisations)
    counts = {bucket.value: Count("pk", filter=in_bucket(bucket, on=on)) for bucket in COUNTED}
    asked = ReminderItem.objects.filter(
        of_month(month, on=on), organisation__in=[place.pk for place in places]
    )
    rows: Iterable[Any] = asked.values("organisation").annotate(**counts)
    found: dict[int, Mapping[str, int]] = {row["organisation"]: row for row in rows}
    return [_row(place, found.get(place.pk, {})) for place in places]


def _row(place: Organisation, counts: Mapping[str, int]) -> OverviewRow:
    return OverviewRow(place.code, place.name, [(b, counts.get(b.value, 0)) for b in COUNTED])


def totals(rows: Iterable[OverviewRow]) -> list[tuple[Bucket, int]]:
    summed = dict.fromkeys(COUNTED, 0)
    for row in rows:
        for bucket, count in row.counts:
            summed[bucket] += count
    return list(summed.items())


def overview_items(
    user: User, *, month: Month, on: date, bucket: Bucket | None, organisation: str
) -> QuerySet[ReminderItem]:
    """The items behind a number of the overview."""
    places = listed_organisations(user, on=on).order_by()
    if organisation:
        places = places.filter(code=organisation)
    items = ReminderItem.objects.filter(of_month(month, on=on), organisation__in=places)
    if bucket is not None:
        items = items.filter(in_bucket(bucket, on=on))
    return items.for_list().order_by("organisation__level", "organisation__code", "due_on", "pk")


@dataclass(frozen=True)
class MissingAction:
    """One action in one period: how many of those it was asked of have not done it."""

    action_id: int
    name: str
    period: str
    due_on: date
    asked: int
    missing: int

    @property
    def period_words(self) -> str:
        return period_label(self.period)


def missing_actions(user: User, *, month: Month, on: date) -> list[MissingAction]:
    """Every action and period on the month's lists that somebody has not done, by due date. Two queries."""
    counted = _counted(user, on=on)
    listed = counted.filter(of_month(month, on=on), state__in=sorted(OPEN_STATES))
    pairs = set(listed.values_list("action", "period").distinct())
    rows = (
        # All items of these periods, also those that are done or not yet listed.
        counted.filter(action__in={action for action, _ in pairs}, period__in={period for _, period in pairs})
        .values("action", "period")
        .annotate(
            name=Max("version__name"),
            due=Max("due_on"),
            asked=Count("pk"),
            missing=Count("pk", filter=Q(state__in=sorted(OPEN_STATES))),
        )
        .order_by("due", "name", "period")
    )
    return [
        MissingAction(row["action"], row["name"], row["period"], row["due"], row["asked"], row["missing"])
        for row in rows
        if (row["action"], row["period"]) in pairs
    ]


def _counted(user: User, *, on: date) -> ReminderItemQuerySet:
    """Items that are asked of somebody: neither withdrawn nor without object."""
    items = ReminderItem.objects.permitted_to(user, PERMISSION, on=on)
    return items.exclude(state__in=[ItemState.WITHDRAWN, ItemState.NOT_APPLICABLE])


def action_items(user: User, *, action: int, period: str, on: date) -> QuerySet[ReminderItem]:
    """All items of one action in one period that count, in tree order."""
    return (
        _counted(user, on=on)
        .filter(action=action, period=period)
        .for_list()
        .order_by("organisation__level", "organisation__code", "due_on", "pk")
    )
