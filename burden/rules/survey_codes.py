"""Codes on the slips of the pulse survey: eleven random characters (55 bits) and one that checks them."""

import secrets
import unicodedata

# Crockford's base 32: no I, L, O and U, so that nothing is taken for a digit.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 12, 4
_ALIKE = str.maketrans("OIL", "011")
# A prime below the size of the alphabet: a wrong or swapped character changes the sum.
_MODULUS = 31


def new_code() -> str:
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + _check(body)


def new_codes(number: int) -> list[str]:
    """So many different codes, in no order."""
    found: set[str] = set()
    while len(found) < number:
        found.add(new_code())
    codes = sorted(found)
    secrets.SystemRandom().shuffle(codes)
    return codes


def grouped(code: str) -> str:
    """As it is printed: 4K7M-92TQ-XP3R."""
    return "-".join(code[n : n + GROUP] for n in range(0, len(code), GROUP))


def read_code(typed: str) -> str | None:
    """What was typed as a code, however it was spaced or written; None when a character is wrong."""
    text = unicodedata.normalize("NFKC", typed).upper().translate(_ALIKE)
    code = "".join(one for one in text if one in ALPHABET)
    rest = [one for one in text if one not in ALPHABET and one.isalnum()]
    right = len(code) == LENGTH and not rest and _check(code[:-1]) == code[-1]
    return code if right else None


def _check(body: str) -> str:
    return ALPHABET[sum(n * ALPHABET.index(one) for n, one in enumerate(body, start=1)) % _MODULUS]
