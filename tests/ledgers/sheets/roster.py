"""A small roster as the tests read it: gate, child, table and values in one go."""

from collections.abc import Callable, Iterator
from typing import Any

from ledgers.sheets.cells import (
    CellProblem,
    FoundTable,
    RawCell,
    SheetColumn,
    SheetRefused,
    TableRow,
    ValueProblem,
)
from ledgers.sheets.dates import parse_date
from ledgers.sheets.gate import check_workbook
from ledgers.sheets.limits import SheetLimits
from ledgers.sheets.reading import read_sheets
from ledgers.sheets.tables import find_table
from ledgers.sheets.values import parse_choice, parse_text, parse_yes_no

COLUMNS = (
    SheetColumn("name", "姓名", ("党员姓名",), required=True),
    SheetColumn("id_number", "身份证号", ("公民身份号码",)),
    SheetColumn("born", "出生日期", ("出生年月",), required=True),
    SheetColumn("joined", "入党时间", ("入党日期",)),
    SheetColumn("state", "人员类别"),
    SheetColumn("seconded", "抽调", ("是否抽调",)),
    SheetColumn("phone", "电话", ("联系电话",)),
)
HEADING = ("姓名", "身份证号", "出生日期", "入党时间")
PERSON = ("张三", "11010119900307001X", "1990-03-07", "2015.7.1")
# A hostile file has to be answered within these, or the test sees another sentence.
TIGHT = SheetLimits(seconds=40, cpu_seconds=20)
PARSERS: dict[str, Callable[[RawCell | None], Any]] = {
    "name": lambda cell: parse_text(cell, most=30),
    "id_number": parse_text,
    "born": parse_date,
    "joined": parse_date,
    "state": lambda cell: parse_choice(cell, {"正式党员": 1, "预备党员": 2}),
    "seconded": parse_yes_no,
    "phone": parse_text,
}


def read_roster(content: bytes, name: str = "花名册.xlsx", limits: SheetLimits = TIGHT) -> FoundTable:
    """The table on the first sheet that is there to be read."""
    check_workbook(content, name)
    sheets = read_sheets(content, limits=limits)
    return find_table(next(sheet for sheet in sheets if sheet.rows), COLUMNS)


def problems_of(table: FoundTable) -> Iterator[CellProblem]:
    for row in table.rows:
        for key in table.positions:
            try:
                PARSERS[key](row.cell(key))
            except ValueProblem as found:
                yield table.problem(found, row, key)


def values_of(row: TableRow) -> dict[str, Any]:
    return {key: PARSERS[key](cell) for key, cell in row.cells.items()}


def answer(content: bytes, name: str = "花名册.xlsx") -> str:
    """What a person is told about the file."""
    try:
        table = read_roster(content, name)
    except SheetRefused as refused:
        return str(refused)
    problems = [f"第 {found.row} 行 {found.sentence}" for found in problems_of(table)]
    return "".join(problems) or f"读到 {len(table.rows)} 行。"
