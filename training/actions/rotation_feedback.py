"""Handing in what a rotation has found, and signing it."""

from datetime import date, timedelta

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from errorbank.actions.inspections import InspectionData, register_inspection
from errorbank.rules import Source
from training.actions.duties import DutyData, ask, settle
from training.actions.rotation_turns import RotationRefused
from training.models import RotationSlot
from training.rules.duties import DutyKind

SIGNED_WITHIN = timedelta(days=7)


@transaction.atomic
def hand_in(slot: RotationSlot, *, by: User, on: date) -> RotationSlot:
    """What was looked at becomes an inspection, in which the findings are written; staff are asked to sign.

    Raises RotationRefused.
    """
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
    settle(DutyKind.ROTATION, row.pk, by=by, on=on)
    due = on + SIGNED_WITHIN
    asked = DutyData(DutyKind.SIGNING, row.pk, f"签收{by.name} {row.month} 月的轮训反馈", due)
    ask([row.plan.organisation], data=asked, on=on)
    audit.record("training.rotation_handed_in", by=by, target=row.plan, detail={"slot": row.pk})
    return row


@transaction.atomic
def sign_turn(slot: RotationSlot, *, by: User, on: date) -> RotationSlot:
    """Staff have read what was found. Raises RotationRefused."""
    row = _slot(slot)
    if not row.inspection_id:
        raise RotationRefused("还没有收到反馈，请等本人登记后再签收。")
    if row.signed_on:
        raise RotationRefused("这份反馈已经签收。")
    if row.user_id == by.pk:
        raise RotationRefused("自己的反馈请由另一位工作人员签收。")
    row.signed_by, row.signed_on = by, on
    row.save(update_fields=["signed_by", "signed_on"])
    settle(DutyKind.SIGNING, row.pk, by=by, on=on)
    audit.record("training.rotation_signed", by=by, target=row.plan, detail={"slot": row.pk})
    return row


def _slot(slot: RotationSlot) -> RotationSlot:
    rows = RotationSlot.objects.select_for_update(of=("self",)).select_related("plan__organisation")
    return rows.get(pk=slot.pk)
