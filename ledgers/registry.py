"""All ledgers of the portal, filled at start from each app's `ledgers.py`."""

from datetime import date

from accounts.models import User
from ledgers.ledger import Ledger, LedgerGroup

_ledgers: dict[str, Ledger] = {}


class UnknownLedgerError(LookupError):
    """There is no ledger of this name."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"没有名为“{slug}”的台账。")


def register(ledger: Ledger) -> Ledger:
    """Add one ledger; two of the same slug are a mistake in the code."""
    if _ledgers.setdefault(ledger.slug, ledger) is not ledger:
        raise ValueError(f"The ledger slug {ledger.slug!r} is taken.")
    return ledger


def unregister(slug: str) -> None:
    """Take one ledger out again; tests bring their own."""
    _ledgers.pop(slug, None)


def find_ledger(slug: str) -> Ledger:
    """Return the ledger; raises UnknownLedgerError."""
    try:
        return _ledgers[slug]
    except KeyError:
        raise UnknownLedgerError(slug) from None


def slugs() -> list[str]:
    return sorted(_ledgers)


def ledgers_for(user: User, *, on: date) -> list[Ledger]:
    """Return the ledgers `user` may open today, group by group, by title."""
    mine = [ledger for ledger in _ledgers.values() if ledger.may_open(user, on)]
    groups = list(LedgerGroup)
    return sorted(mine, key=lambda ledger: (groups.index(ledger.group), ledger.title))
