"""A key for each letter, in one sealed file outside the database. No Django.

The database holds every letter in the wrapping of its own key. When a letter is withdrawn or grows too
old its key goes, and with it every copy of the letter in every old dump. While a week is open all rows of
its batch are wrapped once more in the key of the week, which goes at the release: afterwards old dumps no
longer show on which day of the week a letter joined the batch.

When letters are sealed anew for other recipients their keys change as well (`mixed`): who left opens nothing
in an old dump, not even with today's file. What is mixed in stands in the file until the database has the
new rows; afterwards every key is the mixed one, from which nobody gets back to the old.

Dummies have keys too, so the size of the database tells nothing; only here is written which they are.
The file is rewritten whole and keeps its size. How it is backed up: burden.box.files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.utils import random as random_bytes

from burden.box.files import BoxBroken, SealedFile
from burden.box.sizes import SEALED_SIZE, SLOTS_A_WEEK, WRAPPED_SIZE

NAME = "keys"
# Thirteen months of full weeks, the released and the open batch, and one more while a tick is under way.
MOST = SLOTS_A_WEEK * (58 + 3)
_KEY = _LOOKUP = 32
_WEEKS = 2  # that of the open batch, and during a release that of the next
_LINE = 1 + _LOOKUP + _KEY
_LETTER, _DUMMY, _MIXING = range(3)  # what a line is
_HEAD = 4
_VERSION = 1
SIZE = _HEAD + _WEEKS * _KEY + MOST * _LINE


@dataclass(frozen=True)
class LetterKey:
    key: bytes = field(repr=False)
    is_dummy: bool


@dataclass(frozen=True)
class Keys:
    """weeks: the key of the open batch, the newest last; letters: lookup → key.

    mixing: while letters are sealed anew, what goes into their keys; the database may have either.
    """

    weeks: tuple[bytes, ...] = field(default=(), repr=False)
    letters: Mapping[str, LetterKey] = field(default_factory=dict, repr=False)
    mixing: bytes = field(default=b"", repr=False)


class Shred:
    """The keys of one folder. Read and write with the folder held (burden.box.files)."""

    def __init__(self, folder: Path) -> None:
        self._file = SealedFile(folder, NAME, size=SIZE)

    def read(self) -> Keys | None:
        """None where there is none yet. Raises BoxBroken."""
        content = self._file.read()
        return None if content is None else _read(content)

    def write(self, keys: Keys) -> None:
        self._file.write(_written(keys))


def new_key(*, is_dummy: bool = False) -> LetterKey:
    return LetterKey(random_bytes(_KEY), is_dummy)


def new_week() -> bytes:
    return random_bytes(_KEY)


def mixed(key: LetterKey, mixing: bytes) -> LetterKey:
    """The next key of a letter; from it and from `mixing` nobody gets back to this one."""
    return LetterKey(blake2b(key.key, key=mixing, digest_size=_KEY).digest(), key.is_dummy)


def key_in_use(wrapped: bytes, key: LetterKey, mixing: bytes) -> LetterKey:
    """The key that opens the letter, or its next one. Raises BoxBroken."""
    try:
        unwrap(wrapped, key)
    except BoxBroken:
        if not mixing:
            raise
        key = mixed(key, mixing)
        unwrap(wrapped, key)
    return key


def wrap(sealed: bytes, key: LetterKey) -> bytes:
    """A letter of SEALED_SIZE as it lies in the database after the release."""
    if len(sealed) != SEALED_SIZE:
        raise ValueError("a sealed letter has one size")
    return SecretBox(key.key).encrypt(sealed)


def unwrap(wrapped: bytes, key: LetterKey) -> bytes:
    """Raises BoxBroken."""
    try:
        return SecretBox(key.key).decrypt(wrapped)
    except CryptoError:
        raise BoxBroken from None


def wrap_open(lookup: str, wrapped: bytes, week: bytes) -> bytes:
    """A wrapped letter as it lies in the open batch: its name is inside."""
    if len(wrapped) != WRAPPED_SIZE:
        raise ValueError("a wrapped letter has one size")
    return SecretBox(week).encrypt(bytes.fromhex(lookup) + wrapped)


def unwrap_open(outer: bytes, weeks: tuple[bytes, ...]) -> tuple[str, bytes, bytes]:
    """Lookup, wrapped letter and the key of the week that opened it. Raises BoxBroken."""
    for week in weeks:
        try:
            content = SecretBox(week).decrypt(outer)
        except CryptoError:
            continue
        return content[:_LOOKUP].hex(), content[_LOOKUP:], week
    raise BoxBroken


def _written(keys: Keys) -> bytes:
    if len(keys.letters) + bool(keys.mixing) > MOST or len(keys.weeks) > _WEEKS:
        raise ValueError("more keys than the file has room for")
    lines = [
        bytes([_DUMMY if one.is_dummy else _LETTER]) + bytes.fromhex(lookup) + one.key
        for lookup, one in sorted(keys.letters.items())
    ]
    if keys.mixing:
        lines.append(bytes([_MIXING]) + bytes(_LOOKUP) + keys.mixing)
    head = bytes([_VERSION, len(keys.weeks)]) + len(lines).to_bytes(2)
    weeks = b"".join(keys.weeks).ljust(_WEEKS * _KEY, b"\x00")
    return head + weeks + b"".join(lines).ljust(MOST * _LINE, b"\x00")


def _read(content: bytes) -> Keys:
    start = _HEAD + _WEEKS * _KEY
    weeks = tuple(content[_HEAD + n * _KEY : _HEAD + (n + 1) * _KEY] for n in range(content[1]))
    letters, mixing = {}, b""
    for n in range(int.from_bytes(content[2:4])):
        line = content[start + n * _LINE : start + (n + 1) * _LINE]
        kind, lookup, key = line[0], line[1 : 1 + _LOOKUP].hex(), line[1 + _LOOKUP :]
        if kind == _MIXING:
            mixing = key
        else:
            letters[lookup] = LetterKey(key, kind == _DUMMY)
    return Keys(weeks, letters, mixing)
