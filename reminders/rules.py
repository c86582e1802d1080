"""Vocabulary and pure rules of the month list; no ORM, no clock."""

from collections.abc import Iterable

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
    DONE = "done", "办结"


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


# From how many days before its end a matter is amber, on every page and paper.
SOON_DAYS = 3
# Period key of items that follow a dated event; the event itself is the subject.
EVENT_PERIOD = "event"
# Period key of special tasks: sent once.
ONCE_PERIOD = "once"


class ConditionCode(TextChoices):
    """What an action's applies_when may name, in the words of a reader; several codes are alternatives."""

    ALL = "all", "所有支部"
    HAS_COMMITTEE = "has_committee", "设支部委员会的支部（正式党员 7 人以上）"
    HAS_GROUPS = "has_groups", "划分党小组的支部"
    HAS_APPLICANT = "has_applicant", "有入党申请人的支部"
    HAS_ACTIVIST = "has_activist", "有入党积极分子的支部"
    HAS_DEVELOPMENT_TARGET = "has_development_target", "有发展对象的支部"
    HAS_PROBATIONARY = "has_probationary", "有预备党员的支部"
    HAS_MOBILE_MEMBERS = "has_mobile_members", "有党员外出 6 个月以上的支部"
    OFFICE_VACANT = "office_vacant", "书记、副书记或委员职务空缺的支部"
    HEADCOUNT_RISK = "headcount_risk", "正式党员可能不足 3 人的支部"
    OPEN_ERRORS = "open_errors", "有问题待整改的支部"
    GENERAL_BRANCH = "general_branch", "党总支"
    OF_SECRETARY = "role:secretary", "书记"
    OF_DEPUTY_SECRETARY = "role:deputy_secretary", "副书记"
    OF_COMMITTEE_MEMBER = "role:committee_member", "支部委员"
    ABSENCE_OR_ARREARS = "trigger:absence_or_arrears", "出现缺席、欠交党费等情况时"


# Conditions of single people by the office they hold.
OFFICE_CONDITIONS = frozenset(
    {ConditionCode.OF_SECRETARY, ConditionCode.OF_DEPUTY_SECRETARY, ConditionCode.OF_COMMITTEE_MEMBER}
)


def conditions_label(codes: Iterable[str]) -> str:
    """“有入党积极分子的支部，或有预备党员的支部”; a code nobody knows is shown as it is."""
    known = dict(ConditionCode.choices)
    return "，或".join(str(known.get(code, code)) for code in codes) or ConditionCode.ALL.label
