"""When something leaves: quiet hours over midnight, waiting after a try in vain."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.rules import (
    LONGEST_ASKED,
    MORNING_SPREAD,
    SPREAD,
    TRIES,
    WAITS,
    is_quiet,
    leave_at,
    retry_at,
    retry_wait,
)

CHINA = ZoneInfo("Asia/Shanghai")
EVENING, MORNING = time(20), time(7, 30)
MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MOMENTS = st.builds(
    lambda day, hour: datetime.combine(day, hour, tzinfo=CHINA),
    st.dates(date(2024, 1, 1), date(2034, 1, 1)),
    st.times(),
)
SEEDS = st.integers(0, 10**12)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        ("2026-11-22 19:59:59.999999", "2026-11-22 19:59:59.999999"),
        ("2026-11-22 20:00", "2026-11-23 07:30"),
        ("2026-11-22 23:59:59", "2026-11-23 07:30"),
        ("2026-11-30 22:00", "2026-12-01 07:30"),
        ("2028-02-28 21:00", "2028-02-29 07:30"),
        ("2027-02-28 21:00", "2027-03-01 07:30"),
        ("2026-12-31 21:00", "2027-01-01 07:30"),
        ("2026-11-22 00:00", "2026-11-22 07:30"),
        ("2026-11-22 07:29:59.999999", "2026-11-22 07:30"),
        ("2026-11-22 07:30", "2026-11-22 07:30"),
    ],
)
def test_nothing_leaves_between_evening_and_morning(moment: str, leaves: str) -> None:
    assert leave_at(at(moment), start=EVENING, end=MORNING) == at(leaves)


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [("11:59", "11:59"), ("12:00", "14:00"), ("13:59", "14:00"), ("14:00", "14:00"), ("00:00", "00:00")],
)
def test_quiet_hours_within_one_day(moment: str, leaves: str) -> None:
    day = "2026-11-22 "
    assert leave_at(at(day + moment), start=time(12), end=time(14)) == at(day + leaves)


@given(MOMENTS, MINUTES)
def test_equal_times_mean_no_quiet_hours(moment: datetime, hour: time) -> None:
    assert leave_at(moment, start=hour, end=hour) == moment


@given(MOMENTS, MINUTES, MINUTES, SEEDS)
def test_what_leaves_is_never_quiet_never_early_and_at_most_a_day_late(
    moment: datetime, start: time, end: time, seed: int
) -> None:
    leaves = leave_at(moment, start=start, end=end)
    again = retry_at(moment, start=start, end=end, seed=seed)
    assert [is_quiet(each.time(), start=start, end=end) for each in (leaves, again)] == [False, False]
    assert moment <= leaves <= again <= leaves + MORNING_SPREAD
    assert leaves - moment < timedelta(days=1)
    assert leaves == moment or leaves.time() == end


@given(MINUTES, MINUTES, MINUTES)
def test_a_time_is_quiet_in_exactly_one_of_two_opposite_spans(hour: time, start: time, end: time) -> None:
    spans = [is_quiet(hour, start=start, end=end), is_quiet(hour, start=end, end=start)]
    assert spans.count(True) == (0 if start == end else 1)


@given(st.integers(1, TRIES - 1), SEEDS)
def test_each_wait_is_its_own_and_a_little_more(tried: int, seed: int) -> None:
    wait = retry_wait(tried, seed=seed)
    least = WAITS[min(tried, len(WAITS)) - 1]
    assert wait is not None
    assert least <= wait <= least * (1 + SPREAD)
    assert wait == retry_wait(tried, seed=seed)


def test_waits_grow_from_a_minute_to_half_a_day() -> None:
    assert [retry_wait(tried, seed=0) for tried in range(1, 9)] == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=3),
        timedelta(hours=6),
        timedelta(hours=12),
        timedelta(hours=12),
    ]


@given(SEEDS)
def test_trying_goes_on_for_three_days_and_a_night(seed: int) -> None:
    waits = [retry_wait(tried, seed=seed) for tried in range(1, TRIES)]
    total = sum((wait for wait in waits if wait is not None), timedelta())
    assert timedelta(days=3, hours=10) < total < timedelta(days=4, hours=3)
    assert [retry_wait(tried, seed=seed) for tried in (TRIES, TRIES + 1)] == [None, None]


def test_a_hundred_rows_do_not_knock_at_once() -> None:
    waits = {retry_wait(4, seed=seed) for seed in range(1, 101)}
    assert len(waits) == 100
    night = at("2026-11-22 23:00")
    mornings = {retry_at(night, start=EVENING, end=MORNING, seed=seed) for seed in range(1, 101)}
    assert len(mornings) == 100


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (None, timedelta(minutes=1)),
        (timedelta(seconds=5), timedelta(minutes=1)),
        (timedelta(minutes=-5), timedelta(minutes=1)),
        (timedelta(minutes=10), timedelta(minutes=10)),
        (timedelta(days=400), LONGEST_ASKED),
    ],
)
def test_who_asks_for_time_gets_it_within_a_day(asked: timedelta | None, waits: timedelta) -> None:
    assert retry_wait(1, seed=0, asked=asked) == waits


def test_a_moment_of_another_zone_is_read_where_it_is() -> None:
    moment = datetime(2026, 11, 22, 12, tzinfo=UTC).astimezone(CHINA)
    assert leave_at(moment, start=EVENING, end=MORNING) == at("2026-11-23 07:30")
