"""What comes next for one person, from when and by when."""

from datetime import date

from branches.rules.development import limits
from branches.rules.development.checks import check_case
from branches.rules.development.facts import CaseFacts, Check, CheckState, NextStep, PersonState
from branches.rules.development.standing import person_state
from branches.rules.development.texts import LAST_STEP, STEPS, basis_of, stage_of, version_on
from branches.rules.development.windows import probation_since, window_of
from branches.rules.organisations import StepOutcome
from periods.calendars import WorkCalendar
from periods.months import add_months

ENDED = frozenset({PersonState.REVOKED, PersonState.WITHDRAWN})
# A review is put before the step it interrupts when it falls due within this time.
REVIEW_AHEAD_MONTHS = 1
# So long before the end of probation the conversion comes before paperwork left over.
CONVERSION_AHEAD_MONTHS = 1
# A failed constraint holds up the steps in its range until it is mended; deadlines hold up nothing.
GATES: dict[str, range] = {
    "age_18": range(2, 4),
    "mentor_full": range(6, 8),
    "notice_5wd": range(9, 16),
    "consent_before_target": range(9, 16),
    "introducer_2": range(10, 16),
    "political_review_before": range(11, 16),
    "training_24h": range(12, 16),
    "pre_review_power": range(14, 26),
    "leaving_3m": range(12, 16),
    "quorum_half": range(16, 26),
    "yes_half": range(16, 26),
    "secret_one_by_one": range(16, 26),
    "no_early_conversion": range(24, 26),
    "extension_once": range(24, 26),
}


def next_step(
    facts: CaseFacts, *, on: date, calendar: WorkCalendar, has_committee: bool = True
) -> NextStep | None:
    """The one step that comes next; None when the way is at its end.

    has_committee: False where a branch is too small for one, so that its general meeting decides.
    Steps of an earlier stage that were passed over are no next step: see missing_steps.
    """
    number = _number(facts, on=on)
    if number is None:
        return None
    step, version = STEPS[number], version_on(on)
    window = window_of(facts, number, on=on, calendar=calendar)
    checks = check_case(facts, on=on, calendar=calendar)
    return NextStep(
        number=number,
        name=step.name_on(version, has_committee=has_committee),
        stage=stage_of(number),
        actor=step.actor_label(has_committee=has_committee),
        record=step.record,
        why=window.why,
        not_before=window.not_before,
        due_on=window.due_on,
        hard_limit=window.hard_limit,
        due_is_advice=window.advice,
        blocked_by=tuple(check for check in checks if _blocks(check, number)),
        basis=basis_of(step.articles, version),
        version=version,
    )


def missing_steps(facts: CaseFacts) -> list[int]:
    """Steps of earlier stages, after the first one entered, that nobody entered."""
    numbers = {s.number for s in facts.steps}
    if not numbers:
        return []
    first = stage_of(max(numbers)).steps[0].number
    return [n for n in range(min(numbers), first) if n not in numbers]


def _blocks(check: Check, number: int) -> bool:
    if number not in GATES.get(check.code, ()):
        return False
    soft = check.code == "leaving_3m" and check.state is CheckState.CAUTION
    return soft or (check.state is CheckState.VIOLATED and check.step < number)


def _number(facts: CaseFacts, *, on: date) -> int | None:
    if person_state(facts) in ENDED:
        return None
    done = _done(facts)
    number = _first_open(facts, done)
    if number == 7:
        return _review_or_target(facts, on=on)
    admitted, end = facts.passed(15), limits.probation_end_of(facts)
    if number is None or admitted is None or end is None or facts.passed(17) is None or number > 23:
        return number
    if on >= add_months(end, -CONVERSION_AHEAD_MONTHS):
        return next(n for n in (22, 23) if n not in done or n == 23)
    if number < 21:
        return number
    due = limits.review_due(facts, 21, start=probation_since(facts, admitted))
    return 21 if due < end else next(n for n in (22, 23) if n not in done or n == 23)


def _first_open(facts: CaseFacts, done: set[int]) -> int | None:
    """The first step not done, from the stage the person has reached on."""
    if not facts.steps:
        return 1
    entered = {s.number for s in facts.steps}
    first = max(min(entered), stage_of(max(entered)).steps[0].number)
    return next((n for n in range(first, LAST_STEP + 1) if n not in done), None)


def _done(facts: CaseFacts) -> set[int]:
    """Numbers that need not be taken again. After an extension the way runs once more from step 21."""
    done = {n for n in STEPS if facts.passed(n)}
    found = limits.rounds(facts)
    if not found:
        return done
    meeting, approved = found[-1]
    if meeting.outcome is StepOutcome.NOT_PASSED:
        return done - {23, 24, 25}
    if approved is None or approved.outcome is StepOutcome.NOT_PASSED:
        return (done | {21, 22, 23}) - {24, 25}
    if meeting.outcome is StepOutcome.EXTENDED:
        applied = any(s.on > meeting.on for s in facts.of(22))
        return done - ({23, 24, 25} if applied else {22, 23, 24, 25})
    return done | {23, 24}


def _review_or_target(facts: CaseFacts, *, on: date) -> int:
    """A half-yearly review comes first when step 7 must wait beyond it, or when it is due soon."""
    activist, earliest = facts.passed(3), limits.earliest_target(facts)
    if activist is None or earliest is None:
        return 7
    due = limits.review_due(facts, 6, start=activist.on)
    return 6 if due <= max(earliest, add_months(on, REVIEW_AHEAD_MONTHS)) else 7
