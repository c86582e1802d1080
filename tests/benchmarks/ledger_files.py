"""One measurement of writing a ledger: `python -m tests.benchmarks.ledger_files WAY ROWS`.

For Excel the way is floor (XML written by hand, two styles), ours, openpyxl, xlsxwriter or rustpy; for PDF
weasyprint or typst. Each runs in a process of its own, so that the memory told is its own; a PDF's is that of
the child which lays it out. It prints JSON.
"""

import importlib
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import django

from ledgers.ledger import Cell, Column, ColumnKind, Heading, Row, Tone

KINDS = [
    ColumnKind.TEXT,
    ColumnKind.TEXT,
    ColumnKind.TEXT,
    ColumnKind.DATE,
    ColumnKind.INTEGER,
    ColumnKind.DECIMAL,
    ColumnKind.STATE,
    ColumnKind.DATE,
    ColumnKind.TEXT,
    ColumnKind.TEXT,
    ColumnKind.TEXT,
    ColumnKind.INTEGER,
]
COLUMNS = tuple(Column(f"c{n}", f"第 {n} 列", kind, width=24) for n, kind in enumerate(KINDS, start=1))
LETTERS = "ABCDEFGHIJKL"
STATES = (Cell("按时完成", Tone.OK), Cell("已逾期", Tone.LATE), Cell("即将到期", Tone.SOON))


def rows(count: int) -> Iterator[Row]:
    for number in range(count):
        day = date(2026, 1 + number % 12, 1 + number % 28)
        texts = (f"第{number % 900}党支部", "三会一课", "学习贯彻全会精神，结合岗位开展研讨")
        person = (f"张{number % 700}", f"11010119900{number:07d}", "备注" if number % 7 else "")
        yield (*texts, day, number % 40, Decimal("1.50"), STATES[number % 3], day, *person, number)


def plain(value: Any) -> Any:
    """What a library without ledgers takes."""
    return value.text if isinstance(value, Cell) else float(value) if isinstance(value, Decimal) else value


def document(count: int) -> Any:
    from ledgers.document import LedgerDocument  # noqa: PLC0415 - after django.setup
    from ledgers.spool import Spool  # noqa: PLC0415 - a process holds only what it measures

    moment = datetime(2026, 11, 13, 1, 30, tzinfo=UTC)
    heading = Heading("县局党总支", "2026 年", "2026")
    return LedgerDocument(
        "bench", "提醒事项台账", heading, moment, "全部记录", "", "1", COLUMNS, Spool(rows(count))
    )


def ours(count: int, target: IO[bytes]) -> None:
    from ledgers.renderers.xlsx import write_xlsx  # noqa: PLC0415 - a process holds only what it measures

    write_xlsx(document(count), target)


def floor(count: int, target: IO[bytes]) -> None:
    with ZipFile(target, "w", ZIP_DEFLATED) as made, made.open("sheet1.xml", "w") as part:
        for number, row in enumerate(rows(count), start=1):
            cells = [_floor_cell(f"{letter}{number}", v) for letter, v in zip(LETTERS, row, strict=True)]
            part.write(f'<row r="{number}">{"".join(cells)}</row>'.encode())


def _floor_cell(place: str, value: Any) -> str:
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{value.toordinal() - 693594}</v></c>'
    if isinstance(value, int | Decimal):
        return f'<c r="{place}" s="2"><v>{value}</v></c>'
    return f'<c r="{place}" s="3" t="inlineStr"><is><t>{escape(plain(value))}</t></is></c>'


def openpyxl_write_only(count: int, target: IO[bytes]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - a process holds only what it measures
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - a process holds only what it measures
    from openpyxl.styles import Font  # noqa: PLC0415 - a process holds only what it measures

    book, font = Workbook(write_only=True), Font(size=10)
    sheet: Any = book.create_sheet()
    for row in rows(count):
        cells = [WriteOnlyCell(sheet, plain(value)) for value in row]
        for cell in cells:
            cell.font = font
        sheet.append(cells)
    book.save(target)


def xlsxwriter_constant_memory(count: int, target: IO[bytes]) -> None:
    book = importlib.import_module("xlsxwriter").Workbook(target, {"constant_memory": True})
    sheet, day, body = book.add_worksheet(), book.add_format({"num_format": 14}), book.add_format()
    for number, row in enumerate(rows(count)):
        for column, value in enumerate(map(plain, row)):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            elif isinstance(value, str):
                sheet.write_string(number, column, value, body)
            else:
                sheet.write_number(number, column, value, body)
    book.close()


def rustpy(count: int, target: IO[bytes]) -> None:
    records = ({f"c{n}": plain(value) for n, value in enumerate(row)} for row in rows(count))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        importlib.import_module("rustpy_xlsxwriter").write_worksheet(records, str(path), sheet_name="a")
        target.write(path.read_bytes())


def weasyprint(count: int, target: IO[bytes]) -> None:
    from ledgers.renderers.pdf import render_pdf  # noqa: PLC0415 - a process holds only what it measures

    target.write(render_pdf(document(count)))


def typst(count: int, target: IO[bytes]) -> None:
    from ledgers.renderers.long_pdf import write_long_pdf  # noqa: PLC0415 - a process holds only what it measures

    write_long_pdf(document(count), target)


WAYS: dict[str, Callable[[int, IO[bytes]], None]] = {
    "floor": floor,
    "ours": ours,
    "openpyxl": openpyxl_write_only,
    "xlsxwriter": xlsxwriter_constant_memory,
    "rustpy": rustpy,
    "weasyprint": weasyprint,
    "typst": typst,
}


def measured(way: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryFile() as target:
        start, used = time.perf_counter(), sum(os.times()[:4])
        WAYS[way](count, target)
        seconds, cpu, size = time.perf_counter() - start, sum(os.times()[:4]) - used, target.tell()
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "memory_mb": round(own.ru_maxrss / 1024),
        "child_memory_mb": round(children.ru_maxrss / 1024),
        "file_kb": round(size / 1024),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partyaffairs.settings")
    django.setup()
    sys.stdout.write(json.dumps(measured(sys.argv[1], int(sys.argv[2]))))
