"""Letters that nobody but their recipients opens, replies that nobody but the holder of the receipt opens.

No Django and no state. A sealed letter is always SEALED_SIZE bytes:

    RECIPIENT_PLACES × the content key in a sealed box | the content, padded, in a secret box

Places nobody needs are boxes to keys that were thrown away, not random bytes: those would be no points of
the curve half of the time, and everybody could see which are. The recipients' places stand in any order.
`dummy` is made the same way with places for nobody, so only who can open letters knows that it is none.

A recipient's private key lies wrapped by a key that Argon2id makes of their own passphrase. There is no
other copy: who forgets it opens no letter any more.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import nacl.pwhash
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox
from nacl.utils import random as random_bytes

from burden.box.sizes import (
    LETTER_ROOM,
    PLACE_SIZE,
    RECIPIENT_PLACES,
    REPLY_LIMIT,
    REPLY_ROOM,
    TEXT_LIMIT,
)

_VERSION = b"\x01"
_KEY = 32


class SealingError(Exception):
    """What was given cannot be sealed or opened; never says what it was."""


class TooLong(SealingError):
    """More characters than the limit."""


class NotForThisKey(SealingError):
    """A dummy, a letter to others, or damaged: nobody can tell which."""


class WrongPassphrase(SealingError):
    """The passphrase is wrong, or the wrapped key is damaged."""


@dataclass(frozen=True)
class Letter:
    """What somebody wrote; a repr of it shows nothing."""

    category: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True)
class OpenedLetter:
    """A letter in a recipient's hands. `reply_key` goes into `seal_reply`."""

    letter: Letter = field(repr=False)
    level: str
    reply_key: PublicKey = field(repr=False)


@dataclass(frozen=True)
class Reply:
    outcome: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Cost:
    """Of one try of a passphrase, for who guesses as for who knows it."""

    operations: int = nacl.pwhash.argon2id.OPSLIMIT_MODERATE
    memory: int = nacl.pwhash.argon2id.MEMLIMIT_MODERATE


MODERATE = Cost()


def seal_letter(
    letter: Letter, *, level: str, reply_key: PublicKey, recipients: Sequence[PublicKey]
) -> bytes:
    """SEALED_SIZE bytes that each of the recipients can open. Raises TooLong, SealingError."""
    if len(letter.text) > TEXT_LIMIT:
        raise TooLong
    parts = (level.encode(), letter.category.encode(), letter.text.encode())
    return _sealed(_VERSION + bytes(reply_key) + _joined(parts), recipients)


def dummy() -> bytes:
    """SEALED_SIZE bytes that nobody can open."""
    return _sealed(b"", ())


def _sealed(content: bytes, recipients: Sequence[PublicKey]) -> bytes:
    if len(recipients) > RECIPIENT_PLACES:
        raise SealingError("more recipients than places")
    key = random_bytes(_KEY)
    places = [SealedBox(public).encrypt(key) for public in recipients]
    places += [_place_for_nobody() for _ in range(RECIPIENT_PLACES - len(recipients))]
    secrets.SystemRandom().shuffle(places)
    return b"".join(places) + SecretBox(key).encrypt(_padded(content, LETTER_ROOM))


def _place_for_nobody() -> bytes:
    return SealedBox(PrivateKey.generate().public_key).encrypt(random_bytes(_KEY))


def open_letter(sealed: bytes, private: PrivateKey) -> OpenedLetter:
    """Tries every place. Raises NotForThisKey."""
    content = _opened(sealed, private)
    if content[:1] != _VERSION:
        raise NotForThisKey
    level, category, text = (part.decode() for part in _parted(content[1 + _KEY :], 3))
    return OpenedLetter(Letter(category, text), level, PublicKey(content[1 : 1 + _KEY]))


def reseal(sealed: bytes, private: PrivateKey, recipients: Sequence[PublicKey]) -> bytes:
    """The same letter with a new content key for exactly these recipients. Raises NotForThisKey.

    Somebody joins or leaves: who had a place and is not among them cannot open the new one.
    """
    return _sealed(_opened(sealed, private), recipients)


def _opened(sealed: bytes, private: PrivateKey) -> bytes:
    head = RECIPIENT_PLACES * PLACE_SIZE
    box = SealedBox(private)
    for start in range(0, head, PLACE_SIZE):
        try:
            key = box.decrypt(sealed[start : start + PLACE_SIZE])
            return _unpadded(SecretBox(key).decrypt(sealed[head:]))
        except CryptoError:
            continue
    raise NotForThisKey


def seal_reply(reply: Reply, reply_key: PublicKey) -> bytes:
    """REPLY_SIZE bytes for the holder of the receipt. Raises TooLong."""
    if len(reply.text) > REPLY_LIMIT:
        raise TooLong
    content = _joined((reply.outcome.encode(), reply.text.encode()))
    return SealedBox(reply_key).encrypt(_padded(content, REPLY_ROOM))


def open_reply(sealed: bytes, keys: PrivateKey) -> Reply | None:
    """None: it is not for this receipt, or none at all."""
    try:
        content = _unpadded(SealedBox(keys).decrypt(sealed))
    except CryptoError:
        return None
    outcome, text = (part.decode() for part in _parted(content, 2))
    return Reply(outcome, text)


def no_reply() -> bytes:
    """REPLY_SIZE bytes that look like a reply and that no receipt opens."""
    return SealedBox(PrivateKey.generate().public_key).encrypt(_padded(b"", REPLY_ROOM))


def wrap_private(private: PrivateKey, passphrase: str, *, cost: Cost = MODERATE) -> bytes:
    """The private key as it is kept: its costs, its salt, and itself under the passphrase."""
    salt = random_bytes(nacl.pwhash.argon2id.SALTBYTES)
    head = cost.operations.to_bytes(4) + cost.memory.to_bytes(8) + salt
    return head + _of_passphrase(passphrase, salt, cost).encrypt(bytes(private))


def unwrap_private(wrapped: bytes, passphrase: str) -> PrivateKey:
    """Raises WrongPassphrase."""
    cost = Cost(int.from_bytes(wrapped[:4]), int.from_bytes(wrapped[4:12]))
    salt, rest = wrapped[12:28], wrapped[28:]
    try:
        return PrivateKey(_of_passphrase(passphrase, salt, cost).decrypt(rest))
    except CryptoError:
        raise WrongPassphrase from None


def _of_passphrase(passphrase: str, salt: bytes, cost: Cost) -> SecretBox:
    made = partial(nacl.pwhash.argon2id.kdf, SecretBox.KEY_SIZE, passphrase.encode(), salt)
    return SecretBox(made(opslimit=cost.operations, memlimit=cost.memory))


def _padded(content: bytes, size: int) -> bytes:
    room = size - 2
    if len(content) > room:
        raise TooLong
    return len(content).to_bytes(2) + content.ljust(room, b"\x00")


def _unpadded(padded: bytes) -> bytes:
    return padded[2 : 2 + int.from_bytes(padded[:2])]


def _joined(parts: Sequence[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(2) + part for part in parts)


def _parted(joined: bytes, number: int) -> list[bytes]:
    parts = []
    for _ in range(number):
        size = int.from_bytes(joined[:2])
        parts.append(joined[2 : 2 + size])
        joined = joined[2 + size :]
    return parts
