"""Excel templates. No Django: the child imports it."""

from collections.abc import Iterator
from copy import copy
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from papers.filling.syntax import PLACEHOLDER, Filling, Plain, TemplateRefused, list_of, names_in, words

BROKEN = "文件里的内容有损坏，没有读出来。请在 Excel 或 WPS 中打开，另存为新的 .xlsx 文件后再上传。"


def sheet_names(content: bytes) -> list[str]:
    """The names an Excel template asks for, in its order. Raises TemplateRefused."""
    return [name for sheet in _opened(content).worksheets for row in _rows(sheet) for name in _asked(row)]


def fill_sheet(content: bytes, filling: Filling) -> bytes:
    """The workbook, filled; a row that names the columns of a list stands once for each of its rows."""
    book = _opened(content)
    for sheet in book.worksheets:
        for row in reversed([list(row) for row in _rows(sheet)]):
            _fill_row(sheet, row, filling)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _opened(content: bytes) -> Any:
    try:
        return load_workbook(BytesIO(content))
    except (KeyError, ValueError, TypeError, OSError) as problem:
        raise TemplateRefused(BROKEN) from problem


def _rows(sheet: Worksheet) -> Iterator[tuple[Cell | MergedCell, ...]]:
    """Rows in which something is asked for."""
    for row in sheet.iter_rows():
        if any(_text(cell) for cell in row):
            yield row


def _text(cell: Cell | MergedCell) -> str:
    """The text of a cell that asks for something."""
    value = cell.value
    return (
        value if isinstance(value, str) and any(mark in value for mark in ("{{", "}}", "{%", "｛｛")) else ""
    )


def _asked(row: tuple[Cell | MergedCell, ...]) -> list[str]:
    found = [name for cell in row for name in names_in(_text(cell))]
    list_of(found)
    return found


def _fill_row(sheet: Worksheet, row: list[Cell | MergedCell], filling: Filling) -> None:
    name = list_of(found for cell in row for found in names_in(_text(cell)))
    if not name:
        for cell in row:
            _fill_cell(cell, _text(cell), filling.values)
        return
    texts = {cell.column: _text(cell) for cell in row}
    rows = filling.lists.get(name) or [{}]
    _make_room(sheet, row, len(rows) - 1)
    for step, columns in enumerate(rows):
        given = filling.values | {f"{name}.{key}": value for key, value in columns.items()}
        for column, text in texts.items():
            _fill_cell(sheet.cell(row[0].row + step, column), text, given)


def _make_room(sheet: Worksheet, row: list[Cell | MergedCell], more: int) -> None:
    """Rows below move down with their heights and merged areas; the new ones look as the first."""
    if more <= 0:
        return
    first = row[0].row
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


def _dress(new: Any, like: Cell | MergedCell) -> None:
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
