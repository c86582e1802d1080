"""Vocabulary of training sessions; no ORM, no clock."""

from decimal import ROUND_HALF_UP, Decimal

from django.db.models import TextChoices


class SessionKind(TextChoices):
    LECTURE = "lecture", "集中授课"
    CASE = "case", "案例研讨"
    DRILL = "drill", "情景演练"
    ON_SITE = "on_site", "现场教学"
    VISIT = "visit", "参观交流"


class SessionState(TextChoices):
    PLANNED = "planned", "待开展"
    HELD = "held", "已开展"
    CANCELLED = "cancelled", "已取消"


class Audience(TextChoices):
    """Whom of an invited branch a session is for."""

    EVERYBODY = "everybody", "全体党员"
    COMMITTEE = "committee", "书记和支委"
    WORKERS = "workers", "兼职党务工作者和书记"


# One class hour (学时) is 45 minutes, as usual in cadre training; the organiser may write another number.
CLASS_HOUR_MINUTES = 45
# The records' own limit (records.Record.hours).
MOST_HOURS = Decimal("99.5")


def class_hours(minutes: int) -> Decimal:
    """Class hours proposed for a length in minutes, to the half hour, at least one half."""
    halves = (Decimal(2 * minutes) / CLASS_HOUR_MINUTES).quantize(Decimal(1), ROUND_HALF_UP)
    return min(max(halves, Decimal(1)) / 2, MOST_HOURS)
