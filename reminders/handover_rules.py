"""Vocabulary and pure rules of handing over; no ORM, no clock."""

from datetime import date, timedelta

from django.db.models import TextChoices

from branches.rules import Role

# Posts whose work falls between two people when nobody hands it over; staff may open one for any post.
HANDED_OVER_ROLES = frozenset({Role.WORKER, Role.SECRETARY})
OPENS_DAYS_BEFORE = 60
AHEAD_DAYS = 60
GRANT_DAYS = 30


class HandoverCause(TextChoices):
    POST_ENDED = "post_ended", "任职结束"
    RETIREMENT = "retirement", "即将退休"
    TRANSFER = "transfer", "即将调离"
    SECONDMENT_END = "secondment_end", "挂职借调即将结束"
    OPENED_BY_STAFF = "opened_by_staff", "党总支发起"


class HandoverState(TextChoices):
    OPEN = "open", "移交人核对中"
    CHECKED = "checked", "待接收人确认"
    CONFIRMED = "confirmed", "待签字"
    SIGNED = "signed", "已完成"
    CANCELLED = "cancelled", "已撤销"


RUNNING_STATES = frozenset({HandoverState.OPEN, HandoverState.CHECKED, HandoverState.CONFIRMED})


class Part(TextChoices):
    """The parts of a pack, in the order of the page."""

    OPEN_ITEMS = "open_items", "未办结事项"
    AHEAD = "ahead", "今后 60 天"
    FINDINGS = "findings", "问题整改与复查"
    RECRUITING = "recruiting", "发展党员"
    PROMISES = "promises", "已承接的专项工作"
    BRANCH = "branch", "支部情况与日程"
    TRAPS = "traps", "容易出错的地方"
    MATERIALS = "materials", "学习资料与模板"
    CONTACTS = "contacts", "联系人"
    DOCUMENTS = "documents", "文件与台账"


class LineState(TextChoices):
    CURRENT = "current", "待交接"
    SETTLED = "settled", "交接期间已办结"


class Capacity(TextChoices):
    LEAVER = "leaver", "移交人"
    NEWCOMER = "newcomer", "接收人"
    WITNESS = "witness", "监交人"


def grant_days(last_day: date) -> tuple[date, date]:
    """First and last day on which a leaver may still open the own handover."""
    return last_day + timedelta(days=1), last_day + timedelta(days=GRANT_DAYS)
