"""The ledgers of this app; importing them puts them into the registry."""

from reminders.ledgers.hours import HOURS
from reminders.ledgers.items import REMINDERS

__all__ = ["HOURS", "REMINDERS"]
