"""Tables of training, one file a subject."""

from training.models.cards import Card, CardRun, CardVersion
from training.models.contests import Contest, Criterion, Judge, Judgement, Point, Work, WorkAuthor
from training.models.duties import Duty
from training.models.mentors import HelpRequest, MentorTopic, Pair, PairTalk
from training.models.outputs import Output, OutputAuthor, OutputPick, OutputUse, OutputVersion
from training.models.rotation import BranchPair, RotationAway, RotationPlan, RotationSlot, RotationVisit
from training.models.sessions import Session, SessionBranch

__all__ = [
    "BranchPair",
    "Card",
    "CardRun",
    "CardVersion",
    "Contest",
    "Criterion",
    "Duty",
    "HelpRequest",
    "Judge",
    "Judgement",
    "MentorTopic",
    "Output",
    "OutputAuthor",
    "OutputPick",
    "OutputUse",
    "OutputVersion",
    "Pair",
    "PairTalk",
    "Point",
    "RotationAway",
    "RotationPlan",
    "RotationSlot",
    "RotationVisit",
    "Session",
    "SessionBranch",
    "Work",
    "WorkAuthor",
]
