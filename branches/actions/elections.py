"""Steps of an election: when each was done, with which document."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import ElectionStep, Term
from branches.rules import ElectionStepKind, Refusal


class ElectionRefused(Refusal):
    """The step does not fit the chain."""


@transaction.atomic
def record_step(
    term: Term, *, kind: ElectionStepKind, done_on: date, document: str, by: User | None, today: date
) -> ElectionStep:
    """Write one step down, or mend what was written; the election itself is written as a new term.

    Raises ElectionRefused.
    """
    row = Term.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=term.pk)
    _refuse(row, kind, done_on, today)
    known = row.election_steps.filter(kind=kind).first()
    before = {"done_on": known.done_on, "document": known.document} if known else None
    step = known or ElectionStep(term=row, kind=kind)
    step.done_on, step.document, step.entered_by = done_on, document.strip(), by
    step.save()
    detail = {"kind": str(kind), "term": row.pk, "done_on": done_on, "document": step.document}
    audit.record(
        "branches.election_step_recorded", by=by, target=row.organisation, detail={**detail, "before": before}
    )
    return step


@transaction.atomic
def take_back_step(step: ElectionStep, *, by: User | None) -> None:
    """A step written down by mistake is open again. Raises ElectionRefused."""
    row = ElectionStep.objects.select_for_update(of=("self",)).select_related("term__organisation")
    found = row.filter(pk=step.pk).first()
    if found is None:
        raise ElectionRefused("这个环节已经撤回过，请刷新页面查看。")
    if found.kind == ElectionStepKind.MEETING:
        raise ElectionRefused("选举结果请在组织页面的“变动”中更正。")
    detail = {"kind": found.kind, "term": found.term_id, "done_on": found.done_on, "document": found.document}
    organisation = found.term.organisation
    found.delete()
    audit.record("branches.election_step_taken_back", by=by, target=organisation, detail=detail)


def _refuse(term: Term, kind: ElectionStepKind, done_on: date, today: date) -> None:
    if kind is ElectionStepKind.MEETING:
        raise ElectionRefused("选举结果请用“登记选举结果”登记，新一届任期随之开始。")
    if done_on > today:
        raise ElectionRefused("办理日期还没有到，请在办理之后登记。")
    if done_on < term.elected_on:
        raise ElectionRefused(f"办理日期不能早于本届选举日期 {term.elected_on:%Y-%m-%d}，请核对。")
    done = {ElectionStepKind(k): d for k, d in term.election_steps.values_list("kind", "done_on")}
    if kind is ElectionStepKind.REPORT and ElectionStepKind.MEETING not in done:
        raise ElectionRefused("请先登记选举结果，再登记报批备案。")
    order = list(ElectionStepKind)
    for other, day in done.items():
        if order.index(other) < order.index(kind) and day > done_on:
            raise ElectionRefused(f"办理日期早于“{other.label}”（{day:%Y-%m-%d}），请核对。")
        if order.index(other) > order.index(kind) and day < done_on:
            raise ElectionRefused(f"办理日期晚于“{other.label}”（{day:%Y-%m-%d}），请核对。")
