"""What a person's map says of one category; no ORM, no clock, no points."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices

# What lies further back says little of today.
LOOKS_BACK = timedelta(days=2 * 365)
# So many entries practised show that a category was gone through.
ENOUGH_PRACTICE = 3


class SkillState(TextChoices):
    PROVEN = "proven", "做过，经得起复查"
    LEARNT = "learnt", "学过练过"
    GAP = "gap", "还没有记录"


class Evidence(TextChoices):
    """Where a map is read from; PRACTICE is seen by oneself alone."""

    RECHECK = "recheck", "复查通过"
    SESSION = "session", "参加培训"
    DRILL = "drill", "情景演练"
    PRACTICE = "practice", "自测"


@dataclass(frozen=True)
class Seen:
    """How often each kind of evidence was found for one category."""

    rechecks: int = 0
    sessions: int = 0
    drills: int = 0
    practised: int = 0

    @property
    def state(self) -> SkillState:
        if self.rechecks:
            return SkillState.PROVEN
        if self.sessions or self.drills or self.practised >= ENOUGH_PRACTICE:
            return SkillState.LEARNT
        return SkillState.GAP
