"""Excel templates. No Django: the child imports it."""

import re
from collections.abc import Iterator
from copy import copy
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell import MergedCell
from openpyxl.styles import Alignment
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from papers.filling.package import check_parts
from papers.filling.syntax import PLACEHOLDER, Filling, Plain, TemplateRefused, list_of, names_in, words

# A cell, possibly one that is hidden in a merged area; the types of the library know less than it gives.
Box = Any
FORMULAS = (
    "有逐行重复的行，又有公式“{formula}”：加行以后公式会指错位置。"
    "请删去公式后再上传，需要的合计可以打印后填写。"
)
FETCHES = (
    "公式“{formula}”打开时会去别处读取或运行程序，可能把填好的内容带出去。请删去这个公式，另存后再上传。"
)
# Functions that ask a server or a program, a program before its "|", another file in its "[ ]".
_FETCHING = re.compile(
    r"\b(?:WEBSERVICE|IMAGE|RTD|CALL|REGISTER(?:\.ID)?|STOCKHISTORY|CUBE[A-Z]+|SQL\.REQUEST|DDE)\s*\("
    r"|\||\[[^\]]*\.(?:xl|csv)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'"[^"]*"')
_MARKS = ("{{", "}}", "{%", "{#", "｛｛", "｝｝")
_HEADS = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")


def sheet_names(content: bytes) -> list[str]:
    """The names an Excel template asks for, in its order. Raises TemplateRefused."""
    book = _opened(content)
    _refuse_fetching(book)
    found = [name for sheet in book.worksheets for row in _rows(sheet) for name in _asked(row)]
    if any("." in name for name in found):
        _refuse_formulas(book)
    for part in _heads(book):
        found += _single_names(part.text or "")
    return found


def fill_sheet(content: bytes, filling: Filling) -> bytes:
    """The workbook, filled; a row that names the columns of a list stands once for each of its rows."""
    book = _opened(content)
    for sheet in book.worksheets:
        for row in reversed([list(row) for row in _rows(sheet)]):
            _fill_row(sheet, row, filling)
    for part in _heads(book):
        part.text = PLACEHOLDER.sub(lambda match: _head_words(match, filling), part.text)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _opened(content: bytes) -> Any:
    check_parts(content)
    return load_workbook(BytesIO(content))


def _heads(book: Any) -> Iterator[Any]:
    """The parts of print headers and footers that say something."""
    for sheet in book.worksheets:
        for head in (getattr(sheet, name) for name in _HEADS):
            yield from (part for part in (head.left, head.center, head.right) if part.text)


def _single_names(text: str) -> list[str]:
    found = names_in(text)
    if name := next((name for name in found if "." in name), ""):
        raise TemplateRefused(f"“{{{{ {name} }}}}”不能放在页眉页脚里，请写在表格的一行里。")
    return found


def _head_words(match: re.Match[str], filling: Filling) -> str:
    # "&" begins a code there.
    return words(filling.values.get(match.group(1))).replace("&", "&&")


def _refuse_formulas(book: Any) -> None:
    if formula := next(_formulas(book), ""):
        raise TemplateRefused(FORMULAS.format(formula=formula[:24]))


def _refuse_fetching(book: Any) -> None:
    """A formula that asks somebody else can tell them what was filled in beside it."""
    named = [name for held in (book, *book.worksheets) for name in held.defined_names.values()]
    formulas = (*_formulas(book), *(str(name.attr_text) for name in named))
    if formula := next((text for text in formulas if _FETCHING.search(_QUOTED.sub("", text))), ""):
        raise TemplateRefused(FETCHES.format(formula=formula[:24]))


def _formulas(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield str(getattr(cell.value, "text", cell.value) or "")


def _rows(sheet: Worksheet) -> Iterator[tuple[Box, ...]]:
    """Rows in which something is asked for."""
    for row in sheet.iter_rows():
        if any(_text(cell) for cell in row):
            yield row


def _text(cell: Box) -> str:
    """The text of a cell that asks for something."""
    value = cell.value
    return value if isinstance(value, str) and any(mark in value for mark in _MARKS) else ""


def _asked(row: tuple[Box, ...]) -> list[str]:
    found = [name for cell in row for name in names_in(_text(cell))]
    list_of(found)
    return found


def _fill_row(sheet: Worksheet, row: list[Box], filling: Filling) -> None:
    name = list_of(found for cell in row for found in names_in(_text(cell)))
    if not name:
        for cell in row:
            _fill_cell(cell, _text(cell), filling.values)
        return
    texts = {cell.column: _text(cell) for cell in row}
    rows = filling.rows(name)
    _make_room(sheet, row, len(rows) - 1)
    for step, columns in enumerate(rows):
        given = filling.values | columns
        for column, text in texts.items():
            _fill_cell(sheet.cell(row[0].row + step, column), text, given)


def _make_room(sheet: Worksheet, row: list[Box], more: int) -> None:
    """Rows below move down with their heights and merged areas; the new ones look as the first."""
    if more <= 0:
        return
    first = row[0].row
    _stretch_print_area(sheet, first, more)
    for area in [area for area in sheet.merged_cells.ranges if area.min_row > first]:
        area.shift(row_shift=more)
    heights = {n: sheet.row_dimensions[n].height for n in range(first + 1, sheet.max_row + 1)}
    sheet.insert_rows(first + 1, more)
    for n, height in heights.items():
        sheet.row_dimensions[n + more].height = height
    for step in range(1, more + 1):
        sheet.row_dimensions[first + step].height = sheet.row_dimensions[first].height
        for cell in row:
            _dress(sheet.cell(first + step, cell.column), cell)
        _merge_alike(sheet, first, first + step)


def _stretch_print_area(sheet: Worksheet, first: int, more: int) -> None:
    """Rows that come in are printed too."""
    ranges = [area.rpartition("!")[2] for area in (sheet.print_area or "").split(",") if area]
    areas = [CellRange(area) for area in ranges]
    for area in areas:
        if area.max_row >= first:
            area.expand(down=more)
        if area.min_row > first:
            area.shrink(top=more)
    if areas:
        sheet.print_area = ",".join(area.coord for area in areas)


def _dress(new: Any, like: Box) -> None:
    new._style = copy(like._style)
    if not isinstance(new, MergedCell):
        new.value = None if _text(like) else like.value


def _merge_alike(sheet: Worksheet, first: int, row: int) -> None:
    for area in list(sheet.merged_cells.ranges):
        if area.min_row == area.max_row == first:
            sheet.merge_cells(start_row=row, end_row=row, start_column=area.min_col, end_column=area.max_col)


def _fill_cell(cell: Any, text: str, values: dict[str, Plain]) -> None:
    """A cell that is one placeholder takes the value as it is: a date stays a date, a number a number."""
    if not text or isinstance(cell, MergedCell):
        return
    only = PLACEHOLDER.fullmatch(text.strip())
    value = values.get(only.group(1)) if only else None
    if isinstance(value, dict) and "date" in value:
        cell.value, cell.number_format = date.fromisoformat(value["date"]), "yyyy-mm-dd"
    elif isinstance(value, dict):
        cell.value = Decimal(value["number"])
    elif isinstance(value, int):
        cell.value = value
    else:
        cell.value = PLACEHOLDER.sub(lambda match: words(values.get(match.group(1))), text)
        # What begins with "=" is somebody's text and never a formula.
        cell.data_type = "s"
        if "\n" in cell.value:
            cell.alignment = copy(cell.alignment) + Alignment(wrap_text=True)
