"""Excel: real dates and numbers, text that stays text, ready to print on A4 landscape."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from ledgers.document import EMPTY_SENTENCE, ExportFailedError, LedgerDocument
from ledgers.ledger import Cell, Column, ColumnKind, Value
from ledgers.text import display_width, wrapped_lines

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CREATOR = "党务工作台"
CELL_LIMIT = 32_767  # UTF-16 units a cell can hold; Excel cuts what is longer without a word
HEAD_ROW = 4
LINE_HEIGHT = 15.0
MAX_HEIGHT = 409.0
COLUMNS_PER_MM = 0.55  # of 10 pt type

# The write-only sheet borrows half its attributes at run time, which its types do not show.
Sheet = Any

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_SHEET_UNSAFE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# Excel reads _x0041_ as a coded character; the coded underscore keeps the text as it was typed.
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORMATS = {
    ColumnKind.DATE: "yyyy-mm-dd",
    ColumnKind.DATETIME: "yyyy-mm-dd hh:mm",
    ColumnKind.INTEGER: "0",
    ColumnKind.DECIMAL: "0.00####",
    ColumnKind.HOURS: "0.0##",
}

_THIN = Side(style="thin", color="FFC3CAD2")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="FFEEF2F6")
_SUB = Font(name="微软雅黑", size=9, color="FF3B424C")
_BODY = Font(name="微软雅黑", size=10)
_BOLD = Font(name="微软雅黑", size=10, bold=True)
_TITLE = Font(name="微软雅黑", size=16, bold=True)
_TONES = {
    "ok": Font(name="微软雅黑", size=10, color="FF1B6E43"),
    "soon": Font(name="微软雅黑", size=10, color="FF855200"),
    "late": Font(name="微软雅黑", size=10, bold=True, color="FFA81E22"),
}


class CellTooLongError(ExportFailedError):
    """A text is longer than an Excel cell can hold."""

    def __init__(self, row: int, column: str, length: int) -> None:
        super().__init__(
            f"第 {row} 行“{column}”有 {length} 个字，超过单元格 {CELL_LIMIT} 字的上限，请先缩短再导出。"
        )


def render_xlsx(document: LedgerDocument) -> bytes:
    """Return the document as one worksheet. Raises CellTooLongError."""
    _check_lengths(document)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(document.title))
    _set_up(sheet, document)
    for cells in _head_rows(sheet, document):
        sheet.append(cells)
    for number, row in enumerate(document.rows, start=1):
        sheet.append(_row(sheet, document.columns, number, row))
    if not document.rows:
        sheet.append([_text(sheet, EMPTY_SENTENCE, _SUB)])
    _foot(sheet, document)
    _properties(book, document)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _check_lengths(document: LedgerDocument) -> None:
    """Refuse a text that does not fit before anything is written: a sheet cannot be given up halfway."""
    for number, row in enumerate(document.rows, start=1):
        for column, value in zip(document.columns, row, strict=True):
            text = value.text if isinstance(value, Cell) else value
            if (
                isinstance(text, str)
                and len(text) > CELL_LIMIT // 6
                and (length := _units(text)) > CELL_LIMIT
            ):
                raise CellTooLongError(number, column.title, length)


def _units(text: str) -> int:
    """Count as Excel does, in UTF-16."""
    return len(_written(text).encode("utf-16-le")) // 2


def _written(text: str) -> str:
    return _CODED.sub("_x005F_", text)


def sheet_name(title: str) -> str:
    """Return a name Excel accepts: at most 31 characters, none of []:*?/\\, no outer apostrophe."""
    return _SHEET_UNSAFE.sub(" ", title).strip().strip("'")[:31] or "台账"


def column_width(column: Column) -> float:
    """Width in Excel's columns: that on paper, but never narrower than the title."""
    return max(column.width * COLUMNS_PER_MM, display_width(column.title) + 4.0)


def _set_up(sheet: Sheet, document: LedgerDocument) -> None:
    last = get_column_letter(len(document.columns))
    bottom = HEAD_ROW + max(1, len(document.rows))
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.left.text = "内部资料 注意保管"
    sheet.oddFooter.center.text = "第 &P 页 / 共 &N 页"
    sheet.freeze_panes = f"A{HEAD_ROW + 1}"
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last}{bottom}"
    for index, column in enumerate(document.columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = column_width(column)
    for row in (1, 2, 3):
        sheet.merged_cells.add(f"A{row}:{last}{row}")
    sheet.row_dimensions[1].height = 30
    sheet.row_dimensions[HEAD_ROW].height = 24


def _head_rows(sheet: Sheet, document: LedgerDocument) -> Iterator[list[Any]]:
    yield [_text(sheet, document.title, _TITLE, Alignment(horizontal="center", vertical="center"))]
    heading = document.heading
    words = f"填报单位：{heading.organisation}　　统计期间：{heading.period}　　截至：{document.as_of_text}"
    yield [_text(sheet, words, _SUB)]
    yield [_text(sheet, f"筛选：{document.filter_sentence}　　共 {len(document.rows)} 条", _SUB)]
    middle = Alignment(horizontal="center", vertical="center", wrap_text=True)
    yield [_framed(_text(sheet, column.title, _BOLD, middle), fill=_HEAD_FILL) for column in document.columns]


def _row(sheet: Sheet, columns: tuple[Column, ...], number: int, row: Iterable[Value]) -> list[Any]:
    cells, lines = [], 1
    for column, value in zip(columns, row, strict=True):
        cells.append(_cell(sheet, column, value))
        if isinstance(value, str):
            lines = max(lines, wrapped_lines(value, int(column_width(column)) - 1))
    if lines > 1:
        sheet.row_dimensions[HEAD_ROW + number].height = min(MAX_HEIGHT, lines * LINE_HEIGHT + 3)
    return cells


def _cell(sheet: Sheet, column: Column, value: Value) -> Any:
    alignment = Alignment(horizontal=column.alignment.value, vertical="center", wrap_text=True)
    if isinstance(value, Cell):
        return _framed(_text(sheet, value.text, _TONES.get(value.tone, _BODY), alignment))
    if isinstance(value, str):
        return _framed(_text(sheet, value, _BODY, alignment))
    made: Any = WriteOnlyCell(sheet, _naive(value))
    made.font, made.alignment = _BODY, alignment
    if value is not None:
        made.number_format = _number_format(column, value)
    return _framed(made)


def _number_format(column: Column, value: Value) -> str:
    if isinstance(value, datetime):
        return _FORMATS[ColumnKind.DATETIME]
    if isinstance(value, date):
        return _FORMATS[ColumnKind.DATE]
    if column.kind in (ColumnKind.DECIMAL, ColumnKind.HOURS):
        return _FORMATS[column.kind]
    return "0" if isinstance(value, int) else "General"


def _naive(value: date | int | Decimal | None) -> Any:
    """Excel knows no time zones: it gets the wall clock of the portal."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.make_naive(value)
    return value


def _text(sheet: Sheet, text: str, font: Font, alignment: Alignment | None = None) -> Any:
    """Return a text cell. The type is set by hand: "=1+1" and "#N/A" are words here."""
    made: Any = WriteOnlyCell(sheet, "")
    made._value = _written(text)
    made.data_type = "s"
    made.font, made.alignment = font, alignment or Alignment(vertical="center")
    if text.startswith(_FORMULA_START):
        made.quotePrefix = True
    return made


def _framed(cell: Any, fill: PatternFill | None = None) -> Any:
    cell.border = _BORDER
    if fill:
        cell.fill = fill
    return cell


def _foot(sheet: Sheet, document: LedgerDocument) -> None:
    sheet.append([])
    order = f"排序：{document.order_note}　　" if document.order_note else ""
    sheet.append([_text(sheet, f"{order}台账版本：{document.version}　　校验值：{document.checksum}", _SUB)])
    sheet.append(
        [_text(sheet, "填报人：　　　　　　　　审核人：　　　　　　　　日期：　　年　　月　　日", _SUB)]
    )


def _properties(book: Workbook, document: LedgerDocument) -> None:
    book.properties.title = document.title
    book.properties.creator = book.properties.lastModifiedBy = CREATOR
    book.properties.subject = f"{document.heading.organisation} {document.heading.period}"
