"""Making backups, and bringing one back."""

from backups.actions.making import Made, make_backup
from backups.actions.nightly import make_nightly, period_of
from backups.actions.restoring import Choices, Restored, restore
from backups.actions.verifying import verify

__all__ = [
    "Choices",
    "Made",
    "Restored",
    "make_backup",
    "make_nightly",
    "period_of",
    "restore",
    "verify",
]
