"""Recruiting: every constraint met, on its edge, broken by a day, and not yet asked for."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from branches.rules import StepOutcome
from branches.rules.development import (
    CONSTRAINTS,
    CheckState,
    StepFact,
    check_case,
)
from periods.calendars import WorkCalendar
from periods.months import add_months
from tests.branches.ways import DAY, case, changed, check_of, day, meeting, state_of, whole_way

PLAIN = WorkCalendar()
# The first eight days of October 2026 are off, Saturday the tenth is worked; the year is known.
AUTUMN = WorkCalendar(
    special={date(2026, 10, d): False for d in (1, 2, 5, 6, 7)} | {date(2026, 10, 10): True},
    known_years=frozenset({2026}),
)
MET, VIOLATED = CheckState.MET, CheckState.VIOLATED
CAUTION, OPEN = CheckState.CAUTION, CheckState.OPEN
LATE = date(2026, 8, 1)
NOT_PASSED, EXTENDED = StepOutcome.NOT_PASSED, StepOutcome.EXTENDED


@pytest.mark.parametrize(
    ("birth", "applied", "state"),
    [
        ("2008-06-01", "2026-06-01", MET),
        ("2008-06-02", "2026-06-01", VIOLATED),
        ("2008-05-31", "2026-06-01", MET),
        ("2008-02-29", "2026-02-28", MET),  # the 18th year has no 29 February
        ("2008-02-29", "2026-02-27", VIOLATED),
        (None, "2026-06-01", CAUTION),
    ],
)
def test_age_18(birth: str | None, applied: str, state: CheckState) -> None:
    facts = case(StepFact(1, day(applied)), birth_on=day(birth) if birth else None)
    assert state_of("age_18", facts, applied) is state


# Code, the step it runs from, the step that must come, months.
DEADLINES = [
    ("talk_1m", StepFact(1, LATE), StepFact(2, LATE), 1, VIOLATED),
    ("meeting_1m", StepFact(13, LATE, decider_approves=True), meeting(15, LATE), 1, VIOLATED),
    ("oath_1m", StepFact(17, LATE, decider_approves=True), StepFact(20, LATE), 1, CAUTION),
    ("approval_3m", meeting(15, LATE), StepFact(17, LATE, decider_approves=True), 3, CAUTION),
    ("approval_3m", meeting(15, LATE), StepFact(17, LATE, decider_approves=True), 6, VIOLATED),
    ("conversion_approval_3m", meeting(23, LATE), StepFact(24, LATE, decider_approves=True), 3, VIOLATED),
]
STARTS = [date(2026, 8, 1), date(2027, 1, 31), date(2027, 11, 30), date(2028, 2, 29), date(2028, 8, 31)]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("code", "first", "then", "months", "broken"), DEADLINES)
def test_deadlines_a_day_before_on_and_after(
    code: str, first: StepFact, then: StepFact, months: int, broken: CheckState, start: date
) -> None:
    due, begun = add_months(start, months), replace(first, on=start)
    within = CAUTION if months == 6 else MET
    for on, state in ((due - DAY, within), (due, within), (due + DAY, broken)):
        facts = case(begun, replace(then, on=on))
        assert state_of(code, facts, on) is state, on


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("code", "first", "then", "months", "broken"), DEADLINES)
def test_deadlines_that_are_running(
    code: str, first: StepFact, then: StepFact, months: int, broken: CheckState, start: date
) -> None:
    due, facts = add_months(start, months), case(replace(first, on=start))
    assert state_of(code, facts, due) is (CAUTION if months == 6 else OPEN)
    assert state_of(code, facts, due + DAY) is broken
    assert state_of(code, replace(facts, withdrawn=True), due + DAY) is OPEN


def test_the_last_day_of_a_short_month() -> None:
    assert check_of("talk_1m", case(StepFact(1, day("2027-01-31"))), "2027-02-01").due_on == day("2027-02-28")
    assert check_of("talk_1m", case(StepFact(1, day("2028-01-31"))), "2028-02-01").due_on == day("2028-02-29")


def test_a_day_before_its_own_beginning_is_to_be_looked_at() -> None:
    facts = case(StepFact(1, LATE), StepFact(2, LATE - DAY))
    assert check_of("talk_1m", facts, LATE).advice == "两个日期先后颠倒，请核对。"


@pytest.mark.parametrize(
    ("number", "code", "people", "state"),
    [
        (5, "mentor_full", (True,), MET),
        (5, "mentor_full", (True, True), MET),
        (5, "mentor_full", (True, True, True), VIOLATED),
        (5, "mentor_full", (True, False), VIOLATED),
        (5, "mentor_full", (), CAUTION),
        (9, "introducer_2", (True, True), MET),
        (9, "introducer_2", (True,), VIOLATED),
        (9, "introducer_2", (True, False), VIOLATED),
        (9, "introducer_2", (True, True, True), VIOLATED),
        (9, "introducer_2", (), CAUTION),
    ],
)
def test_who_accompanies(number: int, code: str, people: tuple[bool, ...], state: CheckState) -> None:
    assert state_of(code, case(StepFact(number, LATE, people_full=people)), LATE) is state


@pytest.mark.parametrize(
    ("days", "on", "state"),
    [
        ([], "2027-02-28", OPEN),
        ([], "2027-03-01", VIOLATED),
        (["2027-02-28"], "2027-08-28", OPEN),
        (["2027-02-28"], "2027-08-29", VIOLATED),
        (["2027-02-28", "2027-08-28"], "2028-02-28", OPEN),
        (["2027-03-01"], "2027-03-02", VIOLATED),  # a day late is late, also when it was made up
    ],
)
def test_review_half_year(days: list[str], on: str, state: CheckState) -> None:
    facts = case(StepFact(3, day("2026-08-31")), *(StepFact(6, day(d)) for d in days))
    assert state_of("review_half_year", facts, on) is state


def test_a_late_review_is_not_said_to_be_missing() -> None:
    facts = case(StepFact(3, day("2026-08-31")), StepFact(6, day("2027-03-05")))
    found = check_of("review_half_year", facts, "2027-03-06")
    assert found.text == "2026-08-31 之后，最迟 2027-02-28 应当考察一次，下一次考察登记在 2027-03-05。"


@pytest.mark.parametrize(("target", "state"), [("2027-08-28", MET), ("2027-08-29", VIOLATED)])
def test_reviews_reach_up_to_the_target(target: str, state: CheckState) -> None:
    steps = [StepFact(3, day("2026-08-28")), StepFact(6, day("2027-02-28")), StepFact(7, day(target))]
    assert state_of("review_half_year", case(*steps), "2029-01-01") is state


@pytest.mark.parametrize(
    ("activist", "target", "state"),
    [
        ("2026-08-01", "2027-07-31", VIOLATED),
        ("2026-08-01", "2027-08-01", MET),
        ("2026-08-01", "2027-08-02", MET),
        ("2028-02-29", "2029-02-27", VIOLATED),
        ("2028-02-29", "2029-02-28", MET),
    ],
)
def test_activist_1y(activist: str, target: str, state: CheckState) -> None:
    facts = case(StepFact(3, day(activist)), StepFact(7, day(target)))
    assert state_of("activist_1y", facts, target) is state


@pytest.mark.parametrize(
    ("since", "until", "state", "count"),
    [
        ("2026-09-21", "2026-09-25", MET, 5),
        ("2026-09-21", "2026-09-24", VIOLATED, 4),
        ("2026-09-28", "2026-10-08", VIOLATED, 4),  # the holiday does not count
        ("2026-09-28", "2026-10-09", MET, 5),
        ("2026-10-03", "2026-10-12", VIOLATED, 4),  # a Saturday that is worked does
        ("2026-10-03", "2026-10-13", MET, 5),
    ],
)
def test_notice_5wd_over_a_holiday(since: str, until: str, state: CheckState, count: int) -> None:
    facts = case(StepFact(8, day(since), until=day(until), decider_approves=True))
    found = check_of("notice_5wd", facts, until, AUTUMN)
    assert found.state is state
    assert found.text == f"公示 {since} 至 {until}，共 {count} 个工作日。"


def test_a_notice_in_a_year_without_calendar_says_so() -> None:
    facts = case(StepFact(8, day("2027-07-12"), until=day("2027-07-16")))
    assert "未含调休" in check_of("notice_5wd", facts, "2027-07-16", AUTUMN).text
    short = case(StepFact(8, day("2027-07-12"), until=day("2027-07-15")))
    assert "2027-07-16" in check_of("notice_5wd", short, "2027-07-16", AUTUMN).advice
    unknown = case(StepFact(8, day("2027-07-12")))
    assert state_of("notice_5wd", unknown, "2027-07-16") is CAUTION


@pytest.mark.parametrize(
    ("consent", "later", "state"),
    [
        (StepFact(8, LATE), None, MET),
        (StepFact(8, LATE), StepFact(9, LATE), MET),
        (StepFact(8, LATE), StepFact(9, LATE - DAY), VIOLATED),
        (StepFact(8, LATE, outcome=NOT_PASSED), None, CAUTION),
        (StepFact(8, LATE, outcome=NOT_PASSED), StepFact(9, LATE), VIOLATED),
        (StepFact(8, LATE, decider_approves=False), None, CAUTION),
        (None, StepFact(9, LATE), VIOLATED),
        (None, None, OPEN),
    ],
)
def test_consent_before_target(consent: StepFact | None, later: StepFact | None, state: CheckState) -> None:
    steps = [StepFact(7, LATE - DAY), *(s for s in (consent, later) if s)]
    assert state_of("consent_before_target", case(*steps), LATE) is state


@pytest.mark.parametrize(("known", "state"), [(True, MET), (False, CAUTION)])
def test_introducer_discipline(known: bool, state: CheckState) -> None:
    facts = case(StepFact(9, LATE, people_full=(True, True), introducers_confirmed=known))
    assert state_of("introducer_discipline", facts, LATE) is state


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ((StepFact(10, LATE),), MET),
        ((StepFact(10, LATE), StepFact(12, LATE)), MET),
        ((StepFact(10, LATE), StepFact(12, LATE - DAY)), VIOLATED),
        ((StepFact(10, LATE, outcome=NOT_PASSED),), VIOLATED),
        ((StepFact(9, LATE), StepFact(12, LATE)), CAUTION),
        ((StepFact(9, LATE),), OPEN),
    ],
)
def test_political_review_before(steps: tuple[StepFact, ...], state: CheckState) -> None:
    assert state_of("political_review_before", case(*steps), LATE) is state


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"days": 3}, MET),
        ({"days": 2}, VIOLATED),
        ({"hours": Decimal(24)}, MET),
        ({"hours": Decimal("23.5")}, VIOLATED),
        ({"days": 2, "hours": Decimal(24)}, MET),
        ({}, CAUTION),
    ],
)
def test_training_24h(fields: dict[str, Any], state: CheckState) -> None:
    assert state_of("training_24h", case(StepFact(11, LATE, **fields)), LATE) is state
    skipped = case(StepFact(10, LATE), StepFact(12, LATE))
    assert state_of("training_24h", skipped, LATE) is CAUTION


@pytest.mark.parametrize(
    ("code", "steps"),
    [
        ("notice_5wd", (StepFact(8, day("2026-05-10"), until=day("2026-05-10")),)),
        ("consent_before_target", (StepFact(8, day("2026-05-10")), StepFact(9, day("2026-05-01")))),
        ("introducer_discipline", (StepFact(9, day("2026-05-10")),)),
        ("meeting_1m", (StepFact(13, day("2026-01-01")), meeting(15, day("2026-05-10")))),
        ("oath_1m", (StepFact(17, day("2026-01-01")), StepFact(20, day("2026-05-10")))),
    ],
)
def test_what_is_new_in_2026_is_not_asked_of_the_day_before(code: str, steps: tuple[StepFact, ...]) -> None:
    found = check_of(code, case(*steps), "2026-12-01")
    assert (found.state, found.applies, found.version) == (MET, False, "dev2014")
    later = [replace(s, on=s.on + 10 * DAY, until=s.until and s.until + 10 * DAY) for s in steps]
    again = check_of(code, case(*later), "2026-12-01")
    assert (again.state in (VIOLATED, CAUTION), again.applies, again.version) == (True, True, "dev2026")


@pytest.mark.parametrize(
    ("code", "steps"),
    [
        ("meeting_1m", (StepFact(13, day("2026-04-10")), meeting(15, day("2026-05-11")))),
        ("oath_1m", (StepFact(17, day("2026-04-10")), StepFact(20, day("2026-05-11")))),
        ("consent_before_target", (StepFact(7, day("2026-05-10")), StepFact(9, day("2026-05-11")))),
    ],
)
def test_a_new_limit_whose_time_began_before_it_is_for_a_person_to_judge(
    code: str, steps: tuple[StepFact, ...]
) -> None:
    found = check_of(code, case(*steps), "2026-12-01")
    assert found.state is CAUTION
    assert found.advice.endswith("（待核实）")


# Step, what is moved beyond its limit, and the one constraint that says so.
ONE_DAY_OFF = [
    (2, "talk_1m", DAY, VIOLATED),
    (7, "activist_1y", -DAY, VIOLATED),
    (15, "meeting_1m", DAY, VIOLATED),
    (17, "approval_3m", DAY, CAUTION),
    (20, "oath_1m", DAY, CAUTION),
    (23, "no_early_conversion", -DAY, VIOLATED),
    (24, "conversion_approval_3m", DAY, VIOLATED),
]


@pytest.mark.parametrize(("number", "code", "off", "state"), ONE_DAY_OFF)
@pytest.mark.parametrize("applied", [date(2026, 6, 1), date(2027, 3, 17), date(2028, 2, 29)])
def test_one_day_beyond_one_limit_is_exactly_one_finding(
    number: int, code: str, off: Any, state: CheckState, applied: date
) -> None:
    steps = whole_way(applied)
    moved = next(s for s in steps if s.number == number)
    steps = [changed(s, number, {"on": moved.on + off}) for s in steps if s.number <= number]
    checks = check_case(case(*steps), on=moved.on + off, calendar=PLAIN)
    assert [(c.code, c.state) for c in checks if c.state in (VIOLATED, CAUTION)] == [(code, state)]


def test_every_finding_says_what_to_do_and_on_what_it_rests() -> None:
    steps = [
        changed(s, s.number, {"people_full": (False,), "decider_approves": False, "secret_ballot": False})
        for s in whole_way(date(2026, 6, 1))
    ]
    checks = check_case(case(*steps), on=date(2030, 1, 1), calendar=PLAIN)
    broken = [c for c in checks if c.state in (VIOLATED, CAUTION)]
    assert {c.code for c in broken} == {
        "mentor_full",
        "consent_before_target",
        "introducer_2",
        "pre_review_power",
        "secret_one_by_one",
    }
    for check in checks:
        assert check.text.endswith("。")
        assert (check.advice != "") is (check.state in (VIOLATED, CAUTION))
        assert [b.article for b in check.basis] == list(CONSTRAINTS[check.code].articles)
