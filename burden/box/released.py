"""Released letters as the desk handles them: read, marked and sealed anew, always all rows alike.

Everything here is called with the `desk_held`.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.db import transaction

from burden.box.files import held
from burden.box.shred import Keys, Shred, key_in_use, mixed, new_week, unwrap, wrap
from burden.box.sizes import SLOTS_A_WEEK
from burden.box.traces import leaving_little
from burden.models.box import BoxLetter


@dataclass(frozen=True)
class ReleasedLetter:
    """sealed: for `open_letter`; most that do not open are dummies. version: of what was replied so far."""

    lookup: str
    month: date
    outcome: str
    pending_outcome: str
    version: str
    sealed: bytes = field(repr=False)


@contextmanager
def desk_held() -> Iterator[None]:
    """Files first and then the database, as the tick takes them: else each would wait for the other.

    Raises BoxUnusable. Inside somebody else's transaction it would be the other way round.
    """
    with held(_folder()):
        with leaving_little(), transaction.atomic():
            yield
        _forget_old_keys()


def _forget_old_keys() -> None:
    """After sealing anew, or where that was stopped: each letter keeps the key the database has it in."""
    shred = Shred(_folder())
    keys = shred.read()
    if keys and keys.mixing:
        shred.write(_settled(keys))


def _settled(keys: Keys) -> Keys:
    rows = BoxLetter.objects.released().filter(lookup__in=keys.letters).values_list("lookup", "sealed")
    used = {lookup: key_in_use(bytes(sealed), keys.letters[lookup], keys.mixing) for lookup, sealed in rows}
    return replace(keys, letters={**keys.letters, **used}, mixing=b"")


def released_letters() -> list[ReleasedLetter]:
    """All of them, of both levels, in random order, without the dummies. These stay in the database until
    the tick drops them, so that opening the desk changes no number. Raises BoxBroken."""
    keys = _keys()
    rows = list(BoxLetter.objects.released())
    secrets.SystemRandom().shuffle(rows)
    return [
        ReleasedLetter(
            row.lookup,
            row.month,
            row.outcome,
            row.pending_outcome,
            version_of(row),
            _unwrapped(row, keys),
        )
        for row in rows
        if row.month and row.lookup in keys.letters and not keys.letters[row.lookup].is_dummy
    ]


def unanswered(lookup: str) -> BoxLetter | None:
    """The released letter of that name as long as no answer to it is published."""
    return BoxLetter.objects.released().select_for_update().filter(lookup=lookup, outcome="").first()


def version_of(letter: BoxLetter) -> str:
    """Another one after each reply, so that who opened the desk before is not the one who replaces it."""
    return blake2b(bytes(letter.pending_reply), digest_size=8).hexdigest()


def mark_answered(letter: BoxLetter, *, reply: bytes, outcome: str) -> None:
    """Takes effect at the next release. reply: burden.box.sealing.seal_reply."""
    letter.pending_reply, letter.pending_outcome = reply, outcome
    letter.save(update_fields=["pending_reply", "pending_outcome"])


def reseal_released(resealed: Mapping[str, bytes]) -> None:
    """Replace letters (lookup → burden.box.sealing.reseal). Raises BoxBroken.

    All rows are written anew in shuffled order, so that nobody sees which were of the level, and each in a
    new key. New keys are on the disk before the rows can commit.
    """
    keys = replace(_settled(_keys()), mixing=new_week())
    Shred(_folder()).write(keys)
    rows = list(BoxLetter.objects.released().select_for_update())
    for row in rows:
        row.sealed = _wrapped(row, resealed.get(row.lookup), keys)
    BoxLetter.objects.released().delete()
    secrets.SystemRandom().shuffle(rows)
    BoxLetter.objects.bulk_create(rows, batch_size=SLOTS_A_WEEK)


def _wrapped(row: BoxLetter, sealed: bytes | None, keys: Keys) -> bytes:
    if row.lookup not in keys.letters:
        return bytes(row.sealed)
    key = keys.letters[row.lookup]
    return wrap(sealed or unwrap(bytes(row.sealed), key), mixed(key, keys.mixing))


def _unwrapped(row: BoxLetter, keys: Keys) -> bytes:
    wrapped = bytes(row.sealed)
    return unwrap(wrapped, key_in_use(wrapped, keys.letters[row.lookup], keys.mixing))


def _keys() -> Keys:
    return Shred(_folder()).read() or Keys()


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "box"
