"""Vocabulary and pure rules of what a branch did; no ORM, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices


class RecordKind(TextChoices):
    DATE_ONLY = "date_only", "只登记日期"
    MEETING = "meeting", "会议"
    VOTE = "vote", "表决"
    LECTURE = "lecture", "党课"
    ACTIVITY = "activity", "活动"
    TALK_COVERAGE = "talk_coverage", "谈心谈话"
    HOURS = "hours", "学时"
    DOCUMENT = "document", "材料"
    CHECKLIST = "checklist", "清单核对"
    ELECTION = "election", "选举"
    HANDOVER = "handover", "交接"
    RECHECK = "recheck", "复查"
    INSPECTION = "inspection", "检查"


# Kinds whose record names who was present.
ATTENDED_KINDS = frozenset(
    {RecordKind.MEETING, RecordKind.VOTE, RecordKind.LECTURE, RecordKind.ACTIVITY, RecordKind.ELECTION}
)
# Kinds whose attended class hours, where given, count towards the 32 and 56 hours of a year. A meeting
# carries hours only when it was a lecture or an activity at the same time.
HOUR_KINDS = frozenset({RecordKind.LECTURE, RecordKind.ACTIVITY, RecordKind.MEETING})
# Kinds that may change what is demanded next: the month list is refreshed after them.
FACT_KINDS = frozenset({RecordKind.VOTE, RecordKind.ELECTION, RecordKind.HANDOVER})


# Codes of the catalogue whose records are read by what they were; a test holds them to the catalogue.
GENERAL_MEETING = "branch_general_meeting"
COMMITTEE_MEETING = "branch_committee_meeting"
PARTY_DAY = "themed_party_day"
_GENERAL = "支部党员大会"
# 三会一课. Admitting, converting and electing are done in a general meeting, whatever item asked for them.
MEETING_KINDS: Mapping[str, str] = {
    GENERAL_MEETING: _GENERAL,
    "admission_meeting": _GENERAL,
    "probation_conversion": _GENERAL,
    "branch_election": _GENERAL,
    COMMITTEE_MEETING: "支部委员会会议",
    "party_group_meeting": "党小组会",
    "party_lecture": "党课",
}
LECTURE = MEETING_KINDS["party_lecture"]


class TalkCategory(TextChoices):
    THINKING = "thinking", "思想"
    HARDSHIP = "hardship", "困难"
    REMINDER = "reminder", "提醒"


@dataclass(frozen=True)
class VoteCount:
    """One matter put to the vote."""

    matter: str
    eligible: int
    present: int
    yes: int
    no: int
    abstain: int


def vote_passed(vote: VoteCount) -> bool:
    """Whether a matter passed: over half of those eligible came, over half of those eligible said yes.

    Source: 中国共产党支部工作条例（试行） 第十一条; the denominator is 应到会 with the right to vote.
    """
    return vote.present * 2 > vote.eligible and vote.yes * 2 > vote.eligible


def vote_errors(vote: VoteCount) -> list[str]:
    """What is impossible about the numbers, in words for the person who typed them."""
    found = []
    if vote.present > vote.eligible:
        found.append("实到人数多于应到人数，请核对。")
    if vote.yes + vote.no + vote.abstain > vote.present:
        found.append("赞成、反对、弃权合计多于实到人数，请核对。")
    return found
