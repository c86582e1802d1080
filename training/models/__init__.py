"""Tables of training, one file a subject."""

from training.models.duties import Duty

__all__ = ["Duty"]
