"""Steps people take with findings, from being written down to being closed.

What was due in the branch until today is settled first, then the row is locked.
"""

from datetime import date

from django.db import transaction

from accounts.models import User
from branches.actions.facts import mark_changed
from branches.models import Organisation, Post
from errorbank.actions.catching_up import catch_up
from errorbank.actions.findings_write import (
    FindingData,
    FindingRefused,
    locked_finding,
    move_finding,
    note_step,
    refuse_names,
    sent_before,
    write_finding,
)
from errorbank.actions.series import begin_series
from errorbank.actions.telling import tell_returned
from errorbank.models import Finding
from errorbank.queries.keeping import fixers
from errorbank.rules import CauseLevel, FindingState, StepKind


@transaction.atomic
def record_finding(organisation: Organisation, *, data: FindingData, by: User | None, on: date) -> Finding:
    """Write a problem of one branch down; `on` is today. A form sent twice is one. Raises FindingRefused."""
    catch_up([organisation.pk], on=on)
    if there := sent_before(organisation, data=data, by=by, on=on):
        return there
    made = write_finding(organisation, data=data, by=by, on=on)
    refuse_names(made, made.problem, made.detail, made.measure, on=on)
    return made


@transaction.atomic
def start_rectifying(finding: Finding, *, by: User | None, on: date) -> Finding:
    """Raises WrongState."""
    move_finding(_caught_up(finding, on), StepKind.STARTED, by=by, on=on)
    return _fresh(finding)


@transaction.atomic
def submit_finding(finding: Finding, *, text: str, by: User | None, on: date) -> Finding:
    """The branch says what came of it. Raises WrongState, FindingRefused."""
    said = _said(text, "请写明整改的结果。")
    refuse_names(finding, said, on=on)
    move_finding(_caught_up(finding, on), StepKind.SUBMITTED, text=said, by=by, on=on)
    return _fresh(finding)


@transaction.atomic
def return_finding(
    finding: Finding, *, reason: str, by: User | None, on: date, deadline_on: date | None = None
) -> Finding:
    """Sent back with a reason, and a new deadline where one is given. Raises WrongState, FindingRefused."""
    said = _said(reason, "请写明退回的原因。")
    refuse_names(finding, said, on=on)
    row = locked_finding(finding)
    if deadline_on is not None:
        if deadline_on < on:
            raise FindingRefused("整改期限不能早于今天，请重新填写。")
        row.deadline_on = deadline_on
    tell_returned(row, move_finding(row, StepKind.RETURNED, text=said, by=by, on=on), by=by, on=on)
    return _fresh(finding)


@transaction.atomic
def close_finding(
    finding: Finding, *, by: User | None, on: date, text: str = "", cause: CauseLevel | None = None
) -> Finding:
    """Approved: closed on that day, and the series of rechecks begins. Raises WrongState, FindingRefused."""
    refuse_names(finding, text, on=on)
    row = locked_finding(finding)
    if by is not None and by.pk in fixers(row):
        raise FindingRefused("整改人不能审核自己的整改，请由他人审核。")
    row.closed_on = on
    row.cause = cause or row.cause
    move_finding(row, StepKind.CLOSED, text=text.strip(), by=by, on=on)
    begin_series(row, on=on)
    return _fresh(finding)


@transaction.atomic
def accept_finding(
    finding: Finding, *, owner: Organisation, until: date, reason: str, by: User | None, on: date
) -> Finding:
    """The branch cannot fix it: put off until a day, with the level that can as its owner.

    Raises WrongState, FindingRefused.
    """
    refuse_names(finding, reason, on=on)
    row = _caught_up(finding, on)
    if until <= on:
        raise FindingRefused("暂缓的截止日期请填今天以后的日期。")
    if not row.organisation.path.startswith(owner.path):
        raise FindingRefused("请选择本支部或其上级组织作为解决问题的单位。")
    row.accepted_until, row.accepted_owner = until, owner
    move_finding(row, StepKind.ACCEPTED, text=_said(reason, "请写明条件不具备的原因。"), by=by, on=on)
    return _fresh(finding)


@transaction.atomic
def reassign_finding(
    finding: Finding, *, post: Post | None, deadline_on: date, reason: str, by: User | None, on: date
) -> Finding:
    """Another person or another day. Raises FindingRefused."""
    refuse_names(finding, reason, on=on)
    row = _caught_up(finding, on)
    if row.state not in {FindingState.OPEN, FindingState.RECTIFYING, FindingState.SUBMITTED}:
        raise FindingRefused("这个问题已经不在整改中，不能调整。")
    if deadline_on < on:
        raise FindingRefused("整改期限不能早于今天，请重新填写。")
    if post is not None and post.organisation_id != row.organisation_id:
        raise FindingRefused("责任人请在被查支部的任职人员中选择。")
    row.responsible_post, row.responsible_name = post, post.holder_name if post else ""
    row.deadline_on = deadline_on
    row.save()
    note_step(row, StepKind.REASSIGNED, on=on, by=by, text=_said(reason, "请写明调整的原因。"))
    mark_changed([row.organisation_id])
    return _fresh(finding)


def _said(text: str, otherwise: str) -> str:
    if not text.strip():
        raise FindingRefused(otherwise)
    return text.strip()


def _caught_up(finding: Finding, on: date) -> Finding:
    """Locked, as it stands after what was due until today."""
    catch_up([finding.organisation_id], on=on, findings=[finding.pk])
    return locked_finding(finding)


def _fresh(finding: Finding) -> Finding:
    finding.refresh_from_db()
    return finding
