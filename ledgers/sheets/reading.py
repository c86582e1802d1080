"""Sheets out of an .xlsx, parsed by a child process that can be limited, watched and killed."""

import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ledgers.processes import ChildTooSlowError, Ended, ended_child, highest
from ledgers.sheets.cells import CellKind, RawCell, RawRow, RawSheet, Skipped, WorkbookRefused
from ledgers.sheets.limits import DEFAULT, SheetLimits

logger = logging.getLogger(__name__)
Tick = Callable[[int], None]
_LAST_LINE = 4096

SLOW_SENTENCE = "读取这个文件用的时间太长，已经停止。请只留下需要导入的表格，另存为新的 .xlsx 文件后再上传。"
STOPPED_SENTENCE = "读取没有完成，已经停止。请在 Excel 或 WPS 中打开，另存为新的 .xlsx 文件后再上传。"


def read_sheets(content: bytes, *, limits: SheetLimits = DEFAULT, tick: Tick | None = None) -> list[RawSheet]:
    """Return the sheets of a workbook that passed `check_workbook`, in the order of the file.

    Hidden sheets and charts are there by name, without rows (`skipped` says why). `tick(rows)` is called
    with the number of rows read so far; what it raises stops the work. Raises WorkbookRefused.
    """
    with ended_reader(content, limits, tick=tick or ignore) as ended:
        sheets = list(_sheets(_lines(ended)))
    if not any(sheet.rows for sheet in sheets):
        raise WorkbookRefused("nothing", _nothing(sheets))
    return sheets


def _nothing(sheets: Iterable[RawSheet]) -> str:
    skipped = "、".join(f"“{sheet.name}”（{sheet.skipped}）" for sheet in sheets if sheet.skipped)
    if skipped:
        return f"文件里没有可以导入的内容：{skipped}没有读取。请取消隐藏或核对是不是选错了文件。"
    return "文件里的工作表都是空的。请核对是不是选错了文件，或填好保存后再上传。"


def ignore(rows: int) -> None:
    """Nobody watches."""


def _command() -> list[str]:
    return [sys.executable, "-m", "ledgers.sheets.child"]


@contextmanager
def ended_reader(
    content: bytes, limits: SheetLimits, *, tick: Tick, mark: Mapping[str, Any] | None = None
) -> Iterator[Ended]:
    """The child after a good end. Raises WorkbookRefused when it refused the file, was stopped or broke."""
    orders = json.dumps({"limits": asdict(limits), "mark": mark}).encode() + b"\n"

    def watch(lines: list[str]) -> None:
        tick(highest(lines, "rows"))

    try:
        with ended_child(_command(), [orders, content], seconds=limits.seconds, watch=watch) as ended:
            if ended.returncode != 0:
                raise stopped(ended)
            _raise_refusal(ended)
            yield ended
    except ChildTooSlowError as problem:
        raise WorkbookRefused("slow", SLOW_SENTENCE) from problem


def stopped(ended: Ended) -> WorkbookRefused:
    logger.warning("Reading a sheet ended with %s: %s", ended.returncode, " | ".join(ended.log[-3:]))
    if ended.returncode in (-signal.SIGXCPU, -signal.SIGALRM):
        return WorkbookRefused("slow", SLOW_SENTENCE)
    return WorkbookRefused("stopped", STOPPED_SENTENCE)


def _raise_refusal(ended: Ended) -> None:
    """A refusal is the last line of the child; the rows before it are not worth building."""
    size = ended.output.seek(0, os.SEEK_END)
    ended.output.seek(max(0, size - _LAST_LINE))
    line = ended.output.read().rstrip(b"\n").rpartition(b"\n")[2]
    ended.output.seek(0)
    if line.startswith(b'{"refused"'):
        raise WorkbookRefused(*json.loads(line)["refused"])


def _lines(ended: Ended) -> Iterator[Any]:
    return (json.loads(line.decode("utf-8", "surrogatepass")) for line in ended.output)


def _sheets(lines: Iterable[Any]) -> Iterator[RawSheet]:
    """Sheets out of the lines of the child. Raises WorkbookRefused when the end is missing."""
    facts: dict[str, Any] | None = None
    rows: list[RawRow] = []
    for line in lines:
        if isinstance(line, list):
            rows.append(_row(line))
        elif "merged" in line and facts is not None:
            facts["merged"] = tuple(tuple(area) for area in line["merged"])
        else:
            if facts is not None:
                yield RawSheet(rows=tuple(rows), **facts)
            if "end" in line:
                return
            facts, rows = _facts(line), []
    raise WorkbookRefused("stopped", STOPPED_SENTENCE)


def _facts(line: dict[str, Any]) -> dict[str, Any]:
    return {"name": line["sheet"], "skipped": Skipped(line["skipped"]), "date_1904": line["date_1904"]}


def _row(line: list[Any]) -> RawRow:
    number, items = line
    return RawRow(number, {item[0]: _cell(*item[1:]) for item in items})


def _cell(kind: str, written: str, moment: str, month_only: bool) -> RawCell:
    return RawCell(CellKind(kind), written, datetime.fromisoformat(moment) if moment else None, month_only)
