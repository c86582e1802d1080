"""Rotation (轮训台账): one row for each person and month of a published plan."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, F

from accounts.models import User
from branches.ledger_scope import PeriodFilterForm, asked_days, names_on_day
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register
from training.models import RotationSlot, RotationVisit
from training.models.rotation import VIEW_ROTATION
from training.rules.rotation import RotationState

COLUMNS = (
    Column("organisation", "组织者", width=34),
    Column("year", "年度", ColumnKind.INTEGER, width=13),
    Column("month", "月份", ColumnKind.INTEGER, width=13),
    Column("person", "轮训人员", width=20),
    Column("branches", "检查的支部", width=66),
    Column("handed_in", "反馈登记", ColumnKind.DATE, width=23),
    Column("found", "发现问题", ColumnKind.INTEGER, width=18),
    Column("signed_on", "签收日期", ColumnKind.DATE, width=23),
    Column("signed_by", "签收人", width=28),
    Column("state", "状态", ColumnKind.STATE, width=20),
)


class RotationLedgerForm(PeriodFilterForm):
    """Organisation that is looked at, and the period; a month belongs to it when its first day does."""

    permission = VIEW_ROTATION

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def rotation_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """In tree order, then by month; three statements."""
    days = asked_days(cleaned, on)
    since, until = ((day.year * 12 + day.month) for day in (days.first, days.last))
    slots = (
        RotationSlot.objects.annotate(
            at=F("plan__year") * 12 + F("month"), found=Count("inspection__findings")
        )
        .filter(
            pk__in=RotationVisit.objects.filter(RotationLedgerForm.rows_of(user, cleaned, on)).values("slot"),
            plan__state=RotationState.PUBLISHED,
            at__range=(since, until),
        )
        .select_related("plan__organisation", "user", "inspection", "signed_by")
        .prefetch_related("visits__organisation")
        .order_by("plan__organisation__level", "plan__organisation__code", "at", "pk")
    )
    names = names_on_day(on)
    for slot in slots.iterator(chunk_size=500):
        place = slot.plan.organisation
        yield names.get(place.pk, place.name), *_cells(slot, on)


def _cells(slot: RotationSlot, on: date) -> Row:
    handed = slot.inspection
    return (
        slot.plan.year,
        slot.month,
        slot.user.name,
        "、".join(sorted(visit.organisation.name for visit in slot.visits.all())),
        handed.until if handed else None,
        slot.found if handed else None,  # type: ignore[attr-defined]  # annotated by the query above
        slot.signed_on,
        slot.signed_by.name if slot.signed_by else "",
        _state(slot, on),
    )


def _state(slot: RotationSlot, on: date) -> Cell:
    if slot.signed_on:
        return Cell("已签收", Tone.OK)
    if slot.inspection_id:
        return Cell("待签收", Tone.SOON)
    if on > slot.until:
        return Cell("未反馈", Tone.LATE)
    return Cell("进行中" if slot.since <= on else "未开始", Tone.NONE)


ROTATION = register(
    Ledger(
        slug="rotation",
        title="轮训台账",
        description="已发布的轮训安排：哪个月、谁到哪些支部检查、反馈何时登记、发现多少问题、何时由谁签收；期间按轮训月份计算。",
        columns=COLUMNS,
        filter_form=RotationLedgerForm,
        rows=rotation_rows,
        heading=RotationLedgerForm.heading,
        permission=VIEW_ROTATION,
        may_open=RotationLedgerForm.may_open,
        order_note="按组织顺序、月份先后排列；还没有反馈的，反馈登记和发现问题为空",
        group=LedgerGroup.LIFE,
    )
)
