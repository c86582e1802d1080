"""Receipts: the only thing that leads to a letter and its reply. Pure; the portal keeps none.

26 random characters of Crockford's base 32 (130 bits, so no secret is needed to keep anybody from trying
them all) and one that checks them: a sum over GF(32) with weights 1, a, a², …, which notices every wrong
character and every two that were swapped. From a receipt come, each in its own way and none leading back:

* `lookup_of`: under which the database knows the letter,
* `reply_keys_of`: an X25519 pair. Its public half travels inside the sealed letter; replies are sealed to
  it, so only the receipt opens them.
"""

import secrets
import unicodedata
from dataclasses import dataclass, field
from hashlib import blake2b

from nacl.public import PrivateKey

from burden.rules.survey_codes import ALPHABET

BODY, GROUP = 26, 3
_ALIKE = str.maketrans("OIL", "011")
_BEYOND, _FOLD = 0b100000, 0b100101  # the field is that of the polynomial x⁵ + x² + 1
_LOOKUP, _REPLY = b"box lookup", b"box reply"


@dataclass(frozen=True)
class Receipt:
    """`str()` is what a person writes down; its repr says nothing, for it may come to stand in a report."""

    characters: str = field(repr=False)

    def __str__(self) -> str:
        return "-".join(self.groups)

    @property
    def groups(self) -> list[str]:
        return [self.characters[n : n + GROUP] for n in range(0, len(self.characters), GROUP)]


def new_receipt() -> Receipt:
    body = "".join(secrets.choice(ALPHABET) for _ in range(BODY))
    return Receipt(body + _check(body))


def read_receipt(typed: str) -> Receipt | None:
    """What was typed, however it was spaced or written; None when a character is wrong or missing."""
    text = unicodedata.normalize("NFKC", typed).upper().translate(_ALIKE)
    if any(one.isalnum() and one not in ALPHABET for one in text):
        return None
    found = "".join(one for one in text if one in ALPHABET)
    right = len(found) == BODY + 1 and _check(found[:-1]) == found[-1]
    return Receipt(found) if right else None


def lookup_of(receipt: Receipt) -> str:
    """64 hexadecimal digits, the primary key of the letter."""
    return _derived(receipt, _LOOKUP).hex()


def reply_keys_of(receipt: Receipt) -> PrivateKey:
    """The pair to which replies are sealed."""
    return PrivateKey(_derived(receipt, _REPLY))


def _derived(receipt: Receipt, purpose: bytes) -> bytes:
    return blake2b(receipt.characters.encode("ascii"), digest_size=32, person=purpose).digest()


def _check(body: str) -> str:
    total = 0
    for one in body:  # Horner: the weight of a place is a power of a
        total = _times_a(total ^ ALPHABET.index(one))
    return ALPHABET[total]


def _times_a(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FOLD if doubled & _BEYOND else doubled
