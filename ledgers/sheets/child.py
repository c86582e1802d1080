"""Reads a workbook in a process of its own: file on stdin, result on stdout, “rows N” on stderr.

Run as `python -m ledgers.sheets.child`. The first line of stdin is JSON: the limits, and for the way back
the texts of the error column; the file follows. The result is JSON lines, or the file with its new column.
It knows neither Django nor the database: a hostile file finds nothing here but the limits. A refusal is the
line {"refused": [code, sentence]}.
"""

import json
import sys
import zlib
from collections.abc import Sequence
from typing import IO, Any
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from ledgers.processes import limit
from ledgers.sheets.cells import CellKind, Skipped, WorkbookRefused
from ledgers.sheets.limits import ERROR_HEADING, MEGABYTE, SheetLimits
from ledgers.sheets.package import Book, BrokenPart, Package, SheetPart, read_book
from ledgers.sheets.splice import NewColumn, with_column
from ledgers.sheets.worksheet import Budget, Emit, Item, SheetEvents
from ledgers.sheets.xml_events import Forbidden, Malformed

# Whatever a damaged file can make the libraries raise.
BROKEN = (
    BadZipFile,
    zlib.error,
    Malformed,
    ExpatError,
    ValueError,
    LookupError,
    ArithmeticError,
    EOFError,
    OSError,
)

FORBIDDEN_SENTENCE = (
    "文件里有表格用不到的 XML 指令，为安全起见没有读取。"
    "请新建一个空白工作簿，把需要的表格复制过去（选择性粘贴为数值），保存为 .xlsx 后再上传。"
)
BROKEN_SENTENCE = "文件里的内容有损坏，没有读出来。请在 Excel 或 WPS 中打开，另存为新的 .xlsx 文件后再上传。"
MEMORY_SENTENCE = "文件里的内容太多，读取时内存不够。请只留下需要导入的表格，或分成几个文件上传。"


class Lines:
    """JSON lines; texts may hold what UTF-8 has no spelling for, so they are passed through as they are."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target = target

    def write(self, value: Any) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        self.target.write(line.encode("utf-8", "surrogatepass") + b"\n")

    def row(self, number: int, items: Sequence[Item]) -> None:
        self.write([number, items])


def read(content: bytes, limits: SheetLimits, lines: Lines) -> None:
    """Write every sheet: a line with its name, a line per row, a line with its merged areas."""
    package = Package(content)
    book = read_book(package, limits)
    budget = Budget(limits, _report)
    for sheet in book.sheets:
        lines.write({"sheet": sheet.name, "skipped": sheet.skipped.value, "date_1904": book.date_1904})
        if sheet.skipped is Skipped.NO:
            lines.write({"merged": _rows(package, sheet, book, budget, lines.row).merged})
    lines.write({"end": True})


def mark(content: bytes, limits: SheetLimits, orders: dict[str, Any], lines: Lines) -> None:
    """Write the file with the error column; `orders` is sheet → {"heading": row, "texts": {row: text}}."""
    package = Package(content)
    book = read_book(package, limits)
    budget = Budget(limits, _report)
    sheets = {sheet.name: sheet for sheet in book.sheets}
    if orders.keys() - sheets.keys():
        raise BrokenPart("no such sheet")
    parts = {}
    for name, order in orders.items():
        heading, texts = order["heading"], {int(row): text for row, text in order["texts"].items()}
        place = ColumnPlace(heading)
        _rows(package, sheets[name], book, budget, place.look)
        texts[heading] = ERROR_HEADING
        new = NewColumn(place.column, heading, texts, replace=place.own is not None)
        parts[sheets[name].path] = with_column(package.read(sheets[name].path), new)
    lines.target.write(package.rewritten(parts))


class ColumnPlace:
    """Where the error column goes: where it was last time, or behind the last filled column."""

    def __init__(self, heading_row: int) -> None:
        self._heading_row = heading_row
        self._last = 0
        self.own: int | None = None

    def look(self, number: int, items: Sequence[Item]) -> None:
        self._last = max(self._last, items[-1][0])
        if number == self._heading_row:
            for column, kind, written, *_ in items:
                if kind == CellKind.TEXT and written == ERROR_HEADING:
                    self.own = column

    @property
    def column(self) -> int:
        return self.own or self._last + 1


def _rows(package: Package, sheet: SheetPart, book: Book, budget: Budget, emit: Emit) -> SheetEvents:
    events = SheetEvents(sheet.name, book, budget, emit)
    package.send(sheet.path, events)
    return events


def _report(rows: int) -> None:
    sys.stderr.write(f"rows {rows}\n")
    sys.stderr.flush()


def guarded(content: bytes, limits: SheetLimits, orders: dict[str, Any] | None, lines: Lines) -> None:
    """Do the work, and turn everything a bad file can cause into a refusal."""
    try:
        if orders is None:
            read(content, limits, lines)
        else:
            mark(content, limits, orders, lines)
    except WorkbookRefused as refused:
        lines.write({"refused": [refused.code, str(refused)]})
    except Forbidden as problem:
        _refuse(lines, "forbidden", FORBIDDEN_SENTENCE, problem)
    except MemoryError as problem:
        _refuse(lines, "memory", MEMORY_SENTENCE, problem)
    except BROKEN as problem:
        _refuse(lines, "broken", BROKEN_SENTENCE, problem)


def _refuse(lines: Lines, code: str, sentence: str, problem: BaseException) -> None:
    sys.stderr.write(f"{type(problem).__name__}: {str(problem)[:200]!a}\n")
    lines.write({"refused": [code, sentence]})


def main() -> None:
    orders = json.loads(sys.stdin.buffer.readline())
    limits = SheetLimits(**orders["limits"])
    limit(
        memory=limits.memory_mb * MEGABYTE,
        cpu=limits.cpu_seconds,
        wall=int(limits.seconds) + 1,
        written=limits.output_mb * MEGABYTE,
    )
    guarded(sys.stdin.buffer.read(), limits, orders["mark"], Lines(sys.stdout.buffer))


if __name__ == "__main__":
    main()
