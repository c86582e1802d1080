from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periods.calendars import WorkCalendar
from periods.months import Month
from tests.periods.adjusted_2026 import CALENDAR_2026

quick = settings(max_examples=80, deadline=None)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CLOSED = WorkCalendar(special={date(2026, 1, 1) + timedelta(days=n): False for n in range(365)})


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        (Month(2026, 1), date(2026, 1, 4), date(2026, 1, 30)),
        (Month(2026, 2), date(2026, 2, 2), date(2026, 2, 28)),
        (Month(2026, 5), date(2026, 5, 6), date(2026, 5, 29)),
        (Month(2026, 10), date(2026, 10, 8), date(2026, 10, 30)),
        (Month(2027, 1), date(2027, 1, 1), date(2027, 1, 29)),
    ],
)
def test_first_and_last_workday_follow_the_notice(month: Month, first: date, last: date) -> None:
    assert CALENDAR_2026.first_workday(month.first, month.last) == first
    assert CALENDAR_2026.last_workday(month.first, month.last) == last


def test_only_years_with_a_notice_are_known() -> None:
    assert [CALENDAR_2026.is_known(date(year, 1, 1)) for year in (2025, 2026, 2027)] == [False, True, False]


def test_a_range_without_workdays_falls_back_to_its_end() -> None:
    start, end = date(2026, 10, 2), date(2026, 10, 6)
    assert CALENDAR_2026.first_workday(start, end) == end
    assert CALENDAR_2026.last_workday(start, end) == end


def test_a_calendar_without_any_workday_still_answers() -> None:
    day = date(2026, 6, 15)
    assert (CLOSED.on_or_before(day), CLOSED.on_or_after(day)) == (day, day)
    assert CLOSED.first_workday(day, date(2026, 6, 30)) == date(2026, 6, 30)
    assert CLOSED.add_workdays(day, 3) == date(2026, 6, 18)


def test_counting_over_a_long_holiday() -> None:
    assert CALENDAR_2026.workdays_between(date(2026, 9, 28), date(2026, 10, 11)) == 6
    assert CALENDAR_2026.workdays_between(date(2026, 9, 29), date(2026, 9, 28)) == 0
    assert CALENDAR_2026.add_workdays(date(2026, 9, 28), 5) == date(2026, 10, 10)
    assert CALENDAR_2026.add_workdays(date(2026, 10, 8), -1) == date(2026, 9, 30)
    assert CALENDAR_2026.add_workdays(date(2026, 10, 3), 0) == date(2026, 10, 3)


@quick
@given(days)
def test_nearest_workdays_surround_the_day(day: date) -> None:
    before, after = CALENDAR_2026.on_or_before(day), CALENDAR_2026.on_or_after(day)
    assert before <= day <= after
    assert (before == after) == CALENDAR_2026.is_workday(day)
    assert CALENDAR_2026.workdays_between(before, after) == (1 if before == after else 2)


@quick
@given(days, st.integers(1, 60))
def test_adding_workdays_counts_them(day: date, count: int) -> None:
    end = CALENDAR_2026.add_workdays(day, count)
    assert CALENDAR_2026.is_workday(end)
    assert CALENDAR_2026.workdays_between(day + timedelta(days=1), end) == count


@quick
@given(days, st.integers(0, 40))
def test_first_and_last_stay_in_the_range(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    first, last = CALENDAR_2026.first_workday(start, end), CALENDAR_2026.last_workday(start, end)
    assert start <= first <= last <= end
