"""Leaf: what the words of a demand say: names that resemble each other, limits they go beyond. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

# What names of demands have in common without meaning the same.
_EMPTY_WORDS = re.compile(
    r"(19|20)\d\d年?度?|第?[一二三四1-4]季度|[上下]半年|年度|季度|月度|每月|\d{1,2}月份?|关于|开展|做好|进一步|加强"
    r"|报送|上报|填报|提交|报告|情况|工作|党支部|支部|全体|党员|本单位"
)
_NO_LETTER = re.compile(r"[^\w]|_")
ALIKE_LETTERS = 4
ALIKE_SHARE = 0.6
# A short name inside a much longer one is another thing: “党课” and “微党课比赛”.
ALIKE_OF_LONGER = 0.5
_NEGATED = re.compile(
    r"(不得|不要|不需|无需|无须|不用|不必|不再|免于|取消|禁止|不[上拍传交填写报]|免)[^，。；！？、\n]{0,6}$"
)
_NOT_COUNTED = re.compile(r"(不要求|无需|无须|不用|不必)[^，。；！？、\n]{0,6}$")
_DIGITS = {word: Decimal(n) for n, word in enumerate("零一二三四五六七八九")}
_DIGITS |= {"两": Decimal(2), "半": Decimal("0.5")}
_NUMBER = r"(?P<n>\d+(?:\.\d+)?|[一二两三四五六七八九]?[十百千]|[一二两三四五六七八九半])"
_ZERO_PLACES = {"十": 10, "百": 100, "千": 1000}
_UNITS = {
    "chars": (
        (re.compile(_NUMBER + r"\s*个?字"), Decimal(1)),
        (re.compile(_NUMBER + r"\s*万\s*字"), Decimal(10000)),
    ),
    "pages": ((re.compile(_NUMBER + r"\s*页"), Decimal(1)),),
    "speech_minutes": (
        (re.compile(r"(讲话|发言|主?报告|宣讲)[^，。；\n]{0,8}?" + _NUMBER + r"\s*分钟"), Decimal(1)),
        (re.compile(r"(讲话|发言|主?报告|宣讲)[^，。；\n]{0,8}?" + _NUMBER + r"\s*个?小时"), Decimal(60)),
    ),
    "meeting_days": ((re.compile(r"会[^，。；\n]{0,8}?" + _NUMBER + r"\s*天"), Decimal(1)),),
}


@dataclass(frozen=True)
class Limit:
    """One stated limit; `basis` is the document with its article, as the reader sees it."""

    code: str
    says: str
    basis: str
    unit: str = ""
    high: Decimal = Decimal(0)
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def core_of(name: str) -> str:
    """The name without dates and words that every demand has."""
    return _NO_LETTER.sub("", _EMPTY_WORDS.sub("", plain(name)))


def likeness(one: str, other: str) -> str:
    """The letters two names share, when they are enough to mean the same; else ""."""
    a, b = core_of(one), core_of(other)
    shared = longest_common(a, b)
    least = max(2, ALIKE_SHARE * min(len(a), len(b)), ALIKE_OF_LONGER * max(len(a), len(b)))
    enough = len(shared) >= ALIKE_LETTERS or len(shared) >= least
    return shared if enough else ""


def longest_common(a: str, b: str) -> str:
    """The longest run of letters that stands in both; of equal ones the first."""
    best = ""
    for start in range(len(a)):
        while (end := start + len(best) + 1) <= len(a) and a[start:end] in b:
            best = a[start:end]
    return best


def limits_hit(text: str, kind: str, limits: Sequence[Limit]) -> Iterator[tuple[Limit, str]]:
    """Limits the text goes beyond, each with the words that say so (“” where the kind alone does)."""
    said = plain(text)
    for limit in limits:
        found = _beyond(said, limit) if limit.unit else _named(said, limit)
        if found or kind in limit.kinds:
            yield limit, found


def mentions(text: str, word: str) -> bool:
    """Whether the text asks for it and does not say that it is not asked for."""
    return any(not _NEGATED.search(text[: match.start()]) for match in re.finditer(re.escape(word), text))


def _named(text: str, limit: Limit) -> str:
    return next((word for word in limit.words if mentions(text, word)), "")


def _beyond(text: str, limit: Limit) -> str:
    for pattern, factor in _UNITS[limit.unit]:
        for match in pattern.finditer(text):
            negated = _NOT_COUNTED.search(text[: match.start()])
            if not negated and read_number(match["n"]) * factor > limit.high:
                return match[0]
    return ""


def read_number(text: str) -> Decimal:
    """“4000”, “1.5”, “半”, “三”, “两千”."""
    if text[0].isdigit():
        return Decimal(text)
    if text[-1] in _ZERO_PLACES:
        return (_DIGITS[text[:-1]] if text[:-1] else Decimal(1)) * _ZERO_PLACES[text[-1]]
    return _DIGITS[text]
