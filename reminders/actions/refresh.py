"""The monthly refresh: bring every branch's list in line with the catalogue, the calendar and its facts.

A refresh leaves its own trace, a RefreshRun with its ListChanges; no other log is written.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from branches.actions.development import refresh_cases
from branches.models import DevelopmentCase, Organisation
from jobs.actions import run_once
from jobs.models import JobRun, RunState
from periods.months import Month, month_range, months_between
from reminders.actions.refresh_steps import RefreshResult, run_steps
from reminders.models import RefreshRun
from reminders.queries.plan import Moment
from reminders.rules import RefreshTrigger

# One refresh at a time: two at once would make the same items.
_LOCK = 7_041_201_801
JOB = "reminders.refresh_month"
MADE_UP_MONTHS = 24
# From so many changed organisations on, one refresh of everything is cheaper than one for each.
ALL_AT_ONCE = 200


class MonthTooFar(Exception):
    """Lists are made up to the next month: later facts are not known yet."""

    def __init__(self, month: Month) -> None:
        super().__init__(f"{month.label}还没有到，清单最多提前一个月生成。")


def refresh(
    month: Month,
    *,
    organisation: Organisation | None = None,
    on: date,
    by: User | None = None,
    trigger: RefreshTrigger = RefreshTrigger.COMMAND,
) -> RefreshResult:
    """Bring the month's lists up to date, for everybody or for an organisation and those below it.

    The month of `on` gets everything; a past month only what it lacks, the next month only what it opens.
    Running it again changes nothing. Waits for another refresh. Raises MonthTooFar.
    """
    if months_between(Month.of(on), month) > 1:
        raise MonthTooFar(month)
    with transaction.atomic():
        _wait_for_lock()
        return _refresh_locked(Moment(month, on), organisation, trigger=trigger, by=by)


def refresh_if_stale(organisation: Organisation, *, on: date) -> RefreshResult | None:
    """For pages: refresh the current month when facts changed here.

    Whatever changes above and reaches down (catalogue, calendar, busy seasons, moves) raises the flags below
    as well, so the organisation's own flag tells, and one refresh of it clears what was asked.

    None when nothing changed, when another refresh is under way, and for so large a part of the tree that
    a page could not wait for it; the minute's task does it then.
    """
    if not Organisation.objects.stale().filter(pk=organisation.pk).exists():
        return None
    if not organisation.is_branch and Organisation.objects.within(organisation).count() > ALL_AT_ONCE:
        return None
    with transaction.atomic():
        if not _got_lock():
            return None
        return _refresh_locked(Moment(Month.of(on), on), organisation, trigger=RefreshTrigger.FACTS)


def refresh_due(*, on: date) -> list[RefreshResult]:
    """The daily run: months that were missed, oldest first, then the current one.

    A list made by hand or from a page counts where the daily run never worked; without any list the current
    month only is made. At most MADE_UP_MONTHS are made up.
    """
    current = Month.of(on)
    results: list[RefreshResult] = []
    for month in [*_missed_months(current), current]:
        trigger = RefreshTrigger.SCHEDULE if month == current else RefreshTrigger.MADE_UP
        results += _refresh_marked(month, on=on, trigger=trigger)
    return results


def refresh_stale(*, on: date) -> int:
    """Refresh the current month where facts changed; returns for how many organisations they had."""
    stale = list(Organisation.objects.stale().order_by("path")[: ALL_AT_ONCE + 1])
    if len(stale) > ALL_AT_ONCE:
        refresh(Month.of(on), on=on, trigger=RefreshTrigger.FACTS)
        return len(stale)
    for organisation in stale:
        # A refresh of an organisation above may have covered this one meanwhile.
        if Organisation.objects.stale().filter(pk=organisation.pk).exists():
            refresh(Month.of(on), organisation=organisation, on=on, trigger=RefreshTrigger.FACTS)
    return len(stale)


def _missed_months(current: Month) -> Iterator[Month]:
    done = (
        # Months to come are those of a clock that ran ahead.
        JobRun.objects.filter(job=JOB, state=RunState.DONE, period__lte=str(current))
        .order_by("-period")
        .values_list("period", flat=True)
    )
    last = done.first()
    month = Month.parse(last) if last else _last_refreshed()
    if month is None:
        return
    since = max(month.next(), current.plus(-MADE_UP_MONTHS))
    yield from month_range(since, current.previous())


def _last_refreshed() -> Month | None:
    """The latest month with a list; one made ahead of its month lacks what that month itself brings."""
    begun = RefreshRun.objects.filter(finished_at__isnull=False, started_at__date__gte=F("month"))
    latest = begun.order_by("-month").values_list("month", flat=True).first()
    return Month.of(latest) if latest else None


def _refresh_marked(month: Month, *, on: date, trigger: RefreshTrigger) -> list[RefreshResult]:
    """Refresh and mark the month as done together; a month marked before is refreshed all the same."""
    results: list[RefreshResult] = []

    def effects() -> Mapping[str, Any]:
        results.append(refresh(month, on=on, trigger=trigger))
        return {"created": results[0].created}

    _, first_time = run_once(JOB, str(month), effects)
    if not first_time:
        results.append(refresh(month, on=on, trigger=trigger))
    return results


def _refresh_locked(
    moment: Moment, organisation: Organisation | None, *, trigger: RefreshTrigger, by: User | None = None
) -> RefreshResult:
    if moment.is_current:
        _clear_flags(organisation)
        _refresh_cases(organisation, on=moment.on)
    run = RefreshRun.objects.create(month=moment.month.first, scope=organisation, trigger=trigger, by=by)
    return run_steps(run, moment)


def _refresh_cases(organisation: Organisation | None, *, on: date) -> None:
    """What comes next for each recruit follows the calendar too: derived anew before the facts are read."""
    if not DevelopmentCase.objects.ongoing().exists():
        return
    places = [organisation] if organisation else Organisation.objects.filter(parent=None).order_by("pk")
    for place in places:
        refresh_cases(place, on=on)


def _clear_flags(organisation: Organisation | None) -> None:
    """Before anything is read: a fact that changes meanwhile raises the flag again.

    A flag that somebody else is just raising stays up, because this refresh may not see their fact.
    """
    stale = Organisation.objects.stale()
    free = (stale.within(organisation) if organisation else stale).select_for_update(
        skip_locked=True, no_key=True
    )
    Organisation.objects.filter(pk__in=free.values("pk")).update(facts_changed=False)


def _wait_for_lock() -> None:
    """On SQLite the transaction itself is the lock (settings: transaction_mode IMMEDIATE)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _got_lock() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
