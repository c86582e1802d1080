"""A case that was closed by mistake goes on; what closed it is struck out and stays."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from audit import actions as audit
from branches.actions.development import END_EVENTS, CaseRefused, refresh_case
from branches.actions.facts import mark_changed
from branches.actions.members import correct_event
from branches.actions.once import refused_when_taken
from branches.models import DevelopmentCase, Member
from branches.rules import CaseState, StepOutcome

ARCHIVE, CONVERSION_APPROVAL = 25, 24


@transaction.atomic
def reopen_case(case: DevelopmentCase, *, reason: str, by: User | None, on: date) -> DevelopmentCase:
    """Let a closed case go on. The step and the dated event that ended it are corrected with this reason.

    Raises CaseRefused, EventError.
    """
    member = Member.objects.select_for_update().get(pk=case.member_id)
    row = DevelopmentCase.objects.select_for_update(of=("self",)).select_related("member").get(pk=case.pk)
    if not reason.strip():
        raise CaseRefused("请写明重新打开的原因。")
    if row.state == CaseState.ONGOING:
        raise CaseRefused(f"{member.name}的档案正在办理，不需要重新打开。")
    taken = CaseRefused(f"{member.name}已另有一份正在办理的档案，请在那一份里继续登记。")
    if member.development_cases.ongoing().exists():
        raise taken
    if row.closed_on:
        _strike_ending_step(row, row.closed_on, reason.strip(), by)
        _take_back_event(row, row.closed_on, reason.strip(), by, on)
    was, row.state, row.closed_on, row.closing_note = row.state, CaseState.ONGOING, None, ""
    with refused_when_taken(taken):
        row.save()
    refresh_case(row, on=on)
    mark_changed(member.memberships.values_list("organisation", flat=True))
    detail = {"case": row.pk, "was": str(was), "reason": reason.strip()}
    audit.record("branches.development_reopened", by=by, target=member, detail=detail)
    case.refresh_from_db()
    return case


def _strike_ending_step(row: DevelopmentCase, closed_on: date, reason: str, by: User | None) -> None:
    ending = Q(number=ARCHIVE) | Q(number=CONVERSION_APPROVAL, outcome=StepOutcome.REVOKED)
    steps = row.steps.standing().filter(ending, done_on=closed_on)
    steps.update(corrected_at=Now(), corrected_by=by, correction_reason=reason)


def _take_back_event(row: DevelopmentCase, closed_on: date, reason: str, by: User | None, on: date) -> None:
    kind = END_EVENTS.get(CaseState(row.state))
    event = row.member.events.standing().filter(kind=kind, on=closed_on).first() if kind else None
    if event:
        correct_event(event, reason=reason, by=by, replacement=None, today=on)
