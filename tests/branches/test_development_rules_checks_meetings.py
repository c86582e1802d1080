"""Recruiting: powers, votes, probation and conversion, met, on the edge and broken."""

from datetime import date

import pytest

from branches.rules import StepOutcome
from branches.rules.development import (
    CheckState,
    StepFact,
)
from periods.calendars import WorkCalendar
from periods.months import add_months, add_years
from tests.branches.ways import DAY, case, check_of, day, meeting, state_of

PLAIN = WorkCalendar()
MET, VIOLATED = CheckState.MET, CheckState.VIOLATED
CAUTION, OPEN = CheckState.CAUTION, CheckState.OPEN
LATE = date(2026, 8, 1)
NOT_PASSED, EXTENDED = StepOutcome.NOT_PASSED, StepOutcome.EXTENDED


@pytest.mark.parametrize("number", [13, 17, 24])
@pytest.mark.parametrize(("power", "state"), [(True, MET), (False, VIOLATED), (None, CAUTION)])
def test_pre_review_power(number: int, power: bool | None, state: CheckState) -> None:
    found = check_of("pre_review_power", case(StepFact(number, LATE, decider_approves=power)), LATE)
    assert (found.state, found.step) == (state, number)


def test_the_worst_of_several_decisions_speaks() -> None:
    good, bad = StepFact(13, LATE, decider_approves=True), StepFact(17, LATE, decider_approves=False)
    last = StepFact(24, LATE, decider_approves=True)
    assert check_of("pre_review_power", case(good, bad, last), LATE).step == 17


@pytest.mark.parametrize(
    ("leaving", "state"),
    [("2026-10-31", CAUTION), ("2026-11-01", CAUTION), ("2026-11-02", OPEN), (None, OPEN)],
)
def test_leaving_3m(leaving: str | None, state: CheckState) -> None:
    facts = case(StepFact(12, LATE), leaving_on=day(leaving) if leaving else None)
    assert state_of("leaving_3m", facts, LATE) is state


def test_who_has_left_is_not_expected_to_leave() -> None:
    gone = check_of("leaving_3m", case(StepFact(12, LATE), leaving_on=LATE), LATE)
    going = check_of("leaving_3m", case(StepFact(12, LATE), leaving_on=LATE + DAY), LATE)
    assert gone.text == "2026-08-01 已离开本单位。"
    assert going.text == "预计 2026-08-02 离开本单位，不到三个月。"


def test_who_was_admitted_long_before_leaving_is_not_held_up() -> None:
    facts = case(StepFact(13, LATE), meeting(15, LATE), leaving_on=day("2027-08-01"))
    assert state_of("leaving_3m", facts, "2027-07-01") is MET


@pytest.mark.parametrize("number", [15, 23])
@pytest.mark.parametrize(
    ("code", "eligible", "present", "approving", "state"),
    [
        ("quorum_half", 10, 5, 5, VIOLATED),
        ("quorum_half", 10, 6, 6, MET),
        ("quorum_half", 11, 6, 6, MET),
        ("quorum_half", 3, 2, 2, MET),
        ("quorum_half", 3, 1, 1, VIOLATED),
        ("quorum_half", 10, 11, 6, CAUTION),
        ("yes_half", 10, 9, 5, VIOLATED),
        ("yes_half", 10, 9, 6, MET),
        ("yes_half", 10, 6, 8, MET),  # two wrote their opinion before
        ("yes_half", 3, 3, 1, VIOLATED),
        ("yes_half", 3, 2, 2, MET),
        ("yes_half", None, 9, 6, CAUTION),
    ],
)
def test_votes_of_the_two_meetings(
    number: int, code: str, eligible: int | None, present: int, approving: int, state: CheckState
) -> None:
    facts = case(meeting(number, LATE, eligible=eligible, present=present, approving=approving))
    found = check_of(code, facts, LATE)
    assert (found.state, found.step) == (state, number)


def test_who_was_not_admitted_needs_no_majority() -> None:
    assert state_of("yes_half", case(meeting(15, LATE, NOT_PASSED, approving=3)), LATE) is MET
    assert state_of("yes_half", case(meeting(15, LATE, NOT_PASSED, approving=6)), LATE) is CAUTION


@pytest.mark.parametrize(("secret", "state"), [(True, MET), (False, VIOLATED), (None, CAUTION)])
def test_secret_one_by_one(secret: bool | None, state: CheckState) -> None:
    assert state_of("secret_one_by_one", case(meeting(15, LATE, secret_ballot=secret)), LATE) is state


@pytest.mark.parametrize(
    ("stated", "state"),
    [(None, MET), ("2027-08-01", MET), ("2027-07-31", VIOLATED), ("2027-08-02", VIOLATED)],
)
def test_probation_1y(stated: str | None, state: CheckState) -> None:
    facts = case(meeting(15, LATE), stated_probation_end=day(stated) if stated else None)
    assert state_of("probation_1y", facts, LATE) is state


@pytest.mark.parametrize(
    ("admitted", "converted", "state"),
    [
        ("2026-08-01", "2027-07-31", VIOLATED),
        ("2026-08-01", "2027-08-01", MET),
        ("2026-08-01", "2027-08-02", MET),
        ("2028-02-29", "2029-02-27", VIOLATED),
        ("2028-02-29", "2029-02-28", MET),
    ],
)
def test_no_early_conversion(admitted: str, converted: str, state: CheckState) -> None:
    facts = case(meeting(15, day(admitted)), meeting(23, day(converted)))
    assert state_of("no_early_conversion", facts, converted) is state


def test_an_end_of_probation_nobody_discussed_is_asked_about() -> None:
    facts = case(meeting(15, LATE))
    assert state_of("no_early_conversion", facts, "2027-09-01") is OPEN
    assert state_of("no_early_conversion", facts, "2027-09-02") is CAUTION


@pytest.mark.parametrize(
    ("months", "state"),
    [([5], VIOLATED), ([6], MET), ([12], MET), ([13], VIOLATED), ([None], CAUTION), ([6, 6], VIOLATED)],
)
def test_extension_once(months: list[int | None], state: CheckState) -> None:
    end = add_years(LATE, 1)
    held = [meeting(23, add_months(end, 6 * n), EXTENDED, months=m) for n, m in enumerate(months)]
    assert state_of("extension_once", case(meeting(15, LATE), *held), "2029-01-01") is state


@pytest.mark.parametrize(("stated", "state"), [(None, MET), ("2027-08-01", MET), ("2027-08-10", VIOLATED)])
def test_seniority_date(stated: str | None, state: CheckState) -> None:
    end = add_years(LATE, 1)
    facts = case(
        meeting(15, LATE),
        meeting(23, end + 9 * DAY),
        StepFact(24, end + 20 * DAY),
        stated_seniority_from=day(stated) if stated else None,
    )
    found = check_of("seniority_date", facts, "2027-12-01")
    assert found.state is state
    assert "2027-08-01" in found.text


@pytest.mark.parametrize(
    ("moved", "held", "state"),
    [
        ("2027-05-01", "2028-02-01", MET),
        ("2027-05-01", "2028-02-02", VIOLATED),
        ("2027-05-01", None, VIOLATED),
        ("2026-08-01", "2028-02-02", MET),  # came before the admission counted: nothing to postpone
        (None, "2028-02-02", MET),
    ],
)
def test_transferred_in_postpone(moved: str | None, held: str | None, state: CheckState) -> None:
    steps = [meeting(15, LATE), *([meeting(23, day(held))] if held else [])]
    facts = case(*steps, moved_in_on=day(moved) if moved else None)
    assert state_of("transferred_in_postpone", facts, "2028-02-02") is state
