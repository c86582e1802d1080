"""The ledgers of this app; importing them puts them into the registry."""

from records.ledgers.meetings import MEETINGS
from records.ledgers.party_days import PARTY_DAYS
from records.ledgers.talks import TALKS

__all__ = ["MEETINGS", "PARTY_DAYS", "TALKS"]
