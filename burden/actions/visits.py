"""Filing planned visits, changing, cancelling and carrying them out."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.calendar import work_calendar
from branches.models import Organisation
from branches.rules import Refusal
from burden.models import PlannedVisit, VisitRevision
from burden.models.visits import said_of
from burden.queries.visit_warnings import VisitData, visit_warnings
from burden.rules.visit_vocabulary import VisitState
from errorbank.actions.inspections import InspectionData, register_inspection
from errorbank.models import Inspection
from periods.months import add_years
from reminders.queries.demand_lint import DemandWarning


class VisitRefused(Refusal):
    """The visit cannot be filed or changed so; str() says what to do."""


class OverWarning(VisitRefused):
    """Filing over a warning needs a reason, and over a full budget a demand that ends."""


# What has been filed over a warning says why.
ASK_REASON = "有需要留意的地方：请修改计划，或写明仍要备案的理由。"
ASK_REPLACED = "支部可用时间已满：请写明停下哪一项要求来替代。"
NOT_OPEN = "这项计划已经开展、合并或取消，不能再改。"
TWICE = "同一部门、同名、同日的检查计划已经备案，没有重复备案。"
CHANGED_MEANWHILE = "这项计划刚被他人改过，请重新打开，核对后再改。"


@transaction.atomic
def file_visit(
    place: Organisation,
    *,
    data: VisitData,
    by: User,
    on: date,
    over_reason: str = "",
    replaces: str = "",
) -> PlannedVisit:
    """File a new visit. Raises VisitRefused."""
    # Locked, so that of two clicks at once the second sees the first.
    Organisation.objects.select_for_update().get(pk=place.pk)
    refuse_unfit(place, data, on)
    visit = data.fill(PlannedVisit(organisation=place, made_by=by, state=VisitState.FILED, filed_on=on))
    refuse_twice(visit)
    warnings = _warned(place, data, None, over_reason, replaces, on)
    visit.save()
    visit.targets.set(data.targets)
    _keep(visit, data, warnings, over_reason=over_reason, replaces=replaces, why="", by=by, on=on)
    audit.record("burden.visit_filed", by=by, target=visit, detail={"warnings": [w.code for w in warnings]})
    return visit


@transaction.atomic
def change_visit(
    visit: PlannedVisit,
    *,
    data: VisitData,
    by: User,
    on: date,
    why: str = "",
    over_reason: str = "",
    replaces: str = "",
    seen: int | None = None,
) -> PlannedVisit:
    """File a draft, or change what was filed; what it said before stays. Raises VisitRefused.

    `seen`: the number of the version that was open on the screen.
    """
    Organisation.objects.select_for_update().get(pk=visit.organisation_id)
    row = _open(visit)
    filed_before = row.is_filed
    if seen is not None and seen != row.revisions.count():
        raise VisitRefused(CHANGED_MEANWHILE)
    refuse_unfit(row.organisation, data, on)
    if filed_before and not why.strip():
        raise VisitRefused("请写明为什么变更。")
    warnings = _warned(row.organisation, data, row, over_reason, replaces, on)
    row = data.fill(row)
    refuse_twice(row)
    row.state, row.filed_on = VisitState.FILED, row.filed_on or on
    row.save()
    row.targets.set(data.targets)
    _keep(row, data, warnings, over_reason=over_reason, replaces=replaces, why=why, by=by, on=on)
    event = "burden.visit_changed" if filed_before else "burden.visit_filed"
    audit.record(event, by=by, target=row, detail={"warnings": [w.code for w in warnings]})
    return row


def refuse_twice(visit: PlannedVisit) -> None:
    """What the constraint `visit_filed_once` holds, in words. Raises VisitRefused."""
    same = PlannedVisit.objects.standing().filter(
        organisation=visit.organisation, department=visit.department, title=visit.title, since=visit.since
    )
    if same.exclude(pk=visit.pk).exists():
        raise VisitRefused(TWICE)


def refuse_unfit(place: Organisation, data: VisitData, on: date) -> None:
    """What no reason helps against. Raises VisitRefused."""
    if data.until < data.since:
        raise VisitRefused("结束日期早于开始日期，请核对。")
    if data.since.year != data.until.year:
        raise VisitRefused("一项计划请排在同一年度内；跨年的请分成两项。")
    if data.since < on:
        raise VisitRefused("开始日期已过。已经开展的，请到“检查”里登记，会列为计划外。")
    if not data.targets:
        raise VisitRefused("请选择检查哪些党支部。")
    if any(not target.path.startswith(place.path) for target in data.targets):
        raise VisitRefused("检查对象请在备案单位所属的党支部中选择。")
    if not data.categories and not data.clauses.strip():
        raise VisitRefused("请选择或写明检查内容。")


def _warned(
    place: Organisation, data: VisitData, visit: PlannedVisit | None, reason: str, replaces: str, on: date
) -> list[DemandWarning]:
    warnings = visit_warnings(data, place=place, visit=visit, on=on)
    if warnings and not reason.strip():
        raise OverWarning(ASK_REASON)
    if any(warning.blocking for warning in warnings) and not replaces.strip():
        raise OverWarning(ASK_REPLACED)
    return warnings


def _keep(
    visit: PlannedVisit,
    data: VisitData,
    warnings: Sequence[DemandWarning],
    *,
    over_reason: str,
    replaces: str,
    why: str,
    by: User,
    on: date,
) -> None:
    VisitRevision.objects.create(
        visit=visit,
        number=visit.revisions.count() + 1,
        said=said_of(visit, list(data.targets)),
        warnings=[warning.stored for warning in warnings],
        over_reason=over_reason.strip() if warnings else "",
        replaces=replaces.strip() if warnings else "",
        why=why.strip(),
        by=by,
        on=on,
    )


def _open(visit: PlannedVisit) -> PlannedVisit:
    row = PlannedVisit.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=visit.pk)
    if not row.is_open:
        raise VisitRefused(NOT_OPEN)
    return row


@transaction.atomic
def cancel_visit(visit: PlannedVisit, *, reason: str, by: User, on: date) -> PlannedVisit:
    """Take a filed visit back. Raises VisitRefused."""
    row = _open(visit)
    if not row.is_filed:
        raise VisitRefused("这项计划还没有备案，可以直接删去。")
    if not reason.strip():
        raise VisitRefused("请写明为什么取消。")
    row.state, row.reason = VisitState.CANCELLED, reason.strip()
    row.save(update_fields=["state", "reason"])
    audit.record("burden.visit_cancelled", by=by, target=row, detail={"reason": row.reason, "on": on})
    return row


@transaction.atomic
def drop_draft(visit: PlannedVisit, *, by: User) -> None:
    """Delete what was never filed. Raises VisitRefused."""
    row = _open(visit)
    if row.is_filed:
        raise VisitRefused("这项计划已经备案，请写明原因取消。")
    audit.record("burden.visit_draft_dropped", by=by, target=row, detail={"title": row.title})
    row.targets.clear()
    row.delete()


@transaction.atomic
def carry_out(visit: PlannedVisit, inspection: Inspection, *, by: User) -> PlannedVisit:
    """The inspection is what was planned. Raises VisitRefused."""
    row = _open(visit)
    if not row.is_filed:
        raise VisitRefused("这项计划还没有备案，请先备案。")
    met = set(inspection.targets.values_list("pk", flat=True)) & set(row.targets.values_list("pk", flat=True))
    if not met:
        raise VisitRefused("这次检查没有去计划中的任何一个党支部，请核对。")
    row.state, row.inspection = VisitState.DONE, inspection
    row.save(update_fields=["state", "inspection"])
    audit.record("burden.visit_carried_out", by=by, target=row, detail={"inspection": inspection.pk})
    return row


@transaction.atomic
def undo_link(visit: PlannedVisit, *, reason: str, by: User, on: date) -> PlannedVisit:
    """The inspection was not this visit after all: filed again, with the reason. Raises VisitRefused."""
    found = PlannedVisit.objects.select_for_update(of=("self",)).select_related("inspection")
    row = found.get(pk=visit.pk)
    if row.inspection is None:
        raise VisitRefused("这项计划没有对应检查，不用解除。")
    if not reason.strip():
        raise VisitRefused("请写明为什么解除对应。")
    inspection, row.inspection, row.state = row.inspection, None, VisitState.FILED
    row.save(update_fields=["state", "inspection"])
    latest = row.revisions.order_by("-number")[0]
    latest.pk, latest.number, latest.by, latest.on = None, latest.number + 1, by, on
    latest.why = f"解除与“{inspection.title}”的对应：{reason.strip()}"
    latest.save(force_insert=True)
    detail = {"inspection": inspection.pk, "reason": reason.strip()}
    audit.record("burden.visit_link_undone", by=by, target=row, detail=detail)
    return row


@transaction.atomic
def register_visit(visit: PlannedVisit, *, data: InspectionData, by: User, on: date) -> Inspection:
    """Register the inspection that the plan foresaw, in one step. Raises Refusal."""
    row = _open(visit)
    made = register_inspection(row.organisation, data=data, by=by, on=on)
    carry_out(row, made, by=by)
    return made


@transaction.atomic
def copy_year(place: Organisation, year: int, *, by: User, on: date) -> list[PlannedVisit]:
    """Last year's visits as drafts of that year, each once; nothing is filed. Raises VisitRefused."""
    Organisation.objects.select_for_update().get(pk=place.pk)
    calendar = work_calendar()
    old = PlannedVisit.objects.standing().filter(organisation=place, year=year - 1)
    fresh = list(old.exclude(copies__year=year).in_order())
    if not fresh:
        raise VisitRefused(f"{year - 1} 年没有可以沿用的计划，或已经沿用过了。")
    made = []
    for visit in fresh:
        since = calendar.on_or_after(add_years(visit.since, 1))
        until = calendar.add_workdays(since, max(0, calendar.workdays_between(visit.since, visit.until) - 1))
        made.append(_copy(visit, year, since, min(until, date(year, 12, 31)), by))
    detail = {"year": year, "copied": len(made)}
    audit.record("burden.visit_year_copied", by=by, target=place, detail=detail)
    return made


COPIED = (
    "organisation",
    "department",
    "title",
    "basis",
    "categories",
    "clauses",
    "mode",
    "people",
    "minutes",
    "materials",
)


def _copy(visit: PlannedVisit, year: int, since: date, until: date, by: User) -> PlannedVisit:
    made = PlannedVisit.objects.create(
        **{name: getattr(visit, name) for name in COPIED},
        year=year,
        since=min(since, until),
        until=until,
        copied_from=visit,
        made_by=by,
    )
    made.targets.set(visit.targets.all())
    return made
