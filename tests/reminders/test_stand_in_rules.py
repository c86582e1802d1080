"""Days of leave: at the edges of months and years, and how they are said."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.stand_in_rules import LONGEST_DAYS, days_trouble, leave_days, leave_line

ON = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (date(2026, 11, 10), date(2026, 11, 20), "11 月 10 日—20 日"),
        (date(2026, 11, 10), date(2026, 11, 10), "11 月 10 日"),
        (date(2026, 11, 30), date(2026, 12, 6), "11 月 30 日—12 月 6 日"),
        (date(2028, 2, 28), date(2028, 2, 29), "2 月 28 日—29 日"),
        (date(2026, 12, 31), date(2027, 1, 1), "2026 年 12 月 31 日—2027 年 1 月 1 日"),
    ],
)
def test_days_are_said_shortly(since: date, until: date, words: str) -> None:
    assert leave_days(since, until) == words
    assert leave_line("张三", "李四", since, until) == f"张三 {words}请假，由李四代办"


@pytest.mark.parametrize(
    ("since", "until", "trouble"),
    [
        (ON, ON, ""),
        (ON, ON + timedelta(days=LONGEST_DAYS - 1), ""),
        (ON, ON + timedelta(days=LONGEST_DAYS), "一次最多安排 92 天；时间更长的，建议办理工作交接。"),
        (ON - timedelta(days=1), ON, "开始日期请选今天或以后的日期。"),
        (ON + timedelta(days=2), ON + timedelta(days=1), "结束日期不能早于开始日期。"),
    ],
)
def test_which_days_can_be_arranged(since: date, until: date, trouble: str) -> None:
    assert days_trouble(since, until, on=ON) == trouble


@given(on=st.dates(date(2020, 1, 1), date(2035, 12, 31)), length=st.integers(0, 200))
def test_leave_from_today_fits_up_to_its_longest(on: date, length: int) -> None:
    assert (days_trouble(on, on + timedelta(days=length), on=on) == "") == (length < LONGEST_DAYS)
