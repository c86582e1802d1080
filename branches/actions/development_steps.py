"""Steps of a case: recorded under the rules of their day, corrected with the old row kept."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from audit import actions as audit
from branches.actions.development import (
    ApplicantData,
    CaseRefused,
    add_applicant,
    finish,
    locked,
    refresh_case,
    start_case,
)
from branches.actions.development_events import amend_event, enter_event
from branches.actions.facts import mark_changed
from branches.actions.once import refused_when_taken
from branches.calendar import work_calendar
from branches.models import DevelopmentCase, DevelopmentStep, Member, Organisation
from branches.models.development import FINAL_OUTCOMES, REPEATED_STEPS
from branches.queries.development_facts import fact_of, picture_of
from branches.rules import CaseState, StepOutcome
from branches.rules.development import STEPS, CaseFacts, Check, CheckState, StepFact, check_case
from branches.rules.development.ahead import GATES
from branches.rules.development_order import out_of_order
from branches.rules.votes import VoteKind, ballot
from periods.calendars import WorkCalendar

APPLICATION, POLITICAL_REVIEW, ADMISSION, CONVERSION, CONVERSION_APPROVAL, ARCHIVE = 1, 10, 15, 23, 24, 25
REVIEWS = (6, 21)
MEETINGS = (ADMISSION, CONVERSION)
# These ask the same of several steps and answer for the worst one: each step is asked by itself.
ASKED_OF_SEVERAL: Mapping[str, tuple[int, ...]] = {
    "pre_review_power": (13, 17, 24),
    "quorum_half": MEETINGS,
    "yes_half": MEETINGS,
    "secret_one_by_one": MEETINGS,
}
LEAVING, LEAVING_ASKED_AT = "leaving_3m", (13, ADMISSION)
# The day is behind us: what came late is entered as it was, with the reason, and stays marked.
LATENESS = frozenset(
    {
        "talk_1m",
        "review_half_year",
        "meeting_1m",
        "approval_3m",
        "oath_1m",
        "conversion_approval_3m",
        "transferred_in_postpone",
    }
)


class StepTaken(CaseRefused):
    """Somebody recorded this step before."""

    def __init__(self, number: int) -> None:
        super().__init__(f"“{STEPS[number].name}”已经登记过，请刷新页面查看；要改的请用“更正”。")


class ExplanationNeeded(CaseRefused):
    """The step may be recorded as it is, but its reason belongs beside it."""

    def __init__(self, checks: list[Check]) -> None:
        said = "；".join(check.text.rstrip("。；") for check in checks)
        super().__init__(f"{said}。确实如此的，请在“说明”中写明原因后再登记。")


@dataclass(frozen=True)
class StepData:
    """One step as it is entered; what a step does not ask for stays empty."""

    done_on: date
    until_on: date | None = None
    decided_by: Organisation | None = None
    people: tuple[Member, ...] = ()
    introducers_confirmed: bool = False
    outcome: StepOutcome = StepOutcome.PASSED
    months: int | None = None
    days: int | None = None
    hours: Decimal | None = None
    eligible: int | None = None
    present: int | None = None
    approving: int | None = None
    secret_ballot: bool | None = None
    document: str = ""
    note: str = ""

    def columns(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "people"}


@transaction.atomic
def open_case(
    who: Member | ApplicantData,
    *,
    applied_on: date,
    by: User | None,
    on: date,
    first: int = APPLICATION,
    data: StepData | None = None,
) -> DevelopmentCase:
    """Open the case of somebody in the roster or of a new applicant, with its first step.

    `first` with its `data` is another step where the earlier ones are in the paper files.
    Raises CaseRefused, ExplanationNeeded, MemberCodeTaken, EventError.
    """
    member = add_applicant(who) if isinstance(who, ApplicantData) else who
    place = who.organisation if isinstance(who, ApplicantData) else None
    case = start_case(member, applied_on=applied_on, by=by)
    record_step(case, first, data or StepData(done_on=applied_on), by=by, on=on, place=place)
    case.refresh_from_db()
    return case


@transaction.atomic
def record_step(
    case: DevelopmentCase,
    number: int,
    data: StepData,
    *,
    by: User | None,
    on: date,
    place: Organisation | None = None,
) -> DevelopmentStep:
    """Record one step and the dated event that goes with it; `on` is today.

    What the text of that day forbids is refused; what it calls usual, and what merely came late, needs
    a note. `place` is the branch of who is in none yet. Raises CaseRefused, ExplanationNeeded, StepTaken,
    EventError.
    """
    row = locked(case)
    _refuse_plain(row, number, data, on)
    _refuse_taken(row, number, data)
    with refused_when_taken(StepTaken(number)):
        step = _write(row, number, data, by)
    picture = picture_of(row, on=on)
    where = picture.place or place
    if where is None:
        raise CaseRefused(f"{row.member.name}现在不在任何党支部，请先登记组织关系转入，或办结这份档案。")
    _refuse_decider(step, where)
    _hold_against_rules(row, step, on=on)
    enter_event(step, place=where, by=by, today=on)
    _remember_admission(row.member, step, before=None)
    _follow(row, step)
    _settle(row, where, on=on)
    detail = {"case": row.pk, "number": number, "on": data.done_on, "outcome": str(step.outcome)}
    audit.record("branches.development_step_recorded", by=by, target=row.member, detail=detail)
    return step


def add_review(
    case: DevelopmentCase, data: StepData, *, number: int, by: User | None, on: date
) -> DevelopmentStep:
    """Record one half-yearly review (6: activist, 21: probationary member). Raises as record_step."""
    if number not in REVIEWS:
        raise CaseRefused("只有培养教育考察和继续教育考察可以登记多次。")
    return record_step(case, number, data, by=by, on=on)


@transaction.atomic
def correct_step(
    step: DevelopmentStep, *, reason: str, replacement: StepData | None, by: User | None, on: date
) -> DevelopmentStep | None:
    """Strike out a step that was recorded wrongly and enter what is right (None: nothing).

    The old row stays with reason, person and time, and so does the old event. A later step that does not
    fit any more is shown, not changed. Raises CaseRefused, ExplanationNeeded, EventError.
    """
    row = locked(step.case)
    if not reason.strip():
        raise CaseRefused("请填写更正原因。")
    if step.number == APPLICATION and replacement is None:
        raise CaseRefused("入党申请是档案的第一步，不能作废；登记错了人的，请办结这份档案并写明原因。")
    struck = DevelopmentStep.objects.standing().filter(pk=step.pk)
    if not struck.update(corrected_at=Now(), corrected_by=by, correction_reason=reason.strip()):
        raise CaseRefused("这一步已经更正过，请刷新页面查看。")
    new = _replace(row, step, replacement, by, on) if replacement else None
    where = _place_of(row, on)
    amend_event(step, new, place=where, reason=reason.strip(), by=by, today=on)
    _remember_admission(row.member, new, before=step)
    if step.number == APPLICATION and new:
        row.opened_on = new.done_on
        row.save()
    if new:
        _follow(row, new)
    _settle(row, where, on=on)
    detail = {"case": row.pk, "number": step.number, "on": step.done_on, "reason": reason.strip()}
    audit.record("branches.development_step_corrected", by=by, target=row.member, detail=detail)
    step.refresh_from_db()
    return new


def _replace(
    row: DevelopmentCase, step: DevelopmentStep, data: StepData, by: User | None, on: date
) -> DevelopmentStep:
    if step.number == APPLICATION:
        row.opened_on = data.done_on
    _refuse_plain(row, step.number, data, on)
    _refuse_taken(row, step.number, data)
    new = _write(row, step.number, data, by)
    _refuse_decider(new, _place_of(row, on))
    _hold_against_rules(row, new, on=on)
    return new


def _place_of(row: DevelopmentCase, on: date) -> Organisation:
    place = picture_of(row, on=on).place
    if place is None:
        raise CaseRefused(f"{row.member.name}不在任何党支部，请先核对人员事项。")
    return place


def _refuse_plain(row: DevelopmentCase, number: int, data: StepData, on: date) -> None:
    name = STEPS[number].name
    if max(data.done_on, data.until_on or data.done_on) > on:
        raise CaseRefused(f"“{name}”的日期还没有到，请在办理之后登记。")
    if data.done_on < row.opened_on:
        raise CaseRefused(f"“{name}”的日期早于申请日期 {row.opened_on:%Y-%m-%d}，请核对。")
    if data.until_on and data.until_on < data.done_on:
        raise CaseRefused("截止日期早于开始日期，请核对。")
    if number == POLITICAL_REVIEW and (data.document or data.note):
        raise CaseRefused("政治审查只登记日期，不记内容，材料请另行保管。")


def _refuse_taken(row: DevelopmentCase, number: int, data: StepData) -> None:
    same = row.steps.standing().filter(number=number)
    if number in REPEATED_STEPS:
        same = same.filter(done_on=data.done_on)
    else:
        # What a superior or a meeting did not pass is taken up again.
        same = same.filter(outcome__in=FINAL_OUTCOMES)
    if same.exists():
        raise StepTaken(number)


def _refuse_decider(step: DevelopmentStep, place: Organisation) -> None:
    decider = step.decided_by
    if decider and (decider.pk == place.pk or not place.path.startswith(decider.path)):
        raise CaseRefused(f"“{decider.name}”不是{place.name}的上级党组织，请重新选择。")


def _write(row: DevelopmentCase, number: int, data: StepData, by: User | None) -> DevelopmentStep:
    outcome = _outcome(row, number, data)
    months = data.months if outcome == StepOutcome.EXTENDED else None
    columns = data.columns() | {"outcome": outcome, "months": months}
    step = DevelopmentStep.objects.create(case=row, number=number, entered_by=by, **columns)
    step.people.set(data.people)
    return step


def _outcome(row: DevelopmentCase, number: int, data: StepData) -> StepOutcome:
    """What a meeting decided follows from its votes; an approval answers the meeting before it."""
    if number in MEETINGS:
        return data.outcome if _carried(number, data) else StepOutcome.NOT_PASSED
    if number == CONVERSION_APPROVAL and data.outcome == StepOutcome.PASSED:
        meetings = row.steps.standing().filter(number=CONVERSION, done_on__lte=data.done_on)
        last = meetings.order_by("done_on", "pk").last()
        return StepOutcome(last.outcome) if last else data.outcome
    return data.outcome


def _carried(number: int, data: StepData) -> bool:
    if data.eligible is None or data.present is None or data.approving is None:
        return True
    vote = ballot(VoteKind.ADMISSION, eligible=data.eligible, present=data.present, approving=data.approving)
    return vote.passed


def _hold_against_rules(row: DevelopmentCase, step: DevelopmentStep, *, on: date) -> None:
    """Refuse what the text of that day forbids; ask for the reason of what came late."""
    facts, calendar = picture_of(row, on=on).facts, work_calendar()
    fact = fact_of(step)
    order = out_of_order(facts, fact)
    if order:
        raise CaseRefused(order)
    # As of the day of the step: what has come due since is no matter of this entry.
    checks = _checks_of(facts, fact, on=fact.last_day, calendar=calendar)
    forbidden = [check for check in checks if _forbids(check)]
    if forbidden:
        raise CaseRefused(
            "；".join(f"{c.text.rstrip('。')}。{c.advice}".rstrip("。") for c in forbidden) + "。"
        )
    late = [check for check in checks if _asks_reason(check)]
    if late and not step.note.strip():
        raise ExplanationNeeded(late)


def _checks_of(facts: CaseFacts, fact: StepFact, *, on: date, calendar: WorkCalendar) -> list[Check]:
    """The checks that concern this step: its own, and those that hold it up."""
    found = []
    for code, alone in _asked_alone(facts, fact).items():
        checks = check_case(alone, on=on, calendar=calendar)
        found += [c for c in checks if c.code == code and c.step == fact.number]
    checks = [c for c in check_case(facts, on=on, calendar=calendar) if c.code not in ASKED_OF_SEVERAL]
    return found + [c for c in checks if _concerns(c, fact.number)]


def _asked_alone(facts: CaseFacts, fact: StepFact) -> dict[str, CaseFacts]:
    """By code, the facts without the other steps of which the same is asked."""
    return {
        code: replace(facts, steps=tuple(s for s in facts.steps if s.number not in numbers or s == fact))
        for code, numbers in ASKED_OF_SEVERAL.items()
        if fact.number in numbers
    }


def _concerns(check: Check, number: int) -> bool:
    if check.code == LEAVING:
        return number in LEAVING_ASKED_AT
    return check.step == number or number in GATES.get(check.code, ())


def _forbids(check: Check) -> bool:
    return check.state is CheckState.VIOLATED and check.code not in LATENESS


def _asks_reason(check: Check) -> bool:
    if check.code == LEAVING:
        return check.state is CheckState.CAUTION
    return check.code in LATENESS and check.state in (CheckState.VIOLATED, CheckState.CAUTION)


def _remember_admission(
    member: Member, new: DevelopmentStep | None, *, before: DevelopmentStep | None
) -> None:
    """The day of the admission is the person's day of joining, unless the roster says another."""
    was = before.done_on if before and before.number == ADMISSION else None
    now = new.done_on if new and new.number == ADMISSION and new.outcome == StepOutcome.PASSED else None
    if was != now and member.joined_on == was:
        Member.objects.filter(pk=member.pk).update(joined_on=now)


def _follow(row: DevelopmentCase, step: DevelopmentStep) -> None:
    """The last step, and the approval that the probationary membership is lost, end the case."""
    if step.number == ARCHIVE:
        finish(row, state=CaseState.COMPLETED, on=step.done_on, note="材料已归档")
    elif step.number == CONVERSION_APPROVAL and step.outcome == StepOutcome.REVOKED:
        note = step.note or "上级党委批准取消预备党员资格"
        finish(row, state=CaseState.REVOKED, on=step.done_on, note=note)


def _settle(row: DevelopmentCase, place: Organisation, *, on: date) -> None:
    if row.state == CaseState.ONGOING:
        refresh_case(row, on=on)
    mark_changed([place])
