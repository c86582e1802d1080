from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periods.months import (
    Month,
    UnknownMonth,
    add_months,
    add_years,
    month_range,
    months_between,
    shift_months_keep_month_end,
)

quick = settings(max_examples=80, deadline=None)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
months = days.map(Month.of)


def test_a_written_month_is_read_and_written_back() -> None:
    month = Month.parse(" 2026-11 ")
    assert month == Month(2026, 11)
    assert (str(month), month.label) == ("2026-11", "2026 年 11 月")
    assert (month.first, month.last) == (date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        "202611",
        "2026-11-01",
        "1899-12",
        "2200-01",
        "２０２６-１１",
        "<b>",
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(UnknownMonth) as refused:
        Month.parse(text)
    assert str(refused.value) == f"没有认出月份“{text}”，请写成“2026-11”这样的形式。"


def test_a_long_text_is_not_repeated_in_full() -> None:
    with pytest.raises(UnknownMonth) as refused:
        Month.parse("9" * 5000)
    assert str(refused.value) == f"没有认出月份“{'9' * 20}”，请写成“2026-11”这样的形式。"


def test_a_month_number_outside_the_year_cannot_be_built() -> None:
    with pytest.raises(UnknownMonth):
        Month(2026, 13)


def test_neighbours_cross_the_year() -> None:
    assert Month(2026, 12).next() == Month(2027, 1)
    assert Month(2026, 1).previous() == Month(2025, 12)
    assert Month(2026, 11).plus(-23) == Month(2024, 12)
    assert list(month_range(Month(2026, 11), Month(2027, 1))) == [
        Month(2026, 11),
        Month(2026, 12),
        Month(2027, 1),
    ]
    assert list(month_range(Month(2026, 11), Month(2026, 10))) == []


def test_a_month_knows_its_days() -> None:
    assert [date(2026, 10, 31) in Month(2026, 11), date(2026, 11, 1) in Month(2026, 11)] == [False, True]
    assert Month(2026, 2).day(30) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("day", "count", "plain", "month_end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28), date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29), date(2028, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 2, 28), 1, date(2026, 3, 28), date(2026, 3, 31)),
        (date(2028, 2, 28), 1, date(2028, 3, 28), date(2028, 3, 28)),
        (date(2026, 4, 30), -2, date(2026, 2, 28), date(2026, 2, 28)),
        (date(2026, 6, 30), 6, date(2026, 12, 30), date(2026, 12, 31)),
        (date(2026, 8, 31), -6, date(2026, 2, 28), date(2026, 2, 28)),
    ],
)
def test_month_ends(day: date, count: int, plain: date, month_end: date) -> None:
    assert add_months(day, count) == plain
    assert shift_months_keep_month_end(day, count) == month_end


def test_leap_day_anniversaries() -> None:
    assert [add_years(date(2024, 2, 29), n) for n in (1, 4)] == [date(2025, 2, 28), date(2028, 2, 29)]


@quick
@given(months)
def test_text_and_steps_come_back(month: Month) -> None:
    assert Month.parse(str(month)) == month
    assert month.next().previous() == month
    assert month.last + timedelta(days=1) == month.next().first


@quick
@given(months, st.integers(-130, 130))
def test_a_step_is_as_long_as_it_says(month: Month, count: int) -> None:
    assert months_between(month, month.plus(count)) == count
    assert (month < month.plus(count)) == (count > 0)


@quick
@given(days, st.integers(-130, 130))
def test_adding_months_lands_in_the_month_and_never_later_in_it(day: date, count: int) -> None:
    added = add_months(day, count)
    assert Month.of(added) == Month.of(day).plus(count)
    assert added.day == min(day.day, Month.of(added).last.day)


@quick
@given(months, st.integers(-130, 130))
def test_a_last_day_stays_a_last_day(month: Month, count: int) -> None:
    assert shift_months_keep_month_end(month.last, count) == month.plus(count).last
