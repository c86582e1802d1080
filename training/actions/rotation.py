"""Making the rotation plan, publishing it, re-planning with least change, handing in and signing.

A published turn carries a dated right to read in its branches, from the first to the last day of its month:
it ends by itself, and is taken back the day the turn is taken from somebody.
"""

from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit import actions as audit
from branches.actions.grants import end_grant, grant_access
from branches.models import Organisation, Post
from branches.rules import GrantKind, Refusal, Role
from errorbank.actions.inspections import InspectionData, register_inspection
from errorbank.rules import Source
from training.actions.duties import DutyData, ask, settle, take_back
from training.models import RotationAway, RotationPlan, RotationSlot, RotationVisit
from training.planning.rotation import turns_of, visits_of
from training.queries.rotation import question_of, year_of
from training.rules.duties import DutyKind
from training.rules.rotation import MONTHS, RotationState


class RotationRefused(Refusal):
    """The plan cannot be made, changed or signed so; str() says what to do."""


@transaction.atomic
def make_plan(
    place: Organisation, *, year: int, per_month: int, busy: Collection[int], by: User, on: date
) -> RotationPlan:
    """Solve a year and keep it as a draft. Raises RotationRefused."""
    Organisation.objects.select_for_update().get(pk=place.pk)
    if year < on.year:
        raise RotationRefused("请为今年或者以后的年度安排轮训。")
    if RotationPlan.objects.filter(organisation=place, year=year).exists():
        raise RotationRefused(f"{year} 年已经有轮训安排，请直接在里面调整。")
    plan = RotationPlan.objects.create(
        organisation=place, year=year, per_month=per_month, busy=sorted(busy), made_by=by
    )
    _solve(plan, by=by, on=on)
    audit.record("training.rotation_planned", by=by, target=plan, detail={"year": year})
    return plan


@transaction.atomic
def publish_plan(plan: RotationPlan, *, by: User, on: date) -> RotationPlan:
    """Everybody below sees it, and each turn gets its dated rights. Raises RotationRefused."""
    row = _locked(plan)
    if row.is_published:
        raise RotationRefused("轮训安排已经发布，不用再发布。")
    if not row.slots.exists():
        raise RotationRefused("还没有安排任何人，请先排好再发布。")
    row.state = RotationState.PUBLISHED
    row.save(update_fields=["state"])
    _open_doors(row, by=by, on=on)
    audit.record("training.rotation_published", by=by, target=row, detail={"year": row.year})
    return row


@transaction.atomic
def drop_out(plan: RotationPlan, user: User, *, months: Collection[int], by: User, on: date) -> RotationPlan:
    """That person cannot go in these months: plan anew with least change. Raises RotationRefused."""
    row = _locked(plan)
    open_months = {month for month in months if (row.year, month) > (on.year, on.month)}
    if not open_months:
        raise RotationRefused("已经开始的月份不再重排，请选择以后的月份。")
    RotationAway.objects.bulk_create(
        [RotationAway(plan=row, user=user, month=month) for month in sorted(open_months)],
        ignore_conflicts=True,
    )
    _solve(row, by=by, on=on)
    if row.is_published:
        _open_doors(row, by=by, on=on)
    detail = {"user": user.pk, "months": sorted(open_months)}
    audit.record("training.rotation_replanned", by=by, target=row, detail=detail)
    return row


@transaction.atomic
def hand_in(slot: RotationSlot, *, by: User, on: date) -> RotationSlot:
    """What was looked at becomes an inspection, in which the findings are written. Raises RotationRefused."""
    row = _slot(slot)
    if row.user_id != by.pk:
        raise RotationRefused("反馈由本月轮训的人登记。")
    if not row.plan.is_published or not row.since <= on <= row.until:
        raise RotationRefused("请在轮训的当月登记反馈。")
    if row.inspection_id:
        raise RotationRefused("反馈已经登记，请在那次检查里登记问题。")
    targets = [visit.organisation for visit in row.visits.select_related("organisation")]
    data = InspectionData(
        Source.ROTATION, f"{row.month} 月轮训检查（第 {row.pk} 号）", row.since, on, targets, "轮训人员"
    )
    row.inspection = register_inspection(row.plan.organisation, data=data, by=by, on=on)
    row.save(update_fields=["inspection"])
    audit.record("training.rotation_handed_in", by=by, target=row.plan, detail={"slot": row.pk})
    return row


@transaction.atomic
def sign_turn(slot: RotationSlot, *, by: User, on: date) -> RotationSlot:
    """Staff have read what was found; the line on the month list is done. Raises RotationRefused."""
    row = _slot(slot)
    if not row.inspection_id:
        raise RotationRefused("还没有收到反馈，请等本人登记后再签收。")
    if row.signed_on:
        raise RotationRefused("这份反馈已经签收。")
    if row.user_id == by.pk:
        raise RotationRefused("自己的反馈请由另一位工作人员签收。")
    row.signed_by, row.signed_on = by, on
    row.save(update_fields=["signed_by", "signed_on"])
    settle(DutyKind.ROTATION, row.pk, by=by, on=on)
    audit.record("training.rotation_signed", by=by, target=row.plan, detail={"slot": row.pk})
    return row


def _locked(plan: RotationPlan) -> RotationPlan:
    return RotationPlan.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=plan.pk)


def _slot(slot: RotationSlot) -> RotationSlot:
    rows = RotationSlot.objects.select_for_update(of=("self",)).select_related("plan__organisation")
    return rows.get(pk=slot.pk)


def _solve(plan: RotationPlan, *, by: User, on: date) -> None:
    asked = question_of(plan, year_of(plan), on=on)
    if not asked.people or not asked.branches:
        raise RotationRefused("下属支部还没有党务工作者，请先登记任职。")
    turns = turns_of(asked)
    visits = visits_of(asked, turns)
    plan.gap = turns.gap
    plan.save(update_fields=["gap"])
    for slot in plan.slots.exclude(month__in=asked.fixed):
        if (slot.month, slot.user_id) not in visits:
            _take_away(slot, by=by, on=on)
    for (month, user), places in visits.items():
        if month not in asked.fixed:
            _keep(plan, month, user, places, by=by, on=on)


def _take_away(slot: RotationSlot, *, by: User, on: date) -> None:
    _close_doors(slot.visits.all(), by=by, on=on)
    take_back(DutyKind.ROTATION, slot.pk, on=on)
    slot.delete()


def _keep(plan: RotationPlan, month: int, user: int, places: Collection[int], *, by: User, on: date) -> None:
    slot, _ = RotationSlot.objects.get_or_create(plan=plan, month=month, user_id=user)
    gone = slot.visits.exclude(organisation__in=places)
    _close_doors(gone, by=by, on=on)
    gone.delete()
    RotationVisit.objects.bulk_create(
        [RotationVisit(slot=slot, organisation_id=place) for place in sorted(places)], ignore_conflicts=True
    )


def _close_doors(visits: QuerySet[RotationVisit], *, by: User, on: date) -> None:
    """From today on: yesterday is the last day of a right that had begun."""
    for visit in visits.exclude(grant=None).select_related("grant"):
        if visit.grant and visit.grant.until >= on:
            end_grant(visit.grant, on=on - timedelta(days=1), by=by)


def _open_doors(plan: RotationPlan, *, by: User, on: date) -> None:
    """Rights and lines of every turn that is not over."""
    rows = plan.slots.filter(month__in=[m for m in MONTHS if (plan.year, m) >= (on.year, on.month)])
    for slot in rows.select_related("plan", "user").prefetch_related("visits__organisation").order_by("pk"):
        visits = list(slot.visits.all())
        for visit in visits:
            if visit.grant_id is None:
                _open_door(slot, visit, by=by, on=on)
        _ask(slot, [visit.organisation.name for visit in visits], on=on)


def _open_door(slot: RotationSlot, visit: RotationVisit, *, by: User, on: date) -> None:
    visit.grant = grant_access(
        slot.user,
        visit.organisation,
        kind=GrantKind.ROTATION,
        since=max(slot.since, on),
        until=slot.until,
        reason=f"{slot.plan.year} 年 {slot.month} 月轮训检查",
        by=by,
    )
    visit.save(update_fields=["grant"])


def _ask(slot: RotationSlot, names: Collection[str], *, on: date) -> None:
    """The line stands in the own branch of who goes, from the first day of the month."""
    held = Post.objects.at(on).held_by(slot.user).filter(role=Role.WORKER)
    places = Organisation.objects.filter(pk__in=held.values("organisation")).within(slot.plan.organisation)
    data = DutyData(
        DutyKind.ROTATION,
        slot.pk,
        f"{slot.month} 月轮训检查",
        slot.until,
        "、".join(names),
        asked_on=max(slot.since, on),
    )
    ask(places, data=data, on=on)
