"""What floors above offer on the page of an entry, as a link or a button.

An app that has something to offer has a module of this name, which calls `register`; found at start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from errorbank.models import ErrorEntry


@dataclass(frozen=True)
class EntryOffer:
    """`changes`: a button that sends a form, not a link."""

    label: str
    address: str
    icon: str
    changes: bool = False


EntryOffers = Callable[[User, ErrorEntry, date], Sequence[EntryOffer]]

_sources: list[EntryOffers] = []


def register(source: EntryOffers) -> EntryOffers:
    if source not in _sources:
        _sources.append(source)
    return source


def entry_offers(user: User, entry: ErrorEntry, *, on: date) -> list[EntryOffer]:
    return [offer for source in _sources for offer in source(user, entry, on)]
