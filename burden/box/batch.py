"""The batch of the week in the database: what a tick makes of it. Called with the spool held.

A tick reads all, decides in memory, and writes a whole batch in shuffled order under one transaction. It
does the same amount of work whether forty letters came or none.
"""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from burden.box.files import BoxBroken
from burden.box.limits import KEEP_MONTHS, SLOTS_A_WEEK
from burden.box.outcomes import publish
from burden.box.sealing import dummy
from burden.box.shred import Keys, LetterKey, Shred, new_key, new_week, unwrap_open, wrap, wrap_open
from burden.box.spool import Waiting
from burden.models.box import BoxLetter, LetterState, new_name
from periods.months import Month


@dataclass(frozen=True)
class Held:
    """What the database holds: the open batch (lookup → wrapped letter), and the lookups released."""

    open: dict[str, bytes] = field(repr=False)
    released: frozenset[str]
    weeks: tuple[bytes, ...] = field(repr=False)

    @property
    def lookups(self) -> frozenset[str]:
        return self.released | self.open.keys()


@dataclass(frozen=True)
class Batch:
    """Exactly SLOTS_A_WEEK wrapped letters, and the keys of those that are new in it."""

    rows: dict[str, bytes] = field(repr=False)
    fresh: dict[str, LetterKey] = field(repr=False)


def held_now(keys: Keys) -> Held:
    """Raises BoxBroken when the key file is not that of this database."""
    opened = [
        unwrap_open(bytes(one), keys.weeks)
        for one in BoxLetter.objects.open().values_list("sealed", flat=True)
    ]
    released = frozenset(BoxLetter.objects.released().values_list("lookup", flat=True))
    if not released <= keys.letters.keys():
        raise BoxBroken
    weeks = frozenset(week for _, _, week in opened)
    rows = {lookup: wrapped for lookup, wrapped, _ in opened}
    return Held(rows, released, tuple(one for one in keys.weeks if one in weeks))


def write_tick(waiting: Waiting, shred: Shred, *, is_new_week: bool, on: date) -> None:
    """The effects of one tick, inside its transaction. New keys are on the disk before it can commit."""
    keys = shred.read() or Keys()
    held = held_now(keys)
    gone = waiting.withdrawals
    # Always so many: the time a tick takes must not tell how many of them are used.
    spares = [dummy() for _ in range(2 * SLOTS_A_WEEK)]
    fresh = {
        entry.lookup: entry.sealed for entry in waiting.entries if entry.lookup not in gone | held.lookups
    }
    batch = filled(held.open, keys, fresh, gone=gone, spares=spares[:SLOTS_A_WEEK])
    BoxLetter.objects.open().delete()
    BoxLetter.objects.released().filter(lookup__in=gone).delete()
    week = held.weeks[-1] if held.weeks else new_week()
    fresh_keys = dict(batch.fresh)
    if is_new_week and held.open:
        _release(batch, keys, on=on)
        publish(on=on)
        week = new_week()
        left = {lookup: sealed for lookup, sealed in fresh.items() if lookup not in batch.rows}
        batch = filled({}, keys, left, gone=gone, spares=spares[SLOTS_A_WEEK:])
        fresh_keys |= batch.fresh
    weeks = (*held.weeks, week) if week not in held.weeks else held.weeks
    shred.write(replace(keys, weeks=weeks, letters={**keys.letters, **fresh_keys}))
    _insert(_open_rows(batch, week))


def filled(
    old: dict[str, bytes],
    keys: Keys,
    fresh: dict[str, bytes],
    *,
    gone: Collection[str],
    spares: Iterable[bytes],
) -> Batch:
    """The letters of the old batch that stay, as many fresh ones as there is room for, and new dummies."""
    rows = {lookup: one for lookup, one in old.items() if lookup not in gone and not is_dummy(lookup, keys)}
    made: dict[str, LetterKey] = {}
    for lookup, sealed in list(fresh.items())[: SLOTS_A_WEEK - len(rows)]:
        made[lookup] = new_key()
        rows[lookup] = wrap(sealed, made[lookup])
    for sealed in spares:
        if len(rows) < SLOTS_A_WEEK:
            lookup = new_name()
            made[lookup] = new_key(is_dummy=True)
            rows[lookup] = wrap(sealed, made[lookup])
    return Batch(rows, made)


def is_dummy(lookup: str, keys: Keys) -> bool:
    """A row whose key is lost counts as a letter: it is kept."""
    return lookup in keys.letters and keys.letters[lookup].is_dummy


def _release(batch: Batch, keys: Keys, *, on: date) -> None:
    """The batch joins the released letters, marks take effect, what is too old and old dummies go."""
    first = Month.of(on).plus(-KEEP_MONTHS).first
    kept = [
        _marked(letter)
        for letter in BoxLetter.objects.released().select_for_update().filter(month__gte=first)
        if not is_dummy(letter.lookup, keys)
    ]
    month = Month.of(on).first
    joined = [
        BoxLetter(lookup=lookup, sealed=wrapped, state=LetterState.RELEASED, month=month)
        for lookup, wrapped in batch.rows.items()
    ]
    BoxLetter.objects.released().delete()
    _insert(kept + joined)


def _marked(letter: BoxLetter) -> BoxLetter:
    if letter.pending_outcome:
        letter.reply, letter.outcome = letter.pending_reply, letter.pending_outcome
        letter.pending_reply, letter.pending_outcome = b"", ""
    return letter


def _open_rows(batch: Batch, week: bytes) -> list[BoxLetter]:
    return [
        BoxLetter(lookup=new_name(), sealed=wrap_open(lookup, wrapped, week), state=LetterState.OPEN)
        for lookup, wrapped in batch.rows.items()
    ]


def _insert(rows: list[BoxLetter]) -> None:
    secrets.SystemRandom().shuffle(rows)
    BoxLetter.objects.bulk_create(rows, batch_size=SLOTS_A_WEEK)


def room_in(held: Held, keys: Keys) -> int:
    """How many letters the open batch still has places for."""
    letters = sum(not is_dummy(lookup, keys) for lookup in held.open)
    return SLOTS_A_WEEK - letters
