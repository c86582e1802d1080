"""Tables of training, one file a subject."""

from training.models.duties import Duty
from training.models.sessions import Session, SessionBranch

__all__ = ["Duty", "Session", "SessionBranch"]
