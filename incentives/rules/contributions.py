"""What counts as a contribution, and what a contribution feeds; pure."""

from django.db.models import TextChoices

from branches.rules import Refusal


class IncentiveRefused(Refusal):
    """The entry, nomination, policy or sheet does not fit; str() says what to do."""


class EntryKind(TextChoices):
    ITEM = "item", "办结事项"
    HARD_ITEM = "hard_item", "办结较难事项"
    RECHECK = "recheck", "复查通过"
    ERROR_ENTRY = "error_entry", "错题条目被采用"
    ROTATION = "rotation", "轮训检查发现问题"
    DEMAND = "demand", "减负线索被采用"
    SESSION = "session", "主讲培训"
    MENTORING = "mentoring", "帮带"
    CONTEST = "contest", "竞赛获奖"
    OUTPUT = "output", "成果被推广"
    OTHER = "other", "其他贡献"


# Items say how hard the work was, rechecks whether it held: the same is not counted twice as a contribution.
WORK_KINDS = frozenset({EntryKind.ITEM, EntryKind.HARD_ITEM})
CONTRIBUTION_KINDS = frozenset(EntryKind) - WORK_KINDS - {EntryKind.RECHECK}
# What a person may name; the others are pulled from where they happened.
NOMINATED_KINDS = (
    EntryKind.SESSION,
    EntryKind.MENTORING,
    EntryKind.CONTEST,
    EntryKind.OUTPUT,
    EntryKind.OTHER,
)


class NominationState(TextChoices):
    WAITING = "waiting", "待审核"
    APPROVED = "approved", "已通过"
    DECLINED = "declined", "未通过"


GONE = "来源已撤回或更改"
