"""What somebody looks for: a question read into words, and the words found again in a text; no ORM.

Words are compared without regard to case and to half or full width (NFKC). One 汉字 is a word; of letters,
digits and signs it takes two, because a single one stands in nearly everything.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_QUESTION = 60
MOST_WORDS = 6
EXCERPT_BEFORE, EXCERPT_LENGTH = 12, 60
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# Half-width signs and their full-width twins: both stand in names that people typed.
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if not chr(code).isalnum()}

TOO_LONG = f"最多查找 {LONGEST_QUESTION} 个字，请留下最要紧的几个词。"
TOO_MANY = f"一次最多查找 {MOST_WORDS} 个词，请留下最要紧的几个。"
TOO_SHORT = "请至少输入一个汉字，或两个字母、数字。"


@dataclass(frozen=True)
class Word:
    """One word as it was typed, as it may be written, and as it is compared."""

    text: str

    @property
    def forms(self) -> tuple[str, ...]:
        """Every spelling worth asking a database for; case is left to the database."""
        half = unicodedata.normalize("NFKC", self.text)
        return tuple(dict.fromkeys((half, self.text, half.translate(_WIDE))))

    @property
    def folded(self) -> str:
        return fold(self.text)

    @property
    def is_enough(self) -> bool:
        return len(self.folded) > 1 or bool(_HAN.search(self.text))


@dataclass(frozen=True)
class Question:
    """`text` is what stays in the box. `trouble` says why nothing is looked for; empty when it is."""

    text: str = ""
    words: tuple[Word, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Part:
    text: str
    found: bool = False


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def read_question(typed: str) -> Question:
    """Control characters separate words; what has no shape of its own, lone surrogates too, falls out."""
    text = " ".join("".join(map(_plain, typed)).split())
    if len(text) > LONGEST_QUESTION:
        return Question(text[:LONGEST_QUESTION], trouble=TOO_LONG)
    words = _distinct(text.split())
    if len(words) > MOST_WORDS:
        return Question(text, trouble=TOO_MANY)
    if words and not any(word.is_enough for word in words):
        return Question(text, trouble=TOO_SHORT)
    return Question(text, words)


def _distinct(typed: Sequence[str]) -> tuple[Word, ...]:
    """The first spelling of each."""
    words: dict[str, Word] = {}
    for part in typed:
        words.setdefault(fold(part), Word(part))
    return tuple(words.values())


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category.startswith("C") else character


def holds(text: str, words: Sequence[Word]) -> bool:
    """Whether every word stands in the text."""
    folded = fold(text)
    return all(word.folded in folded for word in words)


def marked(text: str, words: Sequence[Word]) -> tuple[Part, ...]:
    """The text in parts, those of the words marked; together they are the text."""
    found = [False] * len(text)
    folded, origin = _folded_with_origin(text)
    for word in words:
        at = folded.find(word.folded) if word.folded else -1
        while at >= 0:
            last = at + len(word.folded) - 1
            for n in range(origin[at], origin[last] + 1):
                found[n] = True
            at = folded.find(word.folded, at + 1)
    return _parts(text, found)


def _folded_with_origin(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters where it comes from: folding may add some."""
    pieces = [(n, one) for n, character in enumerate(text) for one in fold(character)]
    return "".join(one for _, one in pieces), [n for n, _ in pieces]


def _parts(text: str, found: Sequence[bool]) -> tuple[Part, ...]:
    parts: list[Part] = []
    start = 0
    for n in range(1, len(text) + 1):
        if n == len(text) or found[n] != found[start]:
            parts.append(Part(text[start:n], found[start]))
            start = n
    return tuple(parts)


def excerpt(text: str, words: Sequence[Word]) -> str:
    """A piece of the text around the first word found in it; empty when none is."""
    line = " ".join(text.split())
    folded, origin = _folded_with_origin(line)
    places = [at for word in words if (at := folded.find(word.folded)) >= 0]
    if not places:
        return ""
    start = max(0, origin[min(places)] - EXCERPT_BEFORE)
    end = start + EXCERPT_LENGTH
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"
