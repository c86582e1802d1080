"""Findings as rows: written down, moved a step, put back. What is due before is not looked at here.

Below the schedule, which writes findings itself; people write through errorbank.actions.findings.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Membership, Organisation, Post
from branches.queries.policy import rules_for
from branches.rules import Refusal
from errorbank.actions.telling import tell_recorded
from errorbank.models import ErrorEntry, Finding, FindingStep, Inspection
from errorbank.rules import ErrorCategory, FindingState, Severity, Source, StepKind
from errorbank.rules.lifecycle import deadline, is_repeat, raised, state_after
from errorbank.rules.limits import Limits, limits_of

# What a form says; severity and days follow from it.
_SAID = (
    "inspection",
    "entry",
    "action_code",
    "category",
    "source",
    "problem",
    "detail",
    "measure",
    "subject",
    "self_reported",
    "happened_on",
    "found_on",
)


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
def write_finding(
    organisation: Organisation,
    *,
    data: FindingData,
    by: User | None,
    on: date,
    repeat_of: Finding | None = None,
) -> Finding:
    """Write a problem of one branch down as of a day; nothing else is looked at first. Raises FindingRefused.

    The same entry or the same action in the same branch within the policy's days makes it a repeat: linked
    to the earlier one and one step more severe, unless the branch reported it itself.
    """
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
    note_step(made, StepKind.FOUND, on=on, by=by, text=made.problem)
    mark_changed([place])
    detail = {
        "organisation": place.pk,
        "severity": made.severity,
        "repeat_of": earlier.pk if earlier else None,
    }
    audit.record("errorbank.finding_recorded", by=by, target=made, detail=detail)
    tell_recorded(made, by=by, on=on)
    return made


def sent_before(place: Organisation, *, data: FindingData, by: User | None, on: date) -> Finding | None:
    """What the same person wrote down word for word today: the second click waits and finds it."""
    if by is None:
        return None
    Organisation.objects.select_for_update().get(pk=place.pk)
    asked = _finding(place, data, on)
    said = {name: getattr(asked, name) for name in _SAID}
    return Finding.objects.filter(organisation=place, made_by=by, state=FindingState.OPEN, **said).first()


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
    ended = made.organisation.dissolved_on
    if ended is not None and ended <= on:
        raise FindingRefused(f"{made.organisation.name}已撤销，不能再登记问题。")
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
def end_acceptance(finding: Finding, *, by: User | None, on: date) -> Finding:
    """The day it was put off to has come: the branch goes on, with a fresh deadline. Raises WrongState."""
    row = locked_finding(finding)
    limits = limits_of(rules_for(row.organisation, on=on))
    row.deadline_on = deadline(on, Severity(row.severity), limits)
    row.accepted_until = row.accepted_owner = None
    move_finding(row, StepKind.EXPIRED, by=by, on=on)
    finding.refresh_from_db()
    return finding


def locked_finding(finding: Finding) -> Finding:
    rows = Finding.objects.select_for_update(of=("self",)).select_related("organisation", "responsible_post")
    return rows.get(pk=finding.pk)


def move_finding(row: Finding, step: StepKind, *, by: User | None, on: date, text: str = "") -> FindingStep:
    """One step of a locked row. Raises WrongState."""
    row.state = state_after(FindingState(row.state), step)
    row.save()
    mark_changed([row.organisation_id])
    audit.record(f"errorbank.finding_{step}", by=by, target=row, detail={"on": on})
    return note_step(row, step, on=on, by=by, text=text)


def refuse_names(finding: Finding, *texts: str, on: date) -> None:
    """What an inspection tour found, and what a recheck of it found again, is kept without the names of the
    branch's own people. Raises FindingRefused."""
    again = finding.repeat_of if finding.source == Source.RECHECK else None
    if Source.INSPECTION_TOUR not in {finding.source, again.source if again else ""}:
        return
    people = Membership.objects.at(on).filter(organisation=finding.organisation_id)
    words = "\n".join(texts)
    named = next((name for name in people.values_list("member__name", flat=True) if name in words), "")
    if named:
        raise FindingRefused(f"文字中有本支部人员的姓名“{named}”。巡视巡察发现的问题去标识登记，请改写。")


def note_step(finding: Finding, kind: StepKind, *, on: date, by: User | None, text: str) -> FindingStep:
    """What happened on a day, with the deadline as it stands after it."""
    return FindingStep.objects.create(
        finding=finding, kind=kind, on=on, deadline_on=finding.deadline_on, text=text[:600], by=by
    )
