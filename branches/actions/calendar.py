"""The editable working calendar, for the years the kept library does not know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import CalendarDay, Organisation
from branches.rules import Refusal


@dataclass(frozen=True)
class DayData:
    """One day that differs from its weekday."""

    on: date
    workday: bool
    name: str = ""


@transaction.atomic
def set_calendar_days(days: Iterable[DayData], *, by: User | None) -> int:
    """Enter days, replacing what was known of them; returns how many. Raises Refusal."""
    wanted = list(days)
    if len({day.on for day in wanted}) < len(wanted):
        raise Refusal("同一天出现了两次，请核对。")
    CalendarDay.objects.filter(on__in=[day.on for day in wanted]).delete()
    CalendarDay.objects.bulk_create(CalendarDay(on=d.on, workday=d.workday, name=d.name) for d in wanted)
    _calendar_changed()
    detail = {"days": [[day.on, day.workday] for day in wanted]}
    audit.record("branches.calendar_days_set", by=by, detail=detail)
    return len(wanted)


@transaction.atomic
def remove_calendar_day(day: CalendarDay, *, by: User | None) -> None:
    """Take a day back: it counts by its weekday again. Doing it twice changes nothing."""
    if CalendarDay.objects.filter(pk=day.pk).delete()[0]:
        _calendar_changed()
        audit.record("branches.calendar_day_removed", by=by, detail={"on": day.on})


def _calendar_changed() -> None:
    """Every due date may move with the calendar.

    Stale ones are marked again too: a refresh at this moment clears the mark it saw, not this one.
    """
    Organisation.objects.update(facts_changed=True)
