"""Vocabulary and pure rules of the month list; no ORM, no clock."""

from django.db.models import TextChoices


class ItemState(TextChoices):
    OPEN = "open", "待办"
    RETURNED = "returned", "退回"
    DONE = "done", "已完成"
    NOT_APPLICABLE = "not_applicable", "不适用"
    WITHDRAWN = "withdrawn", "已撤下"


OPEN_STATES = frozenset({ItemState.OPEN, ItemState.RETURNED})
SETTLED_STATES = frozenset({ItemState.DONE, ItemState.NOT_APPLICABLE})


class ChangeKind(TextChoices):
    """How one list differs from the last."""

    NEW = "new", "新增"
    MOVED = "moved", "改期"
    WITHDRAWN = "withdrawn", "取消"
    CARRIED_OVER = "carried_over", "结转"
    RESTORED = "restored", "恢复"


class ActionKind(TextChoices):
    STATUTORY = "statutory", "规定动作"
    LOCAL = "local", "本单位事项"
    SPECIAL_TASK = "special_task", "专项工作"


class Category(TextChoices):
    MEETING = "meeting", "组织生活"
    EDUCATION = "education", "教育培训"
    ACTIVITY = "activity", "主题党日"
    APPRAISAL = "appraisal", "评议考核"
    CARE = "care", "关心关爱"
    DUES = "dues", "党费"
    INTEGRITY = "integrity", "纪律教育"
    IDEOLOGY = "ideology", "意识形态"
    PLANNING = "planning", "计划总结"
    INSPECTION = "inspection", "检查"
    INFORMATION = "information", "信息维护"
    OPENNESS = "openness", "党务公开"
    INCENTIVE = "incentive", "激励"
    ORGANIZATION = "organization", "组织设置"
    MEMBERSHIP = "membership", "党员管理"
    MECHANISM = "mechanism", "工作机制"
    RECRUITMENT = "recruitment", "发展党员"
    SPECIAL = "special", "专项工作"


class RefreshTrigger(TextChoices):
    SCHEDULE = "schedule", "定时"
    FACTS = "facts", "情况变化"
    COMMAND = "command", "命令"
    MADE_UP = "made_up", "补做"


# Period key of items that follow a dated event; the event itself is the subject.
EVENT_PERIOD = "event"
# Period key of special tasks: sent once.
ONCE_PERIOD = "once"
