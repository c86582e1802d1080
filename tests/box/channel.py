"""The channel as it runs: letters sent, ticks run, and what the files and the database hold between."""

import secrets
from collections.abc import Iterator
from datetime import date, timedelta

from nacl.public import PrivateKey

from burden.box.actions import accept_letter, box_folder, tick
from burden.box.files import held
from burden.box.limits import Level
from burden.box.receipts import Receipt, lookup_of
from burden.box.sealing import Letter, NotForThisKey, open_letter
from burden.box.shred import Keys, Shred, unwrap, unwrap_open
from burden.box.spool import Spool, Waiting
from burden.models.box import BoxLetter

MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
NEXT_MONDAY = MONDAY + timedelta(weeks=1)


def send(text: str = "多头填表") -> Receipt:
    return accept_letter(Letter("multi_form_filling", text), Level.OWN)


def waiting() -> Waiting:
    with Spool(box_folder()).held() as box:
        return box.read()


def keys() -> Keys:
    with held(box_folder()):
        return Shred(box_folder()).read() or Keys()


def open_batch() -> dict[str, bytes]:
    """lookup → sealed letter or dummy, of the running week."""
    known = keys()
    found = {}
    for outer in BoxLetter.objects.open().values_list("sealed", flat=True):
        lookup, wrapped, _ = unwrap_open(bytes(outer), known.weeks)
        found[lookup] = unwrap(wrapped, known.letters[lookup])
    return found


def released() -> dict[str, bytes]:
    known = keys().letters
    rows = BoxLetter.objects.released().values_list("lookup", "sealed")
    return {lookup: unwrap(bytes(sealed), known[lookup]) for lookup, sealed in rows}


def texts(sealed: dict[str, bytes], private: PrivateKey) -> list[str]:
    """What a recipient reads among them, sorted."""
    return sorted(text for one in sealed.values() for text in _text(one, private))


def _text(sealed: bytes, private: PrivateKey) -> Iterator[str]:
    try:
        yield open_letter(sealed, private).letter.text
    except NotForThisKey:
        return


def everywhere(private: PrivateKey) -> list[str]:
    """The text of every letter in spool, open batch and released ones; one in two places counts twice."""
    spool = {secrets.token_hex(8): entry.sealed for entry in waiting().entries}
    return sorted(text for place in (spool, open_batch(), released()) for text in texts(place, private))


def is_waiting(receipt: Receipt) -> bool:
    return lookup_of(receipt) in {entry.lookup for entry in waiting().entries}


def ticks(first: date, last: date) -> None:
    """One each day, both included."""
    for n in range((last - first).days + 1):
        tick(first + timedelta(days=n))
