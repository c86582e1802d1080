"""Tables of training, one file a subject."""

from training.models.duties import Duty
from training.models.outputs import Output, OutputAuthor, OutputPick, OutputUse, OutputVersion
from training.models.rotation import BranchPair, RotationAway, RotationPlan, RotationSlot, RotationVisit
from training.models.sessions import Session, SessionBranch

__all__ = [
    "BranchPair",
    "Duty",
    "Output",
    "OutputAuthor",
    "OutputPick",
    "OutputUse",
    "OutputVersion",
    "RotationAway",
    "RotationPlan",
    "RotationSlot",
    "RotationVisit",
    "Session",
    "SessionBranch",
]
