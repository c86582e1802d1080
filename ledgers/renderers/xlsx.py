"""Excel: real dates and numbers, text that stays text, ready to print on A4 landscape."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from io import BytesIO
from itertools import islice
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.properties import PageSetupProperties

from ledgers.document import EMPTY_SENTENCE, ExportFailedError, LedgerDocument
from ledgers.ledger import FRACTIONS, Cell, Column, ColumnKind, Row, Value
from ledgers.text import CELL_LIMIT, cell_text, display_width, wrapped_lines

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CREATOR = "党务工作台"
HEAD_ROW = 4
LINE_HEIGHT = 15.0
MAX_HEIGHT = 409.0
COMPRESSION = 3  # half the time of the usual 6 for a tenth more bytes
MOMENT = (1980, 1, 1, 0, 0, 0)  # of every part, so that equal rows give equal bytes
CORE_PART = "docProps/core.xml"
SHEET_PART = "xl/worksheets/sheet1.xml"
SIGNATURE = "填报人：　　　　　　　　审核人：　　　　　　　　日期：　　年　　月　　日"
TICK_ROWS = 500
KEPT_ENDS, KEPT_LENGTH = 1024, 64  # of each column; longer texts seldom come twice
COLUMNS_PER_MM = 0.55  # of 10 pt type

# The write-only sheet borrows half its attributes at run time, which its types do not show.
Sheet = Any
Tick = Callable[[int], None]

_SAVED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_SHEET_UNSAFE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_FORMATS = {
    ColumnKind.DATE: "yyyy-mm-dd",
    ColumnKind.DATETIME: "yyyy-mm-dd hh:mm",
    ColumnKind.INTEGER: "0",
    ColumnKind.DECIMAL: "0.00####",
    ColumnKind.FOUR_PLACES: "0.0000",
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


class Styles:
    """Numbers of cell styles in the file; a style is made when it is first asked for."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.sub = self._number(_SUB, Alignment(vertical="center", wrap_text=True))

    def of_column(self, column: Column) -> dict[str, int]:
        """Style numbers of one column by tone of a state or by kind of value, “'” for formula-like text."""
        alignment = Alignment(horizontal=column.alignment.value, vertical="center", wrap_text=True)
        found = {"": self._number(_BODY, alignment, framed=True)}
        for tone, font in _TONES.items():
            found[tone] = self._number(font, alignment, framed=True)
        for tone in ("", *_TONES):
            font = _TONES.get(tone, _BODY)
            found[f"{tone}'"] = self._number(font, alignment, framed=True, quoted=True)
        for name in (_FORMATS[ColumnKind.DATE], _FORMATS[ColumnKind.DATETIME], "0", *_own_format(column)):
            found[name] = self._number(_BODY, alignment, framed=True, number_format=name)
        return found

    def _number(
        self,
        font: Font,
        alignment: Alignment,
        *,
        framed: bool = False,
        quoted: bool = False,
        number_format: str = "General",
    ) -> int:
        made: Any = WriteOnlyCell(self._sheet, "")
        made.font, made.alignment, made.number_format = font, alignment, number_format
        if framed:
            made.border = _BORDER
        if quoted:
            made.quotePrefix = True
        return int(made.style_id)


def render_xlsx(document: LedgerDocument) -> bytes:
    """Return the document as one worksheet. Raises CellTooLongError."""
    target = BytesIO()
    write_xlsx(document, target)
    return target.getvalue()


def write_xlsx(document: LedgerDocument, target: IO[bytes], *, tick: Tick | None = None) -> None:
    """Write the document as one worksheet, row by row, so that memory stays flat.

    openpyxl makes the frame: styles, head, widths, print set-up. The rows are spelled here, as it would
    spell them. Equal documents give equal bytes. `tick(rows)` is called now and then; whatever it raises
    stops the work. Raises CellTooLongError before anything is written.
    """
    _check_lengths(document)
    frame, styles = _frame(document)
    with ZipFile(frame) as given, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as made:
        for name in given.namelist():
            entry = ZipInfo(name, MOMENT)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
            with made.open(entry, "w", force_zip64=name == SHEET_PART) as part:
                content = given.read(name) if name != CORE_PART else _dated(given.read(name), document)
                part.writelines(_sheet(document, content, styles, tick) if name == SHEET_PART else [content])


def _dated(core: bytes, document: LedgerDocument) -> bytes:
    """openpyxl puts the moment of saving into the properties; the file tells that of its rows."""
    moment = document.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return _SAVED.sub(lambda found: found[1] + moment, core)


def _check_lengths(document: LedgerDocument) -> None:
    """Refuse a text that does not fit before anything is written: a sheet cannot be given up halfway."""
    if found := document.spool.too_long:
        raise CellTooLongError(found.row + 1, document.columns[found.column].title, found.units)


def _frame(document: LedgerDocument) -> tuple[BytesIO, Styles]:
    """The workbook without its rows, and the numbers of the styles they take."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(document.title))
    _set_up(sheet, document)
    for cells in _head_rows(sheet, document):
        sheet.append(cells)
    styles = Styles(sheet)
    for column in document.columns:  # a style is known to the file once a cell has asked for it
        styles.of_column(column)
    _properties(book, document)
    target = BytesIO()
    book.save(target)
    target.seek(0)
    return target, styles


def _own_format(column: Column) -> list[str]:
    return [_FORMATS[column.kind]] if column.kind in FRACTIONS else []


def _sheet(document: LedgerDocument, frame: bytes, styles: Styles, tick: Tick | None) -> Iterator[bytes]:
    """The worksheet part: what openpyxl wrote, with the rows and the foot at the end of its data."""
    before, end, after = frame.partition(b"</sheetData>")
    yield before
    speller = RowSpeller(document.columns, styles)
    numbered = enumerate(document.spool, start=1)
    while batch := list(islice(numbered, TICK_ROWS)):
        yield b"".join([speller.spelled(HEAD_ROW + number, row) for number, row in batch])
        if tick:
            tick(batch[-1][0])
    yield from _foot(document, styles)
    yield end + after


def _lines_below(document: LedgerDocument) -> dict[int, str]:
    """What stands below the table, by row; each line takes the whole width."""
    bottom = HEAD_ROW + max(1, len(document.rows))
    lines = {} if document.rows else {bottom: EMPTY_SENTENCE}
    return lines | {bottom + 2 + index: words for index, words in enumerate([*document.foot, SIGNATURE])}


def _foot(document: LedgerDocument, styles: Styles) -> Iterator[bytes]:
    width = int(sum(column_width(column) for column in document.columns))
    for row, words in _lines_below(document).items():
        height = LINE_HEIGHT * wrapped_lines(words, width) + 3
        cell = f'<c r="A{row}"{_text_end(styles.sub, words)}'
        yield f'<row r="{row}" ht="{height}" customHeight="1">{cell}</row>'.encode()


class RowSpeller:
    """Spells rows as the XML of a worksheet.

    A cell is its place and an end that depends on column and value alone; values of a ledger repeat a lot,
    so the ends of short ones are kept for a while.
    """

    def __init__(self, columns: tuple[Column, ...], styles: Styles) -> None:
        self._columns = []
        for index, column in enumerate(columns, start=1):
            width = int(column_width(column)) - 1
            spell = partial(_cell_end, styles.of_column(column), width, column.kind)
            kept = lru_cache(maxsize=KEPT_ENDS, typed=True)(spell)
            self._columns.append((get_column_letter(index), spell, kept))

    def spelled(self, number: int, row: Row) -> bytes:
        cells, lines = [], 1
        for (letter, spell, kept), value in zip(self._columns, row, strict=True):
            long = isinstance(value, str) and len(value) > KEPT_LENGTH
            end, needed = spell(value) if long else kept(value)
            if needed > lines:
                lines = needed
            cells.append(f'<c r="{letter}{number}"{end}')
        height = f' ht="{min(MAX_HEIGHT, lines * LINE_HEIGHT + 3)}" customHeight="1"' if lines > 1 else ""
        return f'<row r="{number}"{height}>{"".join(cells)}</row>'.encode()


def _cell_end(styles: Mapping[str, int], width: int, kind: ColumnKind, value: Value) -> tuple[str, int]:
    """What follows the place of a cell, and the lines it needs."""
    if value is None or value == "":
        return f' s="{styles[""]}"/>', 1
    if isinstance(value, str):
        return _text_end(_text_style(styles, "", value), value), wrapped_lines(value, width)
    if isinstance(value, Cell):
        return _text_end(_text_style(styles, value.tone.value, value.text), value.text), 1
    return _value_end(styles, kind, value), 1


def _text_end(style: int, text: str) -> str:
    """A text cell: "=1+1" and "#N/A" are words here."""
    return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(cell_text(text))}</t></is></c>'


def _text_style(styles: Mapping[str, int], tone: str, text: str) -> int:
    known = tone if tone in styles else ""
    return styles[f"{known}'" if text.startswith(_FORMULA_START) else known]


def _value_end(styles: Mapping[str, int], kind: ColumnKind, value: date | int | Decimal) -> str:
    if isinstance(value, datetime):
        return f' s="{styles[_FORMATS[ColumnKind.DATETIME]]}"><v>{_serial_of(_naive(value))}</v></c>'
    if isinstance(value, date):
        return f' s="{styles[_FORMATS[ColumnKind.DATE]]}"><v>{_serial_of(value)}</v></c>'
    own = _FORMATS[kind] if kind in FRACTIONS else "0"
    style = styles[own if own != "0" or isinstance(value, int) else ""]
    return f' s="{style}"><v>{value}</v></c>'


def _serial_of(value: date) -> str:
    return str(to_excel(value))  # type: ignore[no-untyped-call]  # the one call its types left out


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
    for row in (1, 2, 3, *_lines_below(document)):
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


def _naive(value: datetime) -> datetime:
    """Excel knows no time zones: it gets the wall clock of the portal."""
    return timezone.make_naive(value) if timezone.is_aware(value) else value


def _text(sheet: Sheet, text: str, font: Font, alignment: Alignment | None = None) -> Any:
    """Return a text cell. The type is set by hand: "=1+1" and "#N/A" are words here."""
    made: Any = WriteOnlyCell(sheet, "")
    made._value = cell_text(text)
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


def _properties(book: Workbook, document: LedgerDocument) -> None:
    book.properties.title = document.title
    book.properties.creator = book.properties.lastModifiedBy = CREATOR
    book.properties.subject = f"{document.heading.organisation} {document.heading.period}"
