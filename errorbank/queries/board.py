"""Findings of many branches together: what they are about, what comes back, and how often.

As in the figures of the error bank: counted by the day something happened, in the twelve months that end with
the month, and only what was written down by then; what a branch reported itself is kept apart. A repeat is a
finding registered as one. `places` is a query set of organisations and goes into the statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncMonth

from branches.models import Organisation
from errorbank.models import Finding
from errorbank.models.finding import FindingQuerySet
from errorbank.rules import ErrorCategory
from errorbank.rules.figures import WINDOW_MONTHS, Share, Span
from periods.months import Month, months_between

_REPEATED = Q(repeat_of__isnull=False)
# An error that happened once did not come back.
LEAST_TIMES = 2


@dataclass(frozen=True)
class CategoryCount:
    """`found`: how many happened; `repeated`: how many of them were registered as repeats."""

    category: str
    name: str
    found: int
    repeated: int
    places: int


@dataclass(frozen=True)
class RepeatedEntry:
    """One entry of the bank that was found more than once: in how many branches, how often."""

    entry_id: int
    code: str
    problem: str
    branches: int
    times: int
    repeated: int


def findings_behind(places: QuerySet[Organisation], span: Span, *, repeated: bool = False) -> FindingQuerySet:
    """What happened in the twelve months, or what of it was registered as a repeat."""
    found = Finding.objects.counted().filter(
        organisation__in=_keys(places),
        happened_on__range=(span.window.first, span.day),
        found_on__lte=span.day,
    )
    return found.filter(_REPEATED) if repeated else found


def categories(places: QuerySet[Organisation], span: Span) -> list[CategoryCount]:
    """Every category that has any, in the order of the bank. One statement."""
    rows = findings_behind(places, span).values_list("category")
    found = {
        category: counts
        for category, *counts in rows.annotate(
            Count("pk"), repeated=Count("pk", filter=_REPEATED), places=Count("organisation", distinct=True)
        )
    }
    return [CategoryCount(c.value, str(c.label), *found[c]) for c in ErrorCategory if c in found]


def repeats(places: QuerySet[Organisation], span: Span) -> list[RepeatedEntry]:
    """Entries found at least twice, the most frequent first, in today's words. One statement."""
    rows = findings_behind(places, span).exclude(entry=None).values_list("entry", "entry__code")
    counted = rows.annotate(
        problem=Max("entry__published__problem"),
        branches=Count("organisation", distinct=True),
        times=Count("pk"),
        repeated=Count("pk", filter=_REPEATED),
    )
    found = [_entry(row) for row in counted.filter(times__gte=LEAST_TIMES)]
    return sorted(found, key=lambda row: (-row.times, row.code))


def repeat_shares(places: QuerySet[Organisation], months: Sequence[Month]) -> dict[Month, Share]:
    """Of each month: repeats among what happened in the twelve months that end with it. One statement."""
    if not months:
        return {}
    first = min(months).plus(1 - WINDOW_MONTHS)
    rows = (
        Finding.objects.counted()
        .filter(organisation__in=_keys(places), happened_on__range=(first.first, max(months).last))
        .values_list(TruncMonth("happened_on"), TruncMonth("found_on"))
        .annotate(Count("pk"), repeated=Count("pk", filter=_REPEATED))
    )
    counted = [_Counted(Month.of(happened), Month.of(found), *n) for happened, found, *n in rows]
    return {month: _share([row for row in counted if row.counts_in(month)]) for month in months}


@dataclass(frozen=True)
class _Counted:
    """Findings by the month they happened in and the month they were written down in."""

    happened: Month
    found: Month
    whole: int
    repeated: int

    def counts_in(self, month: Month) -> bool:
        return self.found <= month and 0 <= months_between(self.happened, month) < WINDOW_MONTHS


def _share(rows: Sequence[_Counted]) -> Share:
    return Share(sum(row.repeated for row in rows), sum(row.whole for row in rows))


def _entry(row: Sequence[Any]) -> RepeatedEntry:
    entry, code, problem, *counts = row
    return RepeatedEntry(entry, code, problem or code, *counts)


def _keys(places: QuerySet[Organisation]) -> QuerySet[Organisation, Any]:
    return places.order_by().values("pk")
