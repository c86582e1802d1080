"""The working calendar: library years, entered years, unknown years."""

from datetime import date

import pytest

from branches.calendar import work_calendar
from branches.models import CalendarDay

pytestmark = pytest.mark.django_db


def test_a_library_year_needs_no_rows() -> None:
    calendar = work_calendar()
    days = [date(2026, 2, 14), date(2026, 2, 17), date(2026, 10, 1), date(2026, 10, 10), date(2026, 11, 20)]
    assert [calendar.is_workday(day) for day in days] == [True, False, False, True, True]
    assert all(calendar.is_known(day) for day in days)


def test_a_later_year_goes_by_the_weekday_until_a_day_is_entered() -> None:
    new_year = date(2027, 1, 1)
    before = work_calendar()
    CalendarDay.objects.create(on=new_year, workday=False, name="元旦")
    CalendarDay.objects.create(on=date(2027, 1, 2), workday=True)
    after = work_calendar()
    assert (before.is_workday(new_year), before.is_known(new_year)) == (True, False)
    assert (after.is_workday(new_year), after.is_known(new_year)) == (False, True)
    assert after.is_workday(date(2027, 1, 2))
    assert not after.is_known(date(2028, 1, 1))


def test_it_takes_one_query(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest's own
    with django_assert_num_queries(1):
        work_calendar()
