"""What every check asks with, and the ways in which an answer is put."""

from dataclasses import dataclass
from datetime import date

from branches.rules.development.facts import CaseFacts, Check, CheckState, StepFact
from branches.rules.development.texts import (
    CONSTRAINTS,
    CROSSING_TEXT,
    DEV2026_SINCE,
    STEPS,
    Hardness,
    basis_of,
    version_on,
)
from branches.rules.organisations import StepOutcome
from periods.calendars import WorkCalendar
from periods.months import add_months

MET, VIOLATED = CheckState.MET, CheckState.VIOLATED
CAUTION, OPEN = CheckState.CAUTION, CheckState.OPEN
# The worst state of several facts speaks for the constraint.
WORST_FIRST = (VIOLATED, CAUTION, OPEN, MET)


@dataclass(frozen=True, slots=True)
class Asking:
    facts: CaseFacts
    on: date
    calendar: WorkCalendar

    @property
    def begun_at(self) -> int:
        """The first step that was entered: what lies before it is in the paper files."""
        return min((s.number for s in self.facts.steps), default=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many months from one step to another."""

    code: str
    since_step: int
    step: int
    months: int
    start: str  # what the time runs from, in words
    action: str  # what is to be done within it


def ymd(day: date) -> str:
    return f"{day:%Y-%m-%d}"


def passing(fact: StepFact) -> bool:
    return fact.outcome is StepOutcome.PASSED


def answer(
    code: str,
    step: int,
    state: CheckState,
    text: str,
    *,
    day: date,
    advice: str = "",
    applies: bool = True,
    due_on: date | None = None,
) -> Check:
    """One check; `day` is the day of the event and chooses the version of the text."""
    version, rule = version_on(day), CONSTRAINTS[code]
    return Check(
        code=code,
        step=step,
        state=state,
        text=text,
        advice=advice,
        basis=basis_of(rule.articles, version),
        version=version,
        name=rule.text,
        applies=applies,
        due_on=due_on,
    )


def broken(code: str) -> CheckState:
    """What not keeping a constraint means: a soft one (“一般”) is for a person to judge."""
    return VIOLATED if CONSTRAINTS[code].hardness is Hardness.HARD else CAUTION


def not_asked_then(code: str, step: int, day: date) -> Check:
    text = f"办理于 {ymd(day)}，按 2014 年细则办理，当时没有这一要求。"
    return answer(code, step, MET, text, day=day, applies=False)


def too_new(code: str, day: date) -> bool:
    """Whether the text did not yet ask for this on that day."""
    since = CONSTRAINTS[code].since
    return since is not None and day < since


def not_yet(code: str, step: int, ask: Asking) -> Check:
    return answer(code, step, OPEN, f"还没有办到“{STEPS[step].name}”。", day=ask.on)


def in_the_files(code: str, step: int, ask: Asking) -> Check:
    """A step before the first one entered: nothing is known of it, and nothing is held against it."""
    text = f"从第 {ask.begun_at} 步开始登记，此前的办理情况见纸质材料。"
    return answer(code, step, OPEN, text, day=ask.on, applies=False)


def within(limit: Limit, start: StepFact | None, done: StepFact | None, ask: Asking) -> Check:
    """Whether a step came, or can still come, within its months."""
    if start is None:
        return _without_start(limit, done, ask)
    day = done.on if done else ask.on
    if too_new(limit.code, day):
        return _not_due_yet(limit, done, ask)
    due = add_months(start.last_day, limit.months)
    if done is None:
        return _waiting(limit, start, due, ask)
    counted = f"{limit.start} {ymd(start.last_day)}，{limit.action} {ymd(done.on)}，最迟 {ymd(due)}。"
    if done.on < start.on:
        advice = "两个日期先后颠倒，请核对。"
        return answer(limit.code, limit.step, CAUTION, counted, day=day, advice=advice, due_on=due)
    if done.on <= due:
        return answer(limit.code, limit.step, MET, counted, day=day, due_on=due)
    return _exceeded(limit, start, due, counted, day, "请在材料中写明原因，并向上级党委说明。")


def _without_start(limit: Limit, done: StepFact | None, ask: Asking) -> Check:
    if done is None:
        return not_yet(limit.code, limit.step, ask)
    if limit.since_step < ask.begun_at:
        return in_the_files(limit.code, limit.step, ask)
    if too_new(limit.code, done.on):
        return not_asked_then(limit.code, limit.step, done.on)
    text = f"{limit.action} {ymd(done.on)}，没有登记{limit.start}的日期，无法核对期限。"
    return answer(limit.code, limit.step, CAUTION, text, day=done.on, advice="请补登前面的步骤。")


def _not_due_yet(limit: Limit, done: StepFact | None, ask: Asking) -> Check:
    if done is None:
        return not_yet(limit.code, limit.step, ask)
    return not_asked_then(limit.code, limit.step, done.on)


def _waiting(limit: Limit, start: StepFact, due: date, ask: Asking) -> Check:
    counted = f"{limit.start} {ymd(start.last_day)}，{limit.action}最迟 {ymd(due)}"
    if ask.on <= due or ask.facts.withdrawn:
        return answer(limit.code, limit.step, OPEN, f"{counted}。", day=ask.on, due_on=due)
    text = f"{counted}，已经超过 {(ask.on - due).days} 天。"
    return _exceeded(limit, start, due, text, ask.on, "请尽快办理，并在材料中写明原因。")


def _exceeded(limit: Limit, start: StepFact, due: date, text: str, day: date, advice: str) -> Check:
    """A limit that did not exist when its time began is for a person to judge."""
    state = broken(limit.code)
    if CONSTRAINTS[limit.code].since and start.last_day < DEV2026_SINCE:
        state, advice = CAUTION, f"{CROSSING_TEXT}（待核实）"
    return answer(limit.code, limit.step, state, text, day=day, advice=advice, due_on=due)


def worst(checks: list[Check]) -> Check:
    """The answer that weighs most; of equals the latest."""
    return min(reversed(checks), key=lambda check: WORST_FIRST.index(check.state))
