"""Text as it appears in ledgers: cleaned, tidied, measured. Pure functions."""

import re
import unicodedata
from functools import lru_cache

_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_BLANK = "[ \u00a0\u2009\u202f]+"
_DIGIT_HAN = re.compile(f"(?<=[0-9]){_BLANK}(?=[{_HAN}])|(?<=[{_HAN}]){_BLANK}(?=[0-9])")
# Half surrogate pairs and the two code points XML 1.0 has no spelling for.
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
# Most texts hold none of them, and one look tells it.
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]")
# Excel reads _x0041_ as a coded character; the coded underscore keeps the text as it was typed.
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
CELL_LIMIT = 32_767  # UTF-16 units an Excel cell can hold; what is longer is cut there without a word


def tidy_spaces(text: str) -> str:
    """Strip the blanks between digits and 汉字, which printed documents do not have.

    The screen says “2026 年 11 月”, paper says “2026年11月”. Everything else stays.
    """
    return _DIGIT_HAN.sub("", text)


def clean_text(text: str) -> str:
    """Return text that every format can hold; what had to go leaves a visible mark.

    Control characters become their pictures (␀, ␛), broken characters become �, line ends
    become one kind. Tabs and line breaks stay.
    """
    if not _UNCLEAN.search(text):
        return text
    text = _UNWRITABLE.sub("\ufffd", _LINE_END.sub("\n", text))
    return _CONTROL.sub(lambda match: _picture(match[0]), text)


def _picture(character: str) -> str:
    return "\u2421" if character == "\x7f" else chr(0x2400 + ord(character))


def cell_text(text: str) -> str:
    """Return text as an Excel file spells it, so that Excel shows what was typed."""
    return _CODED.sub("_x005F_", text)


def cell_units(text: str) -> int:
    """Count as Excel does, in UTF-16."""
    return len(cell_text(text).encode("utf-16-le")) // 2


def display_width(text: str) -> int:
    """Return how many Latin columns the widest line of `text` takes; a 汉字 takes two."""
    return max(sum(map(_columns, line)) for line in text.split("\n"))


@lru_cache(maxsize=8192)  # a ledger has few characters and asks for each a thousand times
def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


_LONG_RUN = re.compile(r"[!-~]{12,}")


def breakable_text(text: str) -> str:
    """Let long runs of Latin characters be broken anywhere, for layouts that break them nowhere."""
    return _LONG_RUN.sub(lambda run: "\u200b".join(run[0]), text)


def wrapped_lines(text: str, columns: int) -> int:
    """Return how many lines `text` needs in a cell that is `columns` wide."""
    if "\n" not in text:
        return max(1, -(-display_width(text) // max(1, columns)))
    return sum(max(1, -(-display_width(line) // max(1, columns))) for line in text.split("\n"))
