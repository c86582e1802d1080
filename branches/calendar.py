"""Leaf: the working calendar, from the kept library and the editable days of later years."""

from datetime import date
from functools import cache

import chinese_calendar

from branches.models import CalendarDay
from periods.calendars import WorkCalendar

_SATURDAY = 5


@cache
def _library_days() -> dict[date, bool]:
    """The library's adjusted days as date → workday; fixed with the installed version."""
    holidays = {day: False for day in chinese_calendar.holidays if day.weekday() < _SATURDAY}
    return holidays | {day: True for day in chinese_calendar.workdays if day.weekday() >= _SATURDAY}


@cache
def library_years() -> frozenset[int]:
    return frozenset(day.year for day in chinese_calendar.holidays)


def work_calendar() -> WorkCalendar:
    """The calendar as it stands now: one query. A year counts as known with its first entered day."""
    entered = dict(CalendarDay.objects.values_list("on", "workday"))
    years = library_years() | {day.year for day in entered}
    return WorkCalendar(special=_library_days() | entered, known_years=years)
