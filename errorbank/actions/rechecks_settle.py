"""Answers to rechecks and what follows from each: by stored data, by not being drawn, by the branch's end.

Below the schedule; people answer through errorbank.actions.rechecks, in the same words.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Post
from branches.rules import Refusal
from errorbank.actions.findings_write import FindingData, write_finding
from errorbank.actions.series import end_series, go_on
from errorbank.models import Finding, FindingStep, Recheck
from errorbank.rules import (
    CauseLevel,
    ErrorCategory,
    FindingState,
    RecheckState,
    Severity,
    Source,
    StepKind,
)
from errorbank.rules.rechecks import mode_of


class RecheckRefused(Refusal):
    """The recheck cannot be answered like this, or not by this person."""


class RecheckDone(RecheckRefused):
    """Somebody else was first."""

    def __init__(self, recheck: Recheck) -> None:
        who = recheck.verifier_name or "系统"
        when = f"{recheck.done_on:%Y-%m-%d} " if recheck.done_on else ""
        state = RecheckState(recheck.state).label
        super().__init__(f"这次复查{when}已由{who}登记为“{state}”，没有重复登记。")


@transaction.atomic
def settle_by_data(recheck: Recheck, *, hits: list[str], happened_on: date, on: date) -> Recheck:
    """What the stored data said on the recheck's day. Raises RecheckDone."""
    row = locked_recheck(recheck)
    row.evidence = {"words": hits}
    if hits:
        fail(row, "；".join(hits)[:300], by=None, on=on, happened_on=happened_on)
        return row
    settle(row, RecheckState.PASSED, result="系统核对数据，没有再次出现", on=on)
    lead_on(row, by=None, on=on)
    return row


@transaction.atomic
def leave_out(recheck: Recheck, *, on: date) -> Recheck:
    """The sample did not take it: the series goes on without a look. Raises RecheckDone."""
    row = locked_recheck(recheck)
    settle(row, RecheckState.NOT_DRAWN, result="未抽中，不另行复查", on=on)
    lead_on(row, by=None, on=on)
    return row


@transaction.atomic
def hand_over(recheck: Recheck) -> Recheck:
    """Stored data cannot tell any more: people look, or a sample. Raises RecheckDone."""
    row = locked_recheck(recheck)
    row.mode = mode_of(Severity(row.finding.severity), decidable=False)
    row.save(update_fields=["mode"])
    return row


@transaction.atomic
def give_up(recheck: Recheck) -> Recheck:
    """The branch is dissolved: nobody looks any more, what was closed stays closed. Raises RecheckDone."""
    row = locked_recheck(recheck)
    ended = row.finding.organisation.dissolved_on
    assert ended is not None  # noqa: S101 - only rechecks of dissolved branches are given up
    row.state, row.result = RecheckState.CANCELLED, "支部已撤销，不再复查"
    row.save(update_fields=["state", "result"])
    _step(row.finding, StepKind.RECHECKED, FindingState.CLOSED, on=ended, by=None, text=row.result)
    audit.record("errorbank.recheck_cancelled", by=None, target=row.finding, detail={"stage": row.stage})
    return row


def locked_recheck(recheck: Recheck) -> Recheck:
    """The finding before its recheck, as everywhere. Raises RecheckDone."""
    Finding.objects.select_for_update(of=("self",)).get(pk=recheck.finding_id)
    rows = Recheck.objects.select_for_update(of=("self",)).select_related(
        "finding__organisation", "finding__entry__published", "finding__responsible_post__member"
    )
    row = rows.get(pk=recheck.pk)
    if row.state != RecheckState.WAITING:
        raise RecheckDone(row)
    return row


def settle(row: Recheck, state: RecheckState, *, result: str, on: date) -> None:
    row.state, row.result, row.done_on, row.done_at = state, result, on, timezone.now()
    row.save()
    mark_lists(row)
    audit.record(
        f"errorbank.recheck_{state}",
        by=row.verifier,
        target=row.finding,
        detail={"stage": row.stage, "on": on},
    )


def lead_on(row: Recheck, *, by: User | None, on: date) -> None:
    finding = row.finding
    if go_on(finding, after=row, on=on) is None:
        _step(finding, StepKind.RECHECKED, FindingState.CLOSED, on=on, by=by, text="复查全部通过")


def fail(row: Recheck, result: str, *, by: User | None, on: date, happened_on: date) -> Finding:
    finding = row.finding
    data = FindingData(
        source=Source.RECHECK,
        happened_on=happened_on,
        entry=finding.entry,
        category=ErrorCategory(finding.category),
        severity=Severity(finding.severity),
        problem=finding.problem,
        detail=result,
        measure=finding.measure,
        action_code=finding.action_code,
        responsible=_still_there(finding, on),
        self_reported=finding.self_reported,
    )
    made = write_finding(finding.organisation, data=data, by=by, on=on, repeat_of=finding)
    row.new_finding = made
    settle(row, RecheckState.FAILED, result=result, on=on)
    end_series(finding)
    _step(finding, StepKind.FAILED, FindingState.CLOSED, on=on, by=by, text=result)
    Finding.objects.filter(pk=made.pk).update(cause=CauseLevel(finding.cause))
    return made


def _still_there(finding: Finding, on: date) -> Post | None:
    """Who answers for it, where that person still holds the post."""
    post = finding.responsible_post
    return Post.objects.at(on).filter(pk=post.pk).first() if post else None


def _step(
    finding: Finding, kind: StepKind, state: FindingState, *, on: date, by: User | None, text: str
) -> None:
    Finding.objects.filter(pk=finding.pk).update(state=state)
    FindingStep.objects.create(finding=finding, kind=kind, on=on, text=text[:600], by=by)


def mark_lists(row: Recheck) -> None:
    """The fixer's list and the verifier's."""
    places = {row.finding.organisation_id}
    if row.verifier_id:
        posts = Post.objects.filter(user=row.verifier_id) | Post.objects.filter(member__user=row.verifier_id)
        places |= set(posts.filter(until=None).values_list("organisation", flat=True))
    mark_changed(places)
