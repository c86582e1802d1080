"""Where letters wait for the daily tick: one sealed file with a fixed number of slots. No Django.

It is rewritten whole with every letter, every withdrawal and every minute, slots in a new order, so that
neither its size nor its times nor its bytes say that anything came. `accept` and `withdraw` return when
the disk has it. Who has the key and two copies taken before and after one letter sees that one came,
still sealed to its recipients.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from burden.box.files import WAIT, BoxUnusable, SealedFile, held
from burden.box.sizes import SEALED_SIZE, SLOTS_A_WEEK

NAME = "spool"
# More than anybody needs in a day; beyond it all are asked to come back tomorrow.
MOST_WITHDRAWALS = 512
_LOOKUP = 32
_SLOT = _LOOKUP + SEALED_SIZE
_VERSION = 1
_HEAD = 6
SIZE = _HEAD + MOST_WITHDRAWALS * _LOOKUP + SLOTS_A_WEEK * _SLOT


class WeekFull(Exception):
    """All slots of the week are taken."""


class DayFull(BoxUnusable):
    """No more withdrawals until the next tick."""


@dataclass(frozen=True)
class Entry:
    """lookup: 64 hexadecimal digits; sealed: SEALED_SIZE bytes."""

    lookup: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class Waiting:
    """What the file holds. `room`: how many entries it takes; `moving`: a tick has begun and not ended."""

    entries: tuple[Entry, ...] = ()
    withdrawals: frozenset[str] = frozenset()
    room: int = SLOTS_A_WEEK
    moving: bool = False


class HeldSpool:
    """The spool in the hands of one holder."""

    def __init__(self, folder: Path) -> None:
        self._file = SealedFile(folder, NAME, size=SIZE)

    def read(self) -> Waiting:
        """Raises BoxBroken."""
        content = self._file.read()
        return Waiting() if content is None else _read(content)

    def write(self, waiting: Waiting) -> None:
        self._file.write(_written(waiting))


class Spool:
    """The spool of one folder. Everything raises BoxUnusable when the file is held too long or broken."""

    def __init__(self, folder: Path, *, wait: float = WAIT) -> None:
        self.folder, self.wait = folder, wait

    @contextmanager
    def held(self) -> Iterator[HeldSpool]:
        with held(self.folder, wait=self.wait):
            yield HeldSpool(self.folder)

    def accept(self, entry: Entry) -> None:
        """Returns when the entry is on the disk; one that waits already is replaced. Raises WeekFull."""
        if len(entry.sealed) != SEALED_SIZE:
            raise ValueError("a sealed letter has one size")
        with self.held() as box:
            waiting = box.read()
            others = [one for one in waiting.entries if one.lookup != entry.lookup]
            if len(others) >= waiting.room:
                raise WeekFull
            box.write(replace(waiting, entries=(*others, entry)))

    def withdraw(self, lookup: str) -> None:
        """Ask for what the lookup names to go at the next tick; nobody looks whether there is any.

        Raises DayFull.
        """
        with self.held() as box:
            waiting = box.read()
            if len(waiting.withdrawals) >= MOST_WITHDRAWALS:
                raise DayFull
            box.write(replace(waiting, withdrawals=waiting.withdrawals | {lookup}))

    def beat(self) -> None:
        """Rewrite it as it is."""
        with self.held() as box:
            box.write(box.read())


def _written(waiting: Waiting) -> bytes:
    entries = list(waiting.entries)
    secrets.SystemRandom().shuffle(entries)
    numbers = (waiting.room, waiting.moving, len(entries))
    head = bytes([_VERSION, *numbers]) + len(waiting.withdrawals).to_bytes(2)
    gone = b"".join(bytes.fromhex(lookup) for lookup in sorted(waiting.withdrawals))
    slots = b"".join(bytes.fromhex(entry.lookup) + entry.sealed for entry in entries)
    gone = gone.ljust(MOST_WITHDRAWALS * _LOOKUP, b"\x00")
    return head + gone + slots.ljust(SLOTS_A_WEEK * _SLOT, b"\x00")


def _read(content: bytes) -> Waiting:
    room, moving, number = content[1:4]
    start = _HEAD + MOST_WITHDRAWALS * _LOOKUP
    gone = _pieces(content[_HEAD:start], _LOOKUP, int.from_bytes(content[4:6]))
    slots = _pieces(content[start:], _SLOT, number)
    entries = tuple(Entry(slot[:_LOOKUP].hex(), slot[_LOOKUP:]) for slot in slots)
    return Waiting(entries, frozenset(one.hex() for one in gone), room, bool(moving))


def _pieces(content: bytes, size: int, number: int) -> list[bytes]:
    return [content[n * size : (n + 1) * size] for n in range(number)]
