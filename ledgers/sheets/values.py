"""Cells into values. A parser takes `RawCell | None`, returns None for nothing and raises ValueProblem."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from ledgers.sheets.cells import CellKind, RawCell, ValueProblem
from ledgers.sheets.limits import DEFAULT
from ledgers.sheets.tidy import one_line

T = TypeVar("T")

EXACT_DIGITS = 15  # Excel keeps no more of a number; what lies behind is already zeros
AS_TEXT = "请先把这一列的单元格格式设为“文本”，再重新填写完整的号码"
_YES = {"是", "√", "✓", "✔", "☑", "有", "对", "y", "yes", "true", "1"}
_NO = {"否", "×", "✗", "✘", "☒", "x", "无", "不是", "没有", "n", "no", "false", "0"}
_NOTHING = {"", "-", "--", "—", "——", "/", "\\", "无", "暂无"}


def refuse_unreadable(cell: RawCell) -> None:
    """Raise ValueProblem for what is no value: a formula, an error, more text than a cell may hold."""
    if cell.kind is CellKind.FORMULA:
        raise ValueProblem(
            cell.shown, "这是公式，不是填好的内容", "请复制后用“选择性粘贴 → 数值”粘贴回来，再上传"
        )
    if cell.kind is CellKind.ERROR:
        raise ValueProblem(cell.shown, "单元格里是错误值", "请改成正确的内容，没有内容就清空")
    if len(cell.written) > DEFAULT.text:
        raise ValueProblem(cell.shown, f"文字超过 {DEFAULT.text} 字", "请缩短后再上传")


def parse_text(cell: RawCell | None, *, most: int = 200) -> str | None:
    """Text on one line: control and invisible characters gone, blanks single, at most `most` characters.

    Whole numbers up to 15 digits become their digits (telephone and staff numbers); longer ones have lost
    digits and are refused with the advice to make the cell text.
    """
    if cell is None:
        return None
    refuse_unreadable(cell)
    text = _plain(cell)
    if len(text) > most:
        raise ValueProblem(cell.shown, f"有 {len(text)} 个字，超过 {most} 字", "请缩短后再上传")
    return text or None


def _plain(cell: RawCell) -> str:
    if cell.kind is CellKind.DATE:
        return cell.shown
    if cell.kind is CellKind.BOOLEAN:
        return "是" if cell.written == "TRUE" else "否"
    return exact_digits(cell) if cell.kind is CellKind.NUMBER else one_line(cell.written)


def exact_digits(cell: RawCell) -> str:
    """A number as somebody typed it. Raises ValueProblem where Excel has already dropped digits."""
    number = Decimal(cell.written)
    if number.adjusted() >= EXACT_DIGITS:
        raise ValueProblem(cell.shown, f"号码存成了数字，{EXACT_DIGITS} 位以后的数字已经丢失", AS_TEXT)
    rounded = f"{float(number):.{EXACT_DIGITS}g}"  # 0.1 is written 0.10000000000000001 by some
    plain = f"{Decimal(rounded):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def parse_yes_no(cell: RawCell | None) -> bool | None:
    """是 √ 有 1 → True; 否 × 无 0 → False; an empty cell → None, which the caller may read as 否."""
    word = parse_text(cell)
    if cell is None or word is None:
        return None
    folded = unicodedata.normalize("NFKC", word).replace(" ", "").casefold()
    if folded in _YES | _NO:
        return folded in _YES
    raise ValueProblem(cell.shown, "看不出是“是”还是“否”", "请填“是”或“否”，也可以打“√”或留空")


def parse_choice(cell: RawCell | None, labels: Mapping[str, T]) -> T | None:
    """The value whose label the cell holds, compared without blanks and width. `labels` is label → value.

    A dash stands for nothing unless it is a label.
    """
    word = parse_text(cell)
    if cell is None or word is None:
        return None
    known = {_folded(label): value for label, value in labels.items()}
    if _folded(word) in known:
        return known[_folded(word)]
    if _folded(word) in _NOTHING:
        return None
    shown = "、".join(dict.fromkeys(labels))
    raise ValueProblem(cell.shown, "不在可选的范围内", f"请填下列之一：{shown}")


def _folded(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def says_nothing(text: str) -> bool:
    """A dash, a slash, 无: what people write into a cell that has to stay empty."""
    return text.strip() in _NOTHING
