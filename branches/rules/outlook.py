"""How many full members a branch will have, month by month, from what is known today."""

from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from periods.months import Month


class OutlookLevel(TextChoices):
    """How a branch stands, the worst first."""

    BREACH = "breach", "已不足"
    IMMINENT = "imminent", "将不足"
    NO_BUFFER = "no_buffer", "临界"
    BORROWED = "borrowed", "靠抽调"
    OK = "ok", "正常"


class AlertCode(TextChoices):
    HEADCOUNT_BREACH = "headcount_breach", "正式党员已不足"
    HEADCOUNT_IMMINENT = "headcount_imminent", "正式党员将不足"
    HEADCOUNT_LATER = "headcount_later", "以后将不足"
    DEPUTY_BELOW_LOCAL_MIN = "deputy_below_local_min", "副书记职务须研判"
    NOMINAL_BRANCH = "nominal_branch", "靠抽调达到设立条件"
    TERM_EXPIRING = "term_expiring", "任期将届满"
    CONVERSION_DUE = "conversion_due", "预备期将满"


class AlertLevel(TextChoices):
    """Of headcount alerts the level of the branch; of the others how pressing they are."""

    BREACH = "breach", "已不足"
    IMMINENT = "imminent", "将不足"
    LATER = "later", "以后"
    BORROWED = "borrowed", "靠抽调"
    LOCAL = "local", "本单位规定"
    LATE = "late", "已过期"
    NOTICE = "notice", "提醒"


@dataclass(frozen=True)
class Alert:
    """One thing to act on: `month` is the month in which it begins, `basis` a sentence naming documents."""

    code: AlertCode
    level: AlertLevel
    month: Month
    text: str
    basis: str


@dataclass(frozen=True)
class MonthFigure:
    """Counts on the last day of the month; `own` are full members of the own department."""

    month: Month
    full: int
    probationary: int
    own: int


@dataclass(frozen=True)
class BranchOutlook:
    """One branch from a day on.

    `own_department` counts full members who are not borrowed, on that day; `own_department_after` those of
    them who remain after every known departure within the horizon of the policy.
    """

    organisation: int
    code: str
    name: str
    on: date
    full_now: int
    probationary_now: int
    own_department: int
    own_department_after: int
    level: OutlookLevel
    alerts: tuple[Alert, ...]
    months: tuple[MonthFigure, ...]
