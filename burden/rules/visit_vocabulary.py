"""Vocabulary of planned visits and of what branches say about them."""

from django.db.models import TextChoices


class VisitState(TextChoices):
    DRAFT = "draft", "待备案"
    FILED = "filed", "已备案"
    DONE = "done", "已开展"
    MERGED = "merged", "已合并"
    CANCELLED = "cancelled", "已取消"


# What a branch has to reckon with; the others take none of its time.
STANDING_STATES = frozenset({VisitState.FILED, VisitState.DONE})
# Known outside the office that plans it.
PUBLIC_STATES = frozenset(VisitState) - {VisitState.DRAFT}


class VisitMode(TextChoices):
    ON_SITE = "on_site", "进场检查"
    ONLINE = "online", "线上检查"


class Grade(TextChoices):
    """What the visited branch says of a visit, from good to bad."""

    HELPFUL = "helpful", "有帮助"
    SO_SO = "so_so", "一般"
    BURDEN = "burden", "增加了负担"


class Extra(TextChoices):
    """Whether materials beyond the plan were asked for."""

    NO = "no", "没有另外要材料"
    YES = "yes", "另外要了材料"


class Decision(TextChoices):
    ACCEPTED = "accepted", "同意"
    DECLINED = "declined", "不同意"
