"""Vocabulary of measures, duties and assessment schemes."""

from django.db.models import TextChoices


class ListState(TextChoices):
    DRAFT = "draft", "草稿"
    ISSUED = "issued", "现行"
    REPLACED = "replaced", "已有新版"
    CLOSED = "closed", "已收尾"


# What everybody may read.
PUBLIC_STATES = frozenset({ListState.ISSUED, ListState.REPLACED, ListState.CLOSED})
# The last word of a year.
STANDING_STATES = frozenset({ListState.ISSUED, ListState.CLOSED})


class Direction(TextChoices):
    """On which side of the target a value is good."""

    AT_MOST = "at_most", "不高于"
    AT_LEAST = "at_least", "不低于"


class Cadence(TextChoices):
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    HALF_YEARLY = "half_yearly", "每半年"
    YEARLY = "yearly", "每年"


class Origin(TextChoices):
    """Where a measure comes from; a proposal of the template counts only once staff adopt it."""

    CASE = "case", "本单位做法"
    PROPOSAL = "proposal", "建议"
    OWN = "own", "自行增加"


class MeasureStatus(TextChoices):
    MET = "met", "达标"
    UNDER_WAY = "under_way", "推进中"
    MISSED = "missed", "未达标"
    EMPTY = "empty", "待填"


class ValueSource(TextChoices):
    TYPED = "typed", "人工填报"
    MEASURED = "measured", "系统统计"


class DutyKind(TextChoices):
    MUST = "must", "应当做"
    MAY_DECLINE = "may_decline", "可以不接"
    DECIDES = "decides", "由谁决定"


class ItemKind(TextChoices):
    """What an item of an assessment scheme counts."""

    RESULT = "result", "看结果"
    PROCESS = "process", "看过程"
    TRACE = "trace", "只看留痕"
