"""Cells into values. A parser takes `RawCell | None`, returns None for nothing and raises ValueProblem."""

from collections.abc import Mapping
from typing import TypeVar

from ledgers.sheets.cells import RawCell, ValueProblem

T = TypeVar("T")

_YES = {"是", "√", "有", "y", "yes", "true", "1"}
_NO = {"否", "×", "无", "n", "no", "false", "0"}


def parse_text(cell: RawCell | None, *, most: int = 200) -> str | None:
    """Text on one line: control and invisible characters gone, blanks single, at most `most` characters.

    Whole numbers up to 15 digits become their digits (telephone and staff numbers); longer ones have lost
    digits and are refused with the advice to make the cell text.
    """
    if cell is None:
        return None
    return " ".join(cell.written.split()) or None


def parse_yes_no(cell: RawCell | None) -> bool | None:
    """是 √ 有 1 → True; 否 × 无 0 → False; an empty cell → None, which the caller may read as 否."""
    word = parse_text(cell)
    if cell is None or word is None:
        return None
    if word.casefold() in _YES | _NO:
        return word.casefold() in _YES
    raise ValueProblem(cell.shown, "看不懂", "请填“是”或“否”")


def parse_choice(cell: RawCell | None, labels: Mapping[str, T]) -> T | None:
    """The value whose label the cell holds, compared without blanks and width. `labels` is label → value."""
    word = parse_text(cell)
    if cell is None or word is None:
        return None
    if word in labels:
        return labels[word]
    raise ValueProblem(cell.shown, "不在可选范围内", f"请填：{'、'.join(labels)}")
