"""The ledgers of this app; importing them puts them into the registry."""

from branches.ledgers.recruiting import RECRUITING

__all__ = ["RECRUITING"]
