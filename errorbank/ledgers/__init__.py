"""The ledgers of this app; importing them puts them into the registry."""

from errorbank.ledgers.entries import ERRORS
from errorbank.ledgers.findings import RECTIFICATION
from errorbank.ledgers.inspections import INSPECTIONS
from errorbank.ledgers.rechecks import RECHECKS

__all__ = ["ERRORS", "INSPECTIONS", "RECHECKS", "RECTIFICATION"]
