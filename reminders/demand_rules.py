"""Leaf: what is asked of branches, in words and minutes; no ORM, no clock."""

from decimal import Decimal

from django.db.models import TextChoices

from reminders.rules import ActionKind, Category


class DemandKind(TextChoices):
    ACTION = "action", "规定动作"
    TASK = "task", "专项工作"
    MEETING = "meeting", "会议"
    REPORT = "report", "报告总结"
    FORM = "form", "报表材料"
    CHECK_IN = "check_in", "打卡签到"
    INSPECTION = "inspection", "检查迎检"
    ENTRY = "entry", "系统录入"
    OTHER = "other", "其他"


class Nature(TextChoices):
    """Whether a demand is the work itself or the proof of it."""

    CORE = "core", "主责工作"
    FORMALITY = "formality", "事务性"


class DemandSource(TextChoices):
    ACTION = "action", "事项库"
    TASK = "task", "专项工作"
    OUTSIDE = "outside", "系统外登记"


class Per(TextChoices):
    WORKDAY = "workday", "每个工作日"
    WEEK = "week", "每周"
    MONTH = "month", "每月"
    QUARTER = "quarter", "每季度"
    HALF_YEAR = "half_year", "每半年"
    YEAR = "year", "每年"


class DemandState(TextChoices):
    """What a branch names waits for staff; only what stands is counted."""

    PROPOSED = "proposed", "待核对"
    STANDING = "standing", "在册"
    DECLINED = "declined", "未采纳"


# What is written, entered or shown so that the work can be seen, and not the work.
FORMAL_KINDS = frozenset(
    {DemandKind.REPORT, DemandKind.FORM, DemandKind.CHECK_IN, DemandKind.INSPECTION, DemandKind.ENTRY}
)
# Workdays of a year, rounded; the register counts by the year and not by its calendar.
TIMES_A_YEAR = {
    Per.WORKDAY: 250,
    Per.WEEK: 52,
    Per.MONTH: 12,
    Per.QUARTER: 4,
    Per.HALF_YEAR: 2,
    Per.YEAR: 1,
}
MONTHS = 12


_BY_CATEGORY: dict[str, DemandKind] = {
    Category.MEETING: DemandKind.MEETING,
    Category.PLANNING: DemandKind.REPORT,
    Category.INSPECTION: DemandKind.INSPECTION,
    Category.INFORMATION: DemandKind.ENTRY,
}


def action_demand(action_kind: str, category: str, candidate: bool) -> tuple[DemandKind, Nature]:
    """What an action of the catalogue asks, by its kind and category.

    `candidate`: the catalogue itself says that it could be dropped, so it is no duty of the rules.
    """
    if action_kind == ActionKind.STATUTORY:
        kind = _BY_CATEGORY.get(category, DemandKind.ACTION) if candidate else DemandKind.ACTION
    else:
        kind = _BY_CATEGORY.get(category, DemandKind.OTHER)
    return kind, Nature.FORMALITY if candidate else nature_of(kind)


def nature_of(kind: str) -> Nature:
    return Nature.FORMALITY if kind in FORMAL_KINDS else Nature.CORE


def times_a_year(times: int, per: str) -> Decimal:
    return Decimal(times * TIMES_A_YEAR[Per(per)])


def minutes_a_month(minutes: int, times: Decimal) -> Decimal:
    """One twelfth of the minutes of a year, to a tenth of a minute."""
    return (minutes * times / MONTHS).quantize(Decimal("0.1"))


def budget_minutes(hours_a_week: Decimal, workdays: int) -> int:
    """Hours agreed for a week of five workdays, as minutes of a month with so many."""
    return int((hours_a_week * 60 * workdays / 5).to_integral_value())
