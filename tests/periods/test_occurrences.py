from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periods.calendars import WorkCalendar
from periods.months import Month, month_range
from periods.occurrences import BusySeason, Occurrence, occurrences
from periods.rule_parts import InvalidDueRule, Rule
from tests.periods.adjusted_2026 import CALENDAR_2026

quick = settings(max_examples=60, deadline=None)

MONTHLY = {
    "kind": "periodic",
    "period": "month",
    "due": "last_workday_of_period",
    "remind_days_before": [10, 3],
}
QUARTERLY = MONTHLY | {"period": "quarter"}
HALF_YEARLY = MONTHLY | {"period": "half_year"}
YEARLY = MONTHLY | {"period": "year"}
PARTY_DAY = MONTHLY | {"fixed_day": "per_branch_setting"}
DISCLOSURE = {"kind": "yearly_window", "start": "12-01", "end": "01-31", "remind_days_before": [30, 10]}
SUMMARY = {"kind": "fixed_date", "dates": ["06-30", "12-31"], "remind_days_before": [10]}
VISITS = {
    "kind": "fixed_window",
    "windows": [["01-01", "02-20"], ["06-20", "07-01"]],
    "remind_days_before": [15],
}
SPECIAL = {"kind": "one_off", "start": "2026-10-26", "end": "2026-11-15", "remind_days_before": [3]}

TOBACCO = BusySeason("08-15", "11-10")
WINTER = BusySeason("12-20", "02-10")
EVERY_MONTH = list(month_range(Month(2020, 1), Month(2030, 12)))

months = st.dates(date(2020, 1, 1), date(2030, 12, 31)).map(Month.of)
month_days = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: f"{day:%m-%d}")
reminders = st.lists(st.integers(0, 366), max_size=3)
seasons = st.lists(st.builds(BusySeason, month_days, month_days), max_size=2)
calendars = st.one_of(
    st.just(CALENDAR_2026),
    st.builds(
        WorkCalendar,
        st.dictionaries(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.booleans(), max_size=20),
        st.just(frozenset({2026})),
    ),
)
periodic = st.fixed_dictionaries(
    {
        "kind": st.just("periodic"),
        "period": st.sampled_from(["month", "quarter", "half_year", "year"]),
        "due": st.sampled_from(["first_workday_of_period", "last_workday_of_period"]),
        "remind_days_before": reminders,
        "fixed_day": st.sampled_from([None, "per_branch_setting"]),
    }
)
windows = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("yearly_window"),
            "start": month_days,
            "end": month_days,
            "remind_days_before": reminders,
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("fixed_date"),
            "dates": st.lists(month_days, min_size=1, max_size=3, unique=True),
            "remind_days_before": reminders,
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("fixed_window"),
            "windows": st.lists(st.tuples(month_days, month_days), min_size=1, max_size=3),
            "remind_days_before": reminders,
        }
    ),
)


def seen(rule: Rule, month: Month, **options: Any) -> list[tuple[str, date, date]]:
    found = occurrences(rule, month=month, calendar=CALENDAR_2026, **options)
    return [(each.key, each.opens_on, each.due_on) for each in found]


def only(rule: Rule, month: Month, calendar: WorkCalendar = CALENDAR_2026, **options: Any) -> Occurrence:
    (found,) = occurrences(rule, month=month, calendar=calendar, **options)
    return found


@pytest.mark.parametrize(
    ("rule", "month", "expected"),
    [
        (MONTHLY, Month(2026, 2), ("2026-02", date(2026, 2, 1), date(2026, 2, 28))),
        (QUARTERLY, Month(2026, 11), ("2026Q4", date(2026, 10, 1), date(2026, 12, 31))),
        (HALF_YEARLY, Month(2026, 7), ("2026H2", date(2026, 7, 1), date(2026, 12, 31))),
        (YEARLY, Month(2026, 7), ("2026", date(2026, 1, 1), date(2026, 12, 31))),
        (DISCLOSURE, Month(2026, 1), ("2025", date(2025, 12, 1), date(2026, 1, 30))),
        (DISCLOSURE, Month(2026, 12), ("2026", date(2026, 12, 1), date(2027, 1, 29))),
        (SUMMARY, Month(2026, 6), ("2026-06-30", date(2026, 6, 1), date(2026, 6, 30))),
        (VISITS, Month(2026, 2), ("2026#1", date(2026, 1, 1), date(2026, 2, 14))),
        (VISITS, Month(2026, 7), ("2026#2", date(2026, 6, 20), date(2026, 7, 1))),
        (SPECIAL, Month(2026, 10), ("once", date(2026, 10, 26), date(2026, 11, 13))),
        (SPECIAL, Month(2026, 11), ("once", date(2026, 10, 26), date(2026, 11, 13))),
    ],
)
def test_each_kind_by_the_calendar(rule: Rule, month: Month, expected: tuple[str, date, date]) -> None:
    assert seen(rule, month) == [expected]


@pytest.mark.parametrize(
    ("rule", "month"),
    [
        (DISCLOSURE, Month(2026, 11)),
        (SUMMARY, Month(2026, 5)),
        (VISITS, Month(2026, 3)),
        (SPECIAL, Month(2026, 12)),
    ],
)
def test_nothing_outside_the_window(rule: Rule, month: Month) -> None:
    assert seen(rule, month) == []


def test_the_first_workday_waits_for_the_holiday_to_end() -> None:
    rule = {
        "kind": "periodic",
        "period": "month",
        "due": "first_workday_of_period",
        "remind_days_before": [0],
    }
    found = only(rule, Month(2026, 10))
    assert (found.due_on, found.remind_days) == (date(2026, 10, 8), (date(2026, 10, 8),))


def test_reminders_rise_and_never_begin_before_the_window() -> None:
    found = only(DISCLOSURE, Month(2025, 12))
    assert (found.remind_on, found.remind_days) == (
        date(2025, 12, 31),
        (date(2025, 12, 31), date(2026, 1, 20)),
    )
    january = {"kind": "yearly_window", "start": "01-01", "end": "01-31", "remind_days_before": [30, 10]}
    assert only(january, Month(2026, 1)).remind_days == (date(2026, 1, 1), date(2026, 1, 20))


def test_without_reminders_the_window_itself_is_the_reminder() -> None:
    found = only({"kind": "one_off", "start": "2026-11-02", "end": "2026-11-20"}, Month(2026, 11))
    assert (found.remind_on, found.remind_days) == (date(2026, 11, 2), (date(2026, 11, 2),))


def test_two_windows_of_one_month_come_in_order() -> None:
    rule = {"kind": "fixed_window", "windows": [["06-20", "07-01"], ["06-01", "06-10"]]}
    assert [key for key, _, _ in seen(rule, Month(2026, 6))] == ["2026#2", "2026#1"]


def test_a_fixed_date_may_open_in_the_month_before() -> None:
    rule = {"kind": "fixed_date", "dates": ["10-08"], "remind_days_before": [15]}
    assert seen(rule, Month(2026, 9)) == [("2026-10-08", date(2026, 9, 23), date(2026, 10, 8))]


def test_a_fixed_date_on_a_holiday_is_due_before_it() -> None:
    rule = {"kind": "fixed_date", "dates": ["10-05"]}
    assert seen(rule, Month(2026, 9)) == [("2026-10-05", date(2026, 9, 30), date(2026, 9, 30))]


def test_29_february_is_the_last_day_of_february() -> None:
    rule = {"kind": "yearly_window", "start": "02-01", "end": "02-29"}
    plain = WorkCalendar()
    assert [only(rule, Month(year, 2), plain).due_on for year in (2024, 2027, 2028)] == [
        date(2024, 2, 29),
        date(2027, 2, 26),
        date(2028, 2, 29),
    ]


def test_dates_beyond_the_notice_are_marked() -> None:
    known = [only(DISCLOSURE, month).calendar_known for month in (Month(2026, 1), Month(2026, 12))]
    assert known == [True, False]
    assert only(MONTHLY, Month(2027, 3)).calendar_known is False


def test_event_rules_have_no_occurrence_by_the_calendar() -> None:
    assert seen({"kind": "event_offset", "anchor": "term_end"}, Month(2026, 11)) == []


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"kind": "weekly"},
        {"kind": "periodic", "period": "week"},
        {"kind": "periodic", "period": "month", "due": "soon"},
        {"kind": "yearly_window", "start": "13-01", "end": "12-31"},
        {"kind": "one_off", "start": "2026-11-31", "end": "2026-12-01"},
        {"kind": "periodic", "period": "month", "remind_days_before": ["ten"]},
    ],
)
def test_a_rule_nobody_can_follow_is_refused(rule: Rule) -> None:
    with pytest.raises(InvalidDueRule):
        occurrences(rule, month=Month(2026, 11), calendar=CALENDAR_2026)


@pytest.mark.parametrize(
    ("month", "day", "busy", "due"),
    [
        (Month(2026, 7), 5, [TOBACCO], date(2026, 7, 6)),
        (Month(2026, 9), 5, [TOBACCO], date(2026, 9, 30)),
        (Month(2026, 10), 5, [], date(2026, 10, 8)),
        (Month(2026, 11), 11, [TOBACCO], date(2026, 11, 11)),
        (Month(2026, 1), 15, [TOBACCO, WINTER], date(2026, 1, 30)),
        (Month(2026, 2), 11, [WINTER], date(2026, 2, 11)),
        (Month(2027, 2), 28, [], date(2027, 2, 26)),
    ],
)
def test_a_fixed_day_moves_within_its_month(
    month: Month, day: int, busy: Sequence[BusySeason], due: date
) -> None:
    assert only(PARTY_DAY, month, fixed_day=day, busy=busy).due_on == due


def test_the_fixed_day_of_a_quarter_is_in_its_last_month() -> None:
    rule = QUARTERLY | {"fixed_day": "per_branch_setting"}
    assert seen(rule, Month(2026, 10), fixed_day=15) == [("2026Q4", date(2026, 10, 1), date(2026, 12, 15))]


def test_the_fixed_day_touches_only_rules_that_leave_it_to_the_branch() -> None:
    assert only(MONTHLY, Month(2026, 9), fixed_day=5, busy=[TOBACCO]).due_on == date(2026, 9, 30)
    assert only(PARTY_DAY, Month(2026, 9)).due_on == date(2026, 9, 30)


@pytest.mark.parametrize("day", [0, 29, -1])
def test_a_fixed_day_every_month_has(day: int) -> None:
    with pytest.raises(InvalidDueRule) as refused:
        only(PARTY_DAY, Month(2026, 9), fixed_day=day)
    assert str(refused.value) == "固定日请填 1 至 28。"


@pytest.mark.parametrize(
    ("season", "covered"),
    [
        (TOBACCO, [False, True, True, False]),
        (WINTER, [True, False, False, True]),
        (BusySeason("01-01", "12-31"), [True, True, True, True]),
    ],
)
def test_a_season_may_cross_the_new_year(season: BusySeason, covered: list[bool]) -> None:
    asked = [date(2026, 2, 10), date(2026, 8, 15), date(2026, 11, 10), date(2026, 12, 20)]
    assert [season.covers(day) for day in asked] == covered


@quick
@given(calendars, seasons, st.none() | st.integers(1, 28), st.integers(2020, 2030), reminders)
def test_busy_seasons_never_lower_the_minimum(
    calendar: WorkCalendar, busy: list[BusySeason], fixed_day: int | None, year: int, before: list[int]
) -> None:
    for period, count in (("month", 12), ("quarter", 4), ("half_year", 2), ("year", 1)):
        rule = PARTY_DAY | {"period": period, "remind_days_before": before}
        found = {
            only(rule, month, calendar, fixed_day=fixed_day, busy=busy)
            for month in month_range(Month(year, 1), Month(year, 12))
        }
        assert len(found) == len({each.key for each in found}) == count
        assert {each.due_on.year for each in found} == {year}


@quick
@given(periodic, calendars, seasons, st.none() | st.integers(1, 28), months)
def test_a_period_is_the_same_in_each_of_its_months(
    rule: Rule, calendar: WorkCalendar, busy: list[BusySeason], day: int | None, month: Month
) -> None:
    found = only(rule, month, calendar, fixed_day=day, busy=busy)
    length = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[rule["period"]]
    last = Month.of(found.opens_on).plus(length - 1)
    assert found.opens_on <= month.first <= month.last <= last.last
    assert found.opens_on <= found.remind_on <= found.due_on <= last.last
    again = [
        only(rule, m, calendar, fixed_day=day, busy=busy) for m in month_range(Month.of(found.opens_on), last)
    ]
    assert again == [found] * length


@quick
@given(windows, calendars, months)
def test_a_window_is_found_in_each_month_it_overlaps(
    rule: Rule, calendar: WorkCalendar, month: Month
) -> None:
    for found in occurrences(rule, month=month, calendar=calendar):
        touched = list(month_range(Month.of(found.opens_on), Month.of(found.due_on)))
        around = [touched[0].previous(), *touched, touched[-1].next()]
        where = [m for m in around if found in occurrences(rule, month=m, calendar=calendar)]
        assert where == touched
        assert found.remind_days == tuple(sorted(set(found.remind_days)))
        assert found.opens_on <= found.remind_on == found.remind_days[0]
        assert found.remind_days[-1] <= found.due_on


@quick
@given(windows, calendars, months)
def test_keys_are_unique_in_a_month(rule: Rule, calendar: WorkCalendar, month: Month) -> None:
    keys = [found.key for found in occurrences(rule, month=month, calendar=calendar)]
    assert len(keys) == len(set(keys))


@quick
@given(month_days, month_days, calendars)
def test_a_yearly_window_comes_once_a_year_whatever_the_order_asked(
    start: str, end: str, calendar: WorkCalendar
) -> None:
    rule = {"kind": "yearly_window", "start": start, "end": end, "remind_days_before": [30]}
    forwards = {o.key: o for m in EVERY_MONTH for o in occurrences(rule, month=m, calendar=calendar)}
    backwards = {
        o.key: o for m in reversed(EVERY_MONTH) for o in occurrences(rule, month=m, calendar=calendar)
    }
    assert forwards == backwards
    assert sorted(set(forwards) - {"2019"}) == [str(year) for year in range(2020, 2031)]
    for key, found in forwards.items():
        assert found.opens_on.year == int(key)
        assert found.opens_on <= found.due_on <= date(int(key) + (start > end), 12, 31)
        assert found.due_on - found.opens_on <= timedelta(days=366)


def test_a_reminder_may_begin_more_than_a_year_ahead() -> None:
    rule = {"kind": "fixed_date", "dates": ["01-01"], "remind_days_before": [366]}
    (found,) = occurrences(rule, month=Month(2026, 12), calendar=WorkCalendar())[1:]
    assert (found.key, found.opens_on, found.due_on) == ("2028-01-01", date(2026, 12, 30), date(2027, 12, 31))


def test_a_due_date_moved_out_of_an_unknown_year_is_still_marked() -> None:
    rule = {"kind": "fixed_date", "dates": ["01-01"]}
    found = only(rule, Month(2027, 12), WorkCalendar(known_years=frozenset({2027})))
    assert (found.key, found.due_on, found.calendar_known) == ("2028-01-01", date(2027, 12, 31), False)
