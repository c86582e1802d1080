"""One measurement of reading a roster: `python -m tests.benchmarks.sheet_reading WAY FILE`.

The way is grow (make the file), ours, marked or openpyxl.

Each way runs in a process of its own, so that the memory told is its own: that of the reading child for ours,
that of the process for openpyxl in its read-only mode. It prints JSON.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook

from ledgers.sheets.gate import check_workbook
from ledgers.sheets.marking import with_error_column
from ledgers.sheets.reading import read_sheets

ROWS, COLUMNS = 5_000, 12


def grow(path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("花名册")
    sheet.append([f"第 {column} 列" for column in range(1, COLUMNS + 1)])
    for row in range(ROWS):
        born = date(1960, 1, 1) + timedelta(days=row * 3)
        texts = [f"姓名{row}", "汉族", f"11010119900{row:07d}", "正式党员", f"第{row % 13}党支部", "大学本科"]
        sheet.append([row, *texts, born, born + timedelta(days=9000), 13_800_000_000 + row, "是", "备注"])
    book.save(path)


def ours(path: Path) -> int:
    content = path.read_bytes()
    check_workbook(content, path.name)
    return sum(len(row.cells) for sheet in read_sheets(content) for row in sheet.rows)


def marked(path: Path) -> int:
    texts = {row: f"第 {row} 行：出生日期看不懂" for row in range(2, ROWS + 2)}
    return len(with_error_column(path.read_bytes(), {"花名册": texts}))


def by_openpyxl(path: Path) -> int:
    book = load_workbook(path, read_only=True)
    return sum(len(row) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))


WAYS: dict[str, Callable[[Path], int]] = {"ours": ours, "marked": marked, "openpyxl": by_openpyxl}


def measured(way: str, path: Path) -> dict[str, float]:
    start = time.perf_counter()
    WAYS[way](path)
    seconds = time.perf_counter() - start
    whose = resource.RUSAGE_SELF if way == "openpyxl" else resource.RUSAGE_CHILDREN
    usage = resource.getrusage(whose)
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "memory_mb": round(usage.ru_maxrss / 1024),
    }


if __name__ == "__main__":
    if sys.argv[1] == "grow":
        grow(Path(sys.argv[2]))
    else:
        sys.stdout.write(json.dumps(measured(sys.argv[1], Path(sys.argv[2]))))
