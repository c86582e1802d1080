from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periods.calendars import WorkCalendar
from periods.events import alert_days, event_numbers, event_occurrence, hard_limit
from periods.months import Month, add_months, month_range
from periods.occurrences import Occurrence
from periods.rule_parts import InvalidDueRule, Rule
from tests.periods.adjusted_2026 import CALENDAR_2026

quick = settings(max_examples=60, deadline=None)
anchors = st.dates(date(2020, 1, 1), date(2030, 12, 31))

TERM = {
    "kind": "event_offset",
    "anchor": "term_end",
    "due_offset": {"days": 0},
    "alert_before_months": [6, 3, 1],
    "hard_limit_offset": {"years": 1, "requires": "superior_approval"},
}
PROBATION = {
    "kind": "event_offset",
    "anchor": "probation_end",
    "due_offset": {"months": 1},
    "alert_before_days": [30, 7],
}
TALK = {
    "kind": "event_offset",
    "anchor": "application_received",
    "due_offset": {"months": 1},
    "remind_days_before": [14, 5],
}
REVIEW = {
    "kind": "event_offset",
    "anchor": "activist_date",
    "every": {"months": 6},
    "remind_days_before": [10, 3],
}
TARGET = {"kind": "event_offset", "anchor": "activist_date", "not_before": {"years": 1}}
VACANCY = {"kind": "event_offset", "anchor": "office_vacated", "due_offset": {"months": 2}}
ALL_ONCE: list[dict[str, Any]] = [
    TERM,
    PROBATION,
    TALK,
    TARGET,
    VACANCY,
    {"kind": "event_offset", "anchor": "worker_changed", "due_offset": {"days": 7}},
    {"kind": "event_offset", "anchor": "talk_done", "due_offset": None},
    {"kind": "event_offset", "anchor": "development_target_date", "before": "committee_review"},
    {"kind": "event_offset", "anchor": "training_done", "blocked_if": {"leaving_within_months": 3}},
]


def told(rule: Rule, anchor: date, number: int = 0, calendar: WorkCalendar = CALENDAR_2026) -> Occurrence:
    return event_occurrence(rule, anchor=anchor, calendar=calendar, number=number)


def test_a_term_is_due_by_the_last_workday_before_its_end() -> None:
    found = told(TERM, date(2026, 8, 30))
    assert found == Occurrence(
        key="event",
        opens_on=date(2026, 2, 28),
        due_on=date(2026, 8, 28),
        remind_on=date(2026, 2, 28),
        remind_days=(date(2026, 2, 28), date(2026, 5, 30), date(2026, 7, 30)),
        calendar_known=True,
    )
    assert hard_limit(TERM, date(2026, 8, 30)) == date(2027, 8, 30)


def test_probation_is_announced_before_it_ends_and_decided_after() -> None:
    found = told(PROBATION, date(2026, 5, 31))
    assert (found.opens_on, found.due_on) == (date(2026, 5, 1), date(2026, 6, 30))
    assert found.remind_days == (date(2026, 5, 1), date(2026, 5, 24))


def test_a_talk_opens_at_once_and_is_reminded_before_it_is_due() -> None:
    found = told(TALK, date(2026, 9, 2))
    assert (found.opens_on, found.due_on) == (date(2026, 9, 2), date(2026, 9, 30))
    assert found.remind_days == (date(2026, 9, 16), date(2026, 9, 25))


def test_reminders_never_begin_before_the_event() -> None:
    short = {"kind": "event_offset", "anchor": "worker_changed", "due_offset": {"days": 7}}
    found = told(short | {"remind_days_before": [14, 2]}, date(2026, 11, 2))
    assert found.remind_days == (date(2026, 11, 2), date(2026, 11, 7))
    assert told(short, date(2026, 11, 2)).remind_on == date(2026, 11, 2)


def test_without_reminders_the_last_thirty_days_are_listed() -> None:
    found = told(VACANCY, date(2026, 9, 30))
    assert (found.opens_on, found.remind_on, found.due_on) == (
        date(2026, 9, 30),
        date(2026, 10, 31),
        date(2026, 11, 30),
    )


def test_a_deadline_inside_a_holiday_is_never_before_the_event() -> None:
    rule = {"kind": "event_offset", "anchor": "worker_changed", "due_offset": {"days": 2}}
    found = told(rule, date(2026, 10, 2))
    assert (found.opens_on, found.remind_on, found.due_on) == (date(2026, 10, 2),) * 3


def test_a_waiting_time_opens_when_it_is_over() -> None:
    found = told(TARGET, date(2025, 10, 3))
    assert (found.opens_on, found.remind_on, found.due_on) == (
        date(2026, 10, 3),
        date(2026, 10, 3),
        date(2026, 10, 8),
    )
    assert found.suggested is True


@pytest.mark.parametrize("extra", [{"due_offset": None}, {"before": "pre_review"}, {"due_offset": {}}])
def test_a_duty_without_a_limit_gets_a_suggested_date(extra: dict[str, Any]) -> None:
    found = told({"kind": "event_offset", "anchor": "talk_done"} | extra, date(2026, 1, 31))
    assert (found.due_on, found.suggested) == (date(2026, 4, 30), True)


def test_a_limit_from_the_rule_is_not_a_suggestion() -> None:
    assert [told(rule, date(2026, 3, 2)).suggested for rule in (TERM, PROBATION, TALK, REVIEW)] == [False] * 4


def test_turns_are_counted_from_the_event_itself() -> None:
    found = [told(REVIEW, date(2025, 8, 31), number) for number in (1, 2, 3)]
    assert [(each.key, each.opens_on, each.due_on) for each in found] == [
        ("event#1", date(2025, 8, 31), date(2026, 2, 28)),
        ("event#2", date(2026, 3, 1), date(2026, 8, 31)),
        ("event#3", date(2026, 9, 1), date(2027, 2, 26)),
    ]
    assert found[1].remind_days == (date(2026, 8, 21), date(2026, 8, 28))
    assert [each.calendar_known for each in found] == [True, True, False]


@pytest.mark.parametrize(
    ("month", "numbers"),
    [
        (Month(2025, 7), []),
        (Month(2025, 8), [1]),
        (Month(2026, 2), [1]),
        (Month(2026, 3), [2]),
        (Month(2035, 8), [20]),
    ],
)
def test_the_turns_open_in_a_month(month: Month, numbers: list[int]) -> None:
    assert event_numbers(REVIEW, date(2025, 8, 31), month) == numbers


def test_a_month_may_see_one_turn_end_and_the_next_begin() -> None:
    assert event_numbers(REVIEW, date(2026, 1, 15), Month(2026, 7)) == [1, 2]


def test_the_calendar_decides_a_turn_due_in_the_first_days_of_a_month() -> None:
    anchor, october = date(2026, 4, 1), Month(2026, 10)
    assert event_numbers(REVIEW, anchor, october) == [1, 2]
    assert event_numbers(REVIEW, anchor, october, calendar=CALENDAR_2026) == [2]


def test_a_rule_that_comes_once_has_number_zero_while_it_is_open() -> None:
    months = (Month(2026, n) for n in (8, 9, 10))
    found = [event_numbers(TALK, date(2026, 9, 2), month, calendar=CALENDAR_2026) for month in months]
    assert found == [[], [0], []]


@pytest.mark.parametrize(
    "every", [{"months": 0}, {"months": -6}, {"days": -1, "months": 1}, {"weeks": 2}, "monthly"]
)
def test_a_step_that_does_not_advance_is_refused(every: object) -> None:
    with pytest.raises(InvalidDueRule):
        event_numbers(REVIEW | {"every": every}, date(2026, 1, 1), Month(2026, 11))


def test_a_rule_without_a_second_limit_has_none() -> None:
    assert hard_limit(TALK, date(2026, 9, 2)) is None
    assert alert_days(TALK, date(2026, 9, 2)) == []


@quick
@given(st.sampled_from(ALL_ONCE), anchors, st.sampled_from([CALENDAR_2026, WorkCalendar()]))
def test_once_only_duties_keep_their_order(rule: Rule, anchor: date, calendar: WorkCalendar) -> None:
    found = told(rule, anchor, calendar=calendar)
    assert found.key == "event"
    assert found.opens_on <= found.remind_on == found.remind_days[0] <= found.remind_days[-1] <= found.due_on
    assert found.due_on >= anchor or (
        rule["anchor"] == "term_end" and found.due_on == calendar.on_or_before(anchor)
    )


@quick
@given(anchors, st.integers(1, 24), st.integers(1, 20))
def test_turns_follow_each_other_without_gap(anchor: date, step: int, number: int) -> None:
    rule = REVIEW | {"every": {"months": step}}
    this, following = told(rule, anchor, number), told(rule, anchor, number + 1)
    assert following.opens_on == add_months(anchor, step * number) + timedelta(days=1)
    assert this.opens_on <= this.remind_on <= this.due_on < following.opens_on


@quick
@given(
    anchors,
    st.sampled_from([{"months": 1}, {"months": 6}, {"years": 1}, {"days": 10}, {"days": 45}]),
    anchors,
)
def test_no_open_turn_is_missed(anchor: date, every: dict[str, int], asked: date) -> None:
    rule, month = REVIEW | {"every": every}, Month.of(asked)
    turns = (told(rule, anchor, n, WorkCalendar()) for n in range(1, 420))
    expected = [n for n, turn in enumerate(turns, start=1) if turn.overlaps(month)]
    assert event_numbers(rule, anchor, month) == expected


def test_each_turn_is_found_in_ten_years_of_months() -> None:
    months = month_range(Month(2020, 1), Month(2029, 12))
    found = {n for month in months for n in event_numbers(REVIEW, date(2020, 2, 29), month)}
    assert found == set(range(1, 21))


def test_a_turn_inside_a_weekend_is_never_due_before_it_opens() -> None:
    found = told(REVIEW | {"every": {"days": 1}}, date(2026, 11, 13), 2)
    assert (found.opens_on, found.remind_on, found.due_on) == (date(2026, 11, 15),) * 3
