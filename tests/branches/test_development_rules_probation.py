"""Recruiting: probation, its extension, revocation, and moves during it."""

from datetime import date

from branches.rules import StepOutcome
from branches.rules.development import (
    CaseFacts,
    CheckState,
    PersonState,
    StepFact,
    check_case,
    next_step,
    person_state,
    probation_end_of,
)
from periods.calendars import WorkCalendar
from periods.months import add_months, add_years
from tests.branches.ways import DAY, case, changed, meeting, whole_way

PLAIN = WorkCalendar()
EXTENDED, REVOKED = StepOutcome.EXTENDED, StepOutcome.REVOKED
NOT_PASSED = StepOutcome.NOT_PASSED


def probation(*more: StepFact, **fields: date) -> CaseFacts:
    return case(*(s for s in whole_way(date(2026, 6, 1)) if s.number <= 22), *more, **fields)


END = add_years(next(s.on for s in whole_way(date(2026, 6, 1)) if s.number == 15), 1)


def test_an_extension_moves_the_end_and_the_way_runs_again() -> None:
    extended = changed(meeting(23, END, EXTENDED), 23, {"months": 6})
    waiting = next_step(probation(extended), on=END, calendar=PLAIN)
    assert waiting
    assert (waiting.number, waiting.due_on) == (24, add_months(END, 3))
    answered = StepFact(24, END + 10 * DAY, decider_approves=True, outcome=EXTENDED)
    facts = probation(extended, answered)
    later = add_months(END, 6)
    assert probation_end_of(facts) == later
    assert person_state(facts) is PersonState.PROBATION_EXTENDED
    found = next_step(facts, on=answered.on, calendar=PLAIN)
    assert found
    assert (found.number, found.due_on) == (22, later)
    applied = probation(extended, answered, StepFact(22, later - DAY))
    found = next_step(applied, on=later, calendar=PLAIN)
    assert found
    assert (found.number, found.not_before) == (23, later)
    done = probation(
        extended,
        answered,
        StepFact(22, later - DAY),
        meeting(23, later),
        StepFact(24, later + DAY, decider_approves=True),
    )
    assert person_state(done) is PersonState.FULL
    found = next_step(done, on=later + DAY, calendar=PLAIN)
    assert found
    assert found.number == 25
    assert {c.state for c in check_case(done, on=later + DAY, calendar=PLAIN)} == {CheckState.MET}


def test_a_meeting_that_did_not_pass_may_be_held_again() -> None:
    refused = meeting(23, END, NOT_PASSED, approving=2)
    found = next_step(probation(refused), on=END + DAY, calendar=PLAIN)
    assert found
    assert found.number == 23


def test_a_review_that_was_not_passed_comes_again() -> None:
    steps = [changed(s, 10, {"outcome": NOT_PASSED}) for s in whole_way(date(2026, 6, 1)) if s.number < 12]
    facts = case(*steps)
    found = next_step(facts, on=max(s.last_day for s in steps), calendar=PLAIN)
    assert found
    assert found.number == 10


def test_a_revocation_ends_the_way_once_it_is_approved() -> None:
    said = meeting(23, END, REVOKED)
    found = next_step(probation(said), on=END, calendar=PLAIN)
    assert found
    assert (found.number, person_state(probation(said))) == (24, PersonState.PROBATIONARY)
    facts = probation(said, StepFact(24, END + DAY, decider_approves=True, outcome=REVOKED))
    assert person_state(facts) is PersonState.REVOKED
    assert next_step(facts, on=END + DAY, calendar=PLAIN) is None


def test_a_move_during_probation_gives_six_months_more() -> None:
    facts = probation(moved_in_on=END - 30 * DAY)
    found = next_step(facts, on=END, calendar=PLAIN)
    assert found
    assert (found.number, found.not_before) == (23, END)
    assert (found.due_on, found.hard_limit, found.due_is_advice) == (
        add_months(END, 6),
        add_months(END, 6),
        False,
    )
    usual = next_step(probation(), on=END, calendar=PLAIN)
    assert usual
    assert (usual.due_on, usual.hard_limit, usual.due_is_advice) == (add_months(END, 1), None, True)
