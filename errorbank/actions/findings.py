"""Findings from being written down to being closed. Every function locks the row it changes."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Organisation, Post
from branches.queries.policy import rules_for
from branches.rules import Refusal
from errorbank.actions.catching_up import catch_up
from errorbank.actions.series import begin_series
from errorbank.actions.telling import tell_recorded, tell_returned
from errorbank.models import ErrorEntry, Finding, FindingStep, Inspection
from errorbank.rules import CauseLevel, ErrorCategory, FindingState, Severity, Source, StepKind
from errorbank.rules.lifecycle import deadline, is_repeat, raised, state_after
from errorbank.rules.limits import Limits, limits_of


class FindingRefused(Refusal):
    """The finding or the step does not fit; str() says what to do."""


@dataclass(frozen=True)
class FindingData:
    """What is written down about one problem. Empty fields are taken from the entry where there is one."""

    source: Source
    happened_on: date
    entry: ErrorEntry | None = None
    category: ErrorCategory | None = None
    severity: Severity | None = None
    problem: str = ""
    detail: str = ""
    measure: str = ""
    action_code: str = ""
    subject: str = ""
    deadline_on: date | None = None
    responsible: Post | None = None
    inspection: Inspection | None = None
    self_reported: bool = False


@transaction.atomic
def record_finding(
    organisation: Organisation,
    *,
    data: FindingData,
    by: User | None,
    on: date,
    repeat_of: Finding | None = None,
) -> Finding:
    """Write a problem of one branch down; `on` is today. Raises FindingRefused.

    The same entry or the same action in the same branch within the policy's days makes it a repeat: linked
    to the earlier one and one step more severe, unless the branch reported it itself.
    """
    if repeat_of is None:  # a failed recheck is written down by the schedule itself
        catch_up([organisation.pk], on=on)
    place = Organisation.objects.select_for_update().get(pk=organisation.pk)
    limits = limits_of(rules_for(place, on=on))
    made = _finding(place, data, on)
    _refuse(made, data, on)
    earlier = repeat_of or _earlier(made, limits)
    if earlier is not None:
        made.repeat_of = earlier
        if not data.self_reported:
            made.severity = raised(Severity(made.severity))
    made.deadline_on = data.deadline_on or deadline(on, Severity(made.severity), limits)
    if made.deadline_on < on:
        raise FindingRefused("整改期限不能早于今天，请重新填写。")
    made.made_by = by
    made.save()
    _note(made, StepKind.FOUND, on=on, by=by, text=made.problem)
    mark_changed([place])
    detail = {
        "organisation": place.pk,
        "severity": made.severity,
        "repeat_of": earlier.pk if earlier else None,
    }
    audit.record("errorbank.finding_recorded", by=by, target=made, detail=detail)
    tell_recorded(made, by=by, on=on)
    return made


def _finding(place: Organisation, data: FindingData, on: date) -> Finding:
    wording = data.entry.published if data.entry else None
    codes = wording.action_codes if wording else []
    post = data.responsible
    return Finding(
        organisation=place,
        inspection=data.inspection,
        entry=data.entry,
        action_code=data.action_code or (codes[0] if len(codes) == 1 else ""),
        category=data.category or (wording.category if wording else ""),
        source=data.source,
        severity=data.severity or (wording.severity if wording else Severity.GENERAL),
        problem=(data.problem or (wording.problem if wording else "")).strip(),
        detail=data.detail.strip(),
        measure=(data.measure or (wording.measure if wording else "")).strip(),
        subject=data.subject,
        self_reported=data.self_reported,
        happened_on=data.happened_on,
        found_on=on,
        deadline_on=on,
        responsible_post=post,
        responsible_name=post.holder_name if post else "",
    )


def _refuse(made: Finding, data: FindingData, on: date) -> None:
    if not made.problem:
        raise FindingRefused("请选择错题，或写明问题。")
    if not made.category:
        raise FindingRefused("请选择问题类别。")
    if data.happened_on > on:
        raise FindingRefused("发生日期还没有到，请核对。")
    if data.responsible is not None and data.responsible.organisation_id != made.organisation_id:
        raise FindingRefused("责任人请在被查支部的任职人员中选择。")


def _earlier(made: Finding, limits: Limits) -> Finding | None:
    """The latest finding of the same branch about the same, if it is recent enough."""
    same = Q(entry=made.entry) if made.entry_id else Q()
    if made.action_code:
        same |= Q(action_code=made.action_code)
    if not same:
        return None
    found = Finding.objects.filter(same, organisation=made.organisation, happened_on__lte=made.happened_on)
    for before in found.order_by("-happened_on", "-pk"):
        last = before.closed_on or before.found_on
        if is_repeat(before=min(last, made.happened_on), happened_on=made.happened_on, limits=limits):
            return before
    return None


@transaction.atomic
def start_rectifying(finding: Finding, *, by: User | None, on: date) -> Finding:
    """Raises WrongState."""
    _move(_caught_up(finding, on), StepKind.STARTED, by=by, on=on)
    return _fresh(finding)


@transaction.atomic
def submit_finding(finding: Finding, *, text: str, by: User | None, on: date) -> Finding:
    """The branch says what came of it. Raises WrongState, FindingRefused."""
    said = _said(text, "请写明整改的结果。")
    _move(_caught_up(finding, on), StepKind.SUBMITTED, text=said, by=by, on=on)
    return _fresh(finding)


@transaction.atomic
def return_finding(
    finding: Finding, *, reason: str, by: User | None, on: date, deadline_on: date | None = None
) -> Finding:
    """Sent back with a reason, and a new deadline where one is given. Raises WrongState, FindingRefused."""
    said = _said(reason, "请写明退回的原因。")
    row = _locked(finding)
    if deadline_on is not None:
        if deadline_on < on:
            raise FindingRefused("整改期限不能早于今天，请重新填写。")
        row.deadline_on = deadline_on
    tell_returned(row, _move(row, StepKind.RETURNED, text=said, by=by, on=on), by=by, on=on)
    return _fresh(finding)


@transaction.atomic
def close_finding(
    finding: Finding, *, by: User | None, on: date, text: str = "", cause: CauseLevel | None = None
) -> Finding:
    """Approved: closed on that day, and the series of rechecks begins. Raises WrongState, FindingRefused."""
    row = _locked(finding)
    if by is not None and by.pk in fixers(row):
        raise FindingRefused("整改人不能审核自己的整改，请由他人审核。")
    row.closed_on = on
    row.cause = cause or row.cause
    _move(row, StepKind.CLOSED, text=text.strip(), by=by, on=on)
    begin_series(row, on=on)
    return _fresh(finding)


@transaction.atomic
def accept_finding(
    finding: Finding, *, owner: Organisation, until: date, reason: str, by: User | None, on: date
) -> Finding:
    """The branch cannot fix it: put off until a day, with the level that can as its owner.

    Raises WrongState, FindingRefused.
    """
    row = _caught_up(finding, on)
    if until <= on:
        raise FindingRefused("暂缓的截止日期请填今天以后的日期。")
    if not row.organisation.path.startswith(owner.path):
        raise FindingRefused("请选择本支部或其上级组织作为解决问题的单位。")
    row.accepted_until, row.accepted_owner = until, owner
    _move(row, StepKind.ACCEPTED, text=_said(reason, "请写明条件不具备的原因。"), by=by, on=on)
    return _fresh(finding)


@transaction.atomic
def end_acceptance(finding: Finding, *, by: User | None, on: date) -> Finding:
    """The day it was put off to has come: the branch goes on, with a fresh deadline. Raises WrongState."""
    row = _locked(finding)
    limits = limits_of(rules_for(row.organisation, on=on))
    row.deadline_on = deadline(on, Severity(row.severity), limits)
    row.accepted_until = row.accepted_owner = None
    _move(row, StepKind.EXPIRED, by=by, on=on)
    return _fresh(finding)


@transaction.atomic
def reassign_finding(
    finding: Finding, *, post: Post | None, deadline_on: date, reason: str, by: User | None, on: date
) -> Finding:
    """Another person or another day. Raises FindingRefused."""
    row = _locked(finding)
    if row.state not in {FindingState.OPEN, FindingState.RECTIFYING, FindingState.SUBMITTED}:
        raise FindingRefused("这个问题已经不在整改中，不能调整。")
    if deadline_on < on:
        raise FindingRefused("整改期限不能早于今天，请重新填写。")
    if post is not None and post.organisation_id != row.organisation_id:
        raise FindingRefused("责任人请在被查支部的任职人员中选择。")
    row.responsible_post, row.responsible_name = post, post.holder_name if post else ""
    row.deadline_on = deadline_on
    row.save()
    _note(row, StepKind.REASSIGNED, on=on, by=by, text=_said(reason, "请写明调整的原因。"))
    mark_changed([row.organisation_id])
    return _fresh(finding)


def fixers(finding: Finding) -> set[int]:
    """Users who worked on it: whoever started or submitted, and who answers for it."""
    kinds = [StepKind.STARTED, StepKind.SUBMITTED]
    found = set(finding.steps.filter(kind__in=kinds).exclude(by=None).values_list("by", flat=True))
    post = finding.responsible_post
    answers = [post.user_id, post.member.user_id if post.member else None] if post else []
    return {pk for pk in [*found, *answers] if pk is not None}


def _said(text: str, otherwise: str) -> str:
    if not text.strip():
        raise FindingRefused(otherwise)
    return text.strip()


def _caught_up(finding: Finding, on: date) -> Finding:
    """Locked, as it stands after what was due until today."""
    catch_up([finding.organisation_id], on=on)
    return _locked(finding)


def _locked(finding: Finding) -> Finding:
    rows = Finding.objects.select_for_update(of=("self",)).select_related("organisation", "responsible_post")
    return rows.get(pk=finding.pk)


def _fresh(finding: Finding) -> Finding:
    finding.refresh_from_db()
    return finding


def _move(row: Finding, step: StepKind, *, by: User | None, on: date, text: str = "") -> FindingStep:
    """One step of a locked row. Raises WrongState."""
    row.state = state_after(FindingState(row.state), step)
    row.save()
    mark_changed([row.organisation_id])
    audit.record(f"errorbank.finding_{step}", by=by, target=row, detail={"on": on})
    return _note(row, step, on=on, by=by, text=text)


def _note(finding: Finding, kind: StepKind, *, on: date, by: User | None, text: str) -> FindingStep:
    return FindingStep.objects.create(finding=finding, kind=kind, on=on, text=text[:600], by=by)
