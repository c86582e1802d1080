"""Roster files on their way out: the export, which an import takes back unchanged, and the template."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from django.db import transaction
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.queries.roster import roster_lines
from branches.rules.roster.columns import HELP_SHEET, MEANINGS, SHEET, STATUS_LABELS, TITLES, Key, heading
from ledgers.sheets.limits import DEFAULT
from ledgers.sheets.tables import EXAMPLE_MARK
from ledgers.text import clean_text

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD_ROW = 3
TEXT, DAY = "@", "yyyy-mm-dd"
WIDTHS = {
    Key.CODE: 12,
    Key.NAME: 12,
    Key.ID_NUMBER: 22,
    Key.BIRTH_ON: 13,
    Key.ORGANISATION: 30,
    Key.STATUS: 14,
    Key.JOINED_ON: 13,
    Key.CONVERTED_ON: 13,
    Key.SINCE: 17,
    Key.HOME_DEPARTMENT: 20,
    Key.ASSIGNED: 8,
}
DAYS = {Key.BIRTH_ON, Key.JOINED_ON, Key.CONVERTED_ON, Key.SINCE}
NOTE = "身份证号只显示首尾各 4 位，原样导入不会改动。可以增减行、调整列的顺序；不认识的列不会导入。"
TEMPLATE_NOTE = f"从第 {HEAD_ROW + 1} 行起填写，带 * 的必填；示例行不会导入，可以保留。"
EXAMPLE: dict[Key, str | date] = {
    Key.CODE: EXAMPLE_MARK,
    Key.NAME: "张三",
    Key.ID_NUMBER: "",
    Key.BIRTH_ON: date(1990, 2, 3),
    Key.ORGANISATION: "某某党支部",
    Key.STATUS: "正式党员",
    Key.JOINED_ON: date(2015, 7, 1),
    Key.CONVERTED_ON: date(2016, 7, 1),
    Key.SINCE: date(2020, 3, 1),
    Key.HOME_DEPARTMENT: "综合办公室",
    Key.ASSIGNED: "否",
}

# The write-only sheet borrows half its attributes at run time, which its types do not show.
Sheet = Any

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_THIN = Side(style="thin", color="FFC3CAD2")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="FFEEF2F6")
_FONT = "微软雅黑"
_BODY, _BOLD = Font(name=_FONT, size=10), Font(name=_FONT, size=10, bold=True)
_TITLE, _SUB = Font(name=_FONT, size=14, bold=True), Font(name=_FONT, size=9, color="FF3B424C")
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)


@transaction.atomic
def export_roster(organisation: Organisation, *, on: date, by: User | None) -> bytes:
    """Everybody of these branches on that day, as a file an import takes back. Raises SealRefused."""
    lines = [line.values for line in roster_lines(organisation, on=on)]
    content = roster_file(f"{organisation.name} 党员名册　{on:%Y-%m-%d}　共 {len(lines)} 人", NOTE, lines)
    detail = {"organisation": organisation.code, "day": on, "rows": len(lines), "format": "xlsx"}
    audit.record("branches.roster_exported", by=by, target=organisation, detail=detail)
    return content


def template_file() -> bytes:
    """An empty roster with one example row, which an import skips, and what the columns mean."""
    return roster_file("党员名册", TEMPLATE_NOTE, [EXAMPLE], with_help=True)


def roster_file(
    title: str, note: str, lines: Sequence[Mapping[Key, str | date | None]], *, with_help: bool = False
) -> bytes:
    book = Workbook(write_only=True)
    sheet: Sheet = book.create_sheet(SHEET)
    _set_up(sheet, len(lines))
    sheet.append([_text(sheet, title, _TITLE)])
    sheet.append([_text(sheet, note, _SUB)])
    sheet.append([_head(sheet, heading(key)) for key in Key])
    for line in lines:
        sheet.append([_cell(sheet, line.get(key)) for key in Key])
    if with_help:
        _help(book.create_sheet(HELP_SHEET))
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _set_up(sheet: Sheet, lines: int) -> None:
    last = get_column_letter(len(Key))
    sheet.freeze_panes = f"C{HEAD_ROW + 1}"
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last}{HEAD_ROW + max(1, lines)}"
    sheet.row_dimensions[1].height, sheet.row_dimensions[HEAD_ROW].height = 26, 24
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    for row in (1, 2):
        sheet.merged_cells.add(f"A{row}:{last}{row}")
    for index, key in enumerate(Key, start=1):
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = WIDTHS[key]
        column.number_format = DAY if key in DAYS else TEXT
    _offer(sheet, Key.STATUS, list(STATUS_LABELS))
    _offer(sheet, Key.ASSIGNED, ["是", "否"])


def _offer(sheet: Sheet, key: Key, choices: Sequence[str]) -> None:
    """A list to choose from in every row that may be filled."""
    letter = get_column_letter(list(Key).index(key) + 1)
    offered = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    offered.error, offered.errorTitle = f"请选：{'、'.join(choices)}", TITLES[key]
    offered.add(f"{letter}{HEAD_ROW + 1}:{letter}{HEAD_ROW + DEFAULT.rows}")
    sheet.data_validations.append(offered)


def _help(sheet: Sheet) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 80
    sheet.append([_head(sheet, "列"), _head(sheet, "怎样填写")])
    for key, meaning in MEANINGS.items():
        sheet.append([_cell(sheet, TITLES[key]), _cell(sheet, meaning)])


def _head(sheet: Sheet, text: str) -> Any:
    made = _text(sheet, text, _BOLD)
    made.alignment, made.fill, made.border = _MIDDLE, _HEAD_FILL, _BORDER
    return made


def _cell(sheet: Sheet, value: str | date | None) -> Any:
    if not isinstance(value, date):
        made = _text(sheet, value or "", _BODY)
        made.number_format = TEXT
    else:
        made = WriteOnlyCell(sheet, datetime.combine(value, time.min))
        made.font, made.number_format = _BODY, DAY
    made.border = _BORDER
    return made


def _text(sheet: Sheet, text: str, font: Font) -> Any:
    """A text cell whatever it begins with: "=1+1" is a word here."""
    made: Any = WriteOnlyCell(sheet, "" if text else None)
    if text:
        made._value, made.data_type = clean_text(text), "s"
        made.quotePrefix = text.startswith(_FORMULA_START)
    made.font = font
    return made
