"""Roster files as offices have them, and rows as the planning gets them."""

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook

from branches.rules import MemberStatus
from branches.rules.id_numbers import check_character
from branches.rules.roster.columns import Key
from branches.rules.roster.rows import RosterRow

HEAD = ("名册编号", "姓名", "身份证号", "所在党支部", "人员类别", "入党日期", "转正日期", "编入本支部日期")


def id_number(born: str = "19900203", sequence: str = "123") -> str:
    """A valid number for a birth date written as eight digits."""
    seventeen = f"532501{born}{sequence}"
    return seventeen + check_character(seventeen)


def book(*rows: Sequence[Any], head: Sequence[str] = HEAD, above: Iterable[Sequence[Any]] = ()) -> bytes:
    """An .xlsx with one sheet: lines above the heading, the heading, the rows."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "名册"
    for line in (*above, head, *rows):
        sheet.append(list(line))
    target = BytesIO()
    made.save(target)
    return target.getvalue()


def cells(content: bytes, sheet: str | None = None) -> list[list[Any]]:
    """Every row of one sheet as values."""
    opened = load_workbook(BytesIO(content))
    found = opened[sheet] if sheet else opened.worksheets[0]
    return [[cell.value for cell in row] for row in found.iter_rows()]


def row(number: int = 4, /, **values: Any) -> RosterRow:
    """One row that could be read; without anything said, a full member."""
    given = {"name": "雷彩霞", "status": MemberStatus.FULL, **values}
    kept = {Key(key): value for key, value in given.items() if value not in (None, "")}
    written = {
        key: f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value) for key, value in kept.items()
    }
    return RosterRow("名册", number, kept, written)
