"""Released letters as the desk handles them: read, marked and sealed anew, always all rows alike."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction

from burden.box.files import held
from burden.box.shred import Keys, LetterKey, Shred, unwrap, wrap
from burden.box.sizes import SLOTS_A_WEEK
from burden.box.traces import leaving_little
from burden.models.box import BoxLetter


@dataclass(frozen=True)
class ReleasedLetter:
    """sealed: for `open_letter`; most that do not open are dummies."""

    lookup: str
    month: date
    outcome: str
    pending_outcome: str
    sealed: bytes = field(repr=False)


def released_letters() -> list[ReleasedLetter]:
    """All of them, of both levels, in random order; dummies are dropped here. Raises BoxUnusable."""
    with held(_folder()):
        keys = _keys()
        rows = list(BoxLetter.objects.released())
    secrets.SystemRandom().shuffle(rows)
    return [
        ReleasedLetter(
            row.lookup,
            row.month,
            row.outcome,
            row.pending_outcome,
            unwrap(bytes(row.sealed), keys[row.lookup]),
        )
        for row in rows
        if row.month and row.lookup in keys and not keys[row.lookup].is_dummy
    ]


def mark_answered(lookup: str, *, reply: bytes, outcome: str) -> bool:
    """Takes effect at the next release; False when the letter is gone or answered. Raises BoxUnusable.

    reply: burden.box.sealing.seal_reply.
    """
    with held(_folder()), leaving_little():
        waiting = BoxLetter.objects.released().filter(lookup=lookup, outcome="")
        return bool(waiting.update(pending_reply=reply, pending_outcome=outcome))


def reseal_released(resealed: Mapping[str, bytes]) -> None:
    """Replace letters (lookup → burden.box.sealing.reseal). Raises BoxUnusable.

    All rows are written anew in shuffled order, so that nobody sees which were of the level.
    """
    with held(_folder()), leaving_little(), transaction.atomic():
        keys = _keys()
        rows = list(BoxLetter.objects.released().select_for_update())
        for row in rows:
            row.sealed = _wrapped(row, resealed.get(row.lookup), keys)
        BoxLetter.objects.released().delete()
        secrets.SystemRandom().shuffle(rows)
        BoxLetter.objects.bulk_create(rows, batch_size=SLOTS_A_WEEK)


def _wrapped(row: BoxLetter, sealed: bytes | None, keys: Mapping[str, LetterKey]) -> bytes:
    if row.lookup not in keys:
        return bytes(row.sealed)
    key = keys[row.lookup]
    return wrap(sealed or unwrap(bytes(row.sealed), key), key)


def _keys() -> Mapping[str, LetterKey]:
    return (Shred(_folder()).read() or Keys()).letters


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "box"
