"""How good a recipient's passphrase is; pure, nothing is kept of it.

A copy of the database can be tried out for years, and only Argon2id stands between. So length counts, and
nothing that a colleague would try first.
"""

import re
import unicodedata
from collections.abc import Iterable

LEAST_LENGTH = 12
MOST_LENGTH = 200
_GOOD_LENGTH, _STRONG_LENGTH = 16, 22
_FEWEST_DIFFERENT = 6
_COMMON = (
    "password",
    "passw0rd",
    "qwerty",
    "admin",
    "mima",
    "123456",
    "abcdef",
    "112233",
    "888888",
    "666666",
)
_RUNS = ("0123456789", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_RUN = 5


def normal(typed: str) -> str:
    """The same passphrase from every keyboard."""
    return unicodedata.normalize("NFKC", typed)


def weakness(passphrase: str, *, known: Iterable[str]) -> str:
    """Why it will not do, in words that say what to change; empty when it will.

    `known`: names of the person and the organisations, which others would try first.
    """
    folded = passphrase.casefold()
    if len(passphrase) < LEAST_LENGTH:
        return f"口令至少 {LEAST_LENGTH} 个字符，现在是 {len(passphrase)} 个。可以用一句只有您知道的话。"
    if len(passphrase) > MOST_LENGTH:
        return f"口令最长 {MOST_LENGTH} 个字符。"
    if len(set(folded)) < _FEWEST_DIFFERENT:
        return "重复的字符太多，容易被猜到，请换一句话。"
    if any(word in folded for word in _COMMON) or _has_run(folded):
        return "口令里有常见的词或连续的字母、数字，容易被猜到，请换一句话。"
    if any(len(word) > 1 and word.casefold() in folded for word in known):
        return "口令里有姓名、登录名或单位名称，容易被猜到，请换一句话。"
    if re.fullmatch(r"[\d\W_]+", folded):
        return "口令只有数字和符号，容易被试出来，请加上文字或字母。"
    return ""


def strength(passphrase: str) -> str:
    """In words, for one that will do. A Chinese character counts twice: there are many of them."""
    weight = sum(2 if ord(one) > 0x2E80 else 1 for one in passphrase)
    return "很强" if weight >= _STRONG_LENGTH else "较强" if weight >= _GOOD_LENGTH else "够用"


def _has_run(folded: str) -> bool:
    pieces = (run[n : n + _RUN] for run in _RUNS for n in range(len(run) - _RUN + 1))
    return any(piece in folded for piece in pieces)
