"""Reads a workbook in a process of its own: the file on stdin, JSON lines on stdout, “rows N” on stderr.

Run as `python -m ledgers.sheets.child read|mark …`. It knows neither Django nor the database: a hostile
file finds nothing here but the limits. A refusal is the line {"refused": [code, sentence]} at the end.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Sequence
from typing import IO, Any
from zipfile import BadZipFile

from ledgers.processes import limit
from ledgers.sheets.cells import Skipped, WorkbookRefused
from ledgers.sheets.limits import MEGABYTE, SheetLimits
from ledgers.sheets.package import Book, Package, SheetPart, read_book
from ledgers.sheets.worksheet import Budget, Item, SheetEvents
from ledgers.sheets.xml_events import Forbidden, Malformed

BROKEN = (BadZipFile, zlib.error, Malformed, ValueError, LookupError, ArithmeticError, EOFError, OSError)

FORBIDDEN_SENTENCE = (
    "文件里有表格用不到的 XML 指令，为安全起见没有读取。"
    "请新建一个空白工作簿，把需要的表格复制过去（选择性粘贴为数值），保存为 .xlsx 后再上传。"
)
BROKEN_SENTENCE = "文件里的内容有损坏，没有读出来。请在 Excel 或 WPS 中打开，另存为新的 .xlsx 文件后再上传。"
MEMORY_SENTENCE = "文件里的内容太多，读取时内存不够。请只留下需要导入的表格，或分成几个文件上传。"


class Lines:
    """JSON lines; texts may hold what UTF-8 has no spelling for, so they are passed through as they are."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target

    def write(self, value: Any) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        self._target.write(line.encode("utf-8", "surrogatepass") + b"\n")

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
            lines.write({"merged": _rows(package, sheet, book, budget, lines).merged})
    lines.write({"end": True})


def _rows(package: Package, sheet: SheetPart, book: Book, budget: Budget, lines: Lines) -> SheetEvents:
    events = SheetEvents(sheet.name, book, budget, lines.row)
    package.send(sheet.path, events)
    return events


def _report(rows: int) -> None:
    sys.stderr.write(f"rows {rows}\n")
    sys.stderr.flush()


def guarded(content: bytes, limits: SheetLimits, lines: Lines) -> None:
    """Read, and turn everything a bad file can cause into a refusal."""
    try:
        read(content, limits, lines)
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
    parser = argparse.ArgumentParser()
    parser.add_argument("--limits", type=json.loads, required=True)
    limits = SheetLimits(**parser.parse_args().limits)
    limit(memory=limits.memory_mb * MEGABYTE, cpu=limits.cpu_seconds, wall=int(limits.seconds) + 1)
    guarded(sys.stdin.buffer.read(), limits, Lines(sys.stdout.buffer))


if __name__ == "__main__":
    main()
