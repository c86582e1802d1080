"""One person's way into the Party as facts, for the tests of the rules."""

from datetime import date, timedelta
from typing import Any

from branches.rules import StepOutcome
from branches.rules.development import CaseFacts, Check, CheckState, StepFact, check_case
from periods.calendars import WorkCalendar
from periods.months import add_months, add_years

DAY = timedelta(days=1)
PLAIN = WorkCalendar()


def day(text: str) -> date:
    return date.fromisoformat(text)


def case(*steps: StepFact, **fields: Any) -> CaseFacts:
    opened = min((s.on for s in steps), default=date(2026, 6, 1))
    known: dict[str, Any] = {"opened_on": opened, "birth_on": date(1990, 5, 1), **fields}
    return CaseFacts(steps=tuple(steps), **known)


def meeting(number: int, on: date, outcome: StepOutcome = StepOutcome.PASSED, **fields: Any) -> StepFact:
    counted: dict[str, Any] = {"eligible": 10, "present": 9, "approving": 8, "secret_ballot": True, **fields}
    return StepFact(number, on, outcome=outcome, **counted)


def whole_way(applied: date) -> list[StepFact]:
    """Every step on its last or first allowed day, or close behind the one before."""
    activist = applied + 40 * DAY
    target = add_years(activist, 1)
    notice = target + DAY
    reviewed = notice + 60 * DAY
    admitted = add_months(reviewed, 1)
    approved = add_months(admitted, 3)
    end = add_years(admitted, 1)
    halves = [add_months(admitted, 6)]
    return [
        StepFact(1, applied),
        StepFact(2, add_months(applied, 1)),
        StepFact(3, activist),
        StepFact(4, activist + DAY),
        StepFact(5, activist + DAY, people_full=(True, True)),
        StepFact(6, add_months(activist, 6)),
        StepFact(6, add_months(add_months(activist, 6), 6)),
        StepFact(7, target),
        StepFact(8, notice, until=notice + 20 * DAY, decider_approves=True),
        StepFact(9, notice + 20 * DAY, people_full=(True, True), introducers_confirmed=True),
        StepFact(10, notice + 30 * DAY),
        StepFact(11, notice + 35 * DAY, days=3),
        StepFact(12, notice + 40 * DAY),
        StepFact(13, reviewed, decider_approves=True),
        StepFact(14, reviewed + DAY),
        meeting(15, admitted),
        StepFact(16, admitted + 10 * DAY),
        StepFact(17, approved, decider_approves=True),
        StepFact(18, approved + DAY),
        StepFact(19, approved + DAY),
        StepFact(20, add_months(approved, 1)),
        *(StepFact(21, d) for d in halves),
        StepFact(22, end - DAY),
        meeting(23, end),
        StepFact(24, add_months(end, 3), decider_approves=True),
        StepFact(25, add_months(end, 3) + DAY),
    ]


def changed(step: StepFact, number: int, change: dict[str, Any]) -> StepFact:
    if step.number != number:
        return step
    fields = {name: getattr(step, name) for name in StepFact.__slots__} | change
    return StepFact(**fields)


def state_of(code: str, facts: CaseFacts, on: str | date, calendar: WorkCalendar = PLAIN) -> CheckState:
    return check_of(code, facts, on, calendar).state


def check_of(code: str, facts: CaseFacts, on: str | date, calendar: WorkCalendar = PLAIN) -> Check:
    moment = day(on) if isinstance(on, str) else on
    return next(c for c in check_case(facts, on=moment, calendar=calendar) if c.code == code)
