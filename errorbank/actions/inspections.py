"""Inspections, what they found in several branches at once, and what a branch found itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from errorbank.actions.catching_up import catch_up
from errorbank.actions.findings import record_finding
from errorbank.actions.findings_write import FindingData, FindingRefused
from errorbank.models import Finding, Inspection
from errorbank.queries.keeping import answering_post
from errorbank.rules import ErrorCategory, Severity, Source


class InspectionRefused(Refusal):
    """The inspection does not fit; str() says what to do."""


@dataclass(frozen=True)
class InspectionData:
    """inspectors are offices, never persons."""

    source: Source
    title: str
    since: date
    until: date
    targets: Sequence[Organisation]
    inspectors: str = ""
    clauses: str = ""


@transaction.atomic
def register_inspection(place: Organisation, *, data: InspectionData, by: User, on: date) -> Inspection:
    """Write a look at some branches down. Raises InspectionRefused."""
    # Locked, so that of two clicks at once the second sees the first.
    Organisation.objects.select_for_update().get(pk=place.pk)
    _refuse(place, data, on)
    made = Inspection.objects.create(
        organisation=place,
        source=data.source,
        title=data.title.strip(),
        inspectors=data.inspectors.strip(),
        since=data.since,
        until=data.until,
        clauses=data.clauses.strip(),
        made_by=by,
    )
    made.targets.set(data.targets)
    detail = {"source": made.source, "targets": sorted(target.pk for target in data.targets)}
    audit.record("errorbank.inspection_registered", by=by, target=made, detail=detail)
    return made


def _refuse(place: Organisation, data: InspectionData, on: date) -> None:
    if data.until < data.since:
        raise InspectionRefused("结束日期早于开始日期，请核对。")
    if data.since > on:
        raise InspectionRefused("检查还没有开始，请在检查之后登记。")
    if not data.targets:
        raise InspectionRefused("请选择检查了哪些党支部。")
    if any(not target.path.startswith(place.path) for target in data.targets):
        raise InspectionRefused("检查对象请在登记单位所属的党支部中选择。")
    same = Inspection.objects.filter(organisation=place, title=data.title.strip(), since=data.since)
    if same.exists():
        raise InspectionRefused("同名、同日的检查已经登记过，请直接在那次检查里登记问题。")


@transaction.atomic
def record_findings(
    places: Iterable[Organisation], *, data: FindingData, by: User, on: date
) -> list[Finding]:
    """The same problem in several branches, each with its own answering post. Raises FindingRefused."""
    if data.inspection is not None:
        targets = set(data.inspection.targets.values_list("pk", flat=True))
        places = [place for place in places if place.pk in targets]
    found = sorted(places, key=lambda place: place.pk)
    if not found:
        raise InspectionRefused("请选择有这个问题的党支部。")
    _refuse_twice(found, data)
    return [
        record_finding(place, data=replace(data, responsible=answering_post(place, on=on)), by=by, on=on)
        for place in found
    ]


def _refuse_twice(places: Sequence[Organisation], data: FindingData) -> None:
    """The same words of one inspection for one branch were a second click."""
    if data.inspection is None:
        return
    # Locked, so that of two clicks at once the second sees what the first wrote.
    Inspection.objects.select_for_update().get(pk=data.inspection.pk)
    same = Finding.objects.filter(
        inspection=data.inspection, organisation__in=places, problem=data.problem.strip()
    )
    if (before := same.select_related("organisation").first()) is not None:
        raise InspectionRefused(f"{before.organisation.name}的这个问题已在本次检查中登记过。")


@transaction.atomic
def report_own(
    place: Organisation,
    *,
    problem: str,
    category: ErrorCategory,
    happened_on: date,
    measure: str,
    by: User,
    on: date,
) -> Finding:
    """What a branch found itself; it never counts against the branch. Raises FindingRefused."""
    catch_up([place.pk], on=on)
    Organisation.objects.select_for_update().get(pk=place.pk)
    same = Finding.objects.filter(
        organisation=place, self_reported=True, found_on=on, problem=problem.strip()
    )
    if same.exists():
        raise FindingRefused("今天已经登记过同样的问题，没有重复登记。")
    data = FindingData(
        source=Source.SELF_CHECK,
        happened_on=happened_on,
        category=category,
        severity=Severity.GENERAL,
        problem=problem,
        measure=measure,
        responsible=answering_post(place, on=on),
        self_reported=True,
    )
    return record_finding(place, data=data, by=by, on=on)
