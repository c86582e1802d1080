"""Templates read and filled by a child process that can be limited, watched and killed."""

import json
import logging
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from signal import SIGALRM, SIGXCPU
from typing import Any

from branches.rules import Refusal
from ledgers.ledger import Cell, Value
from ledgers.processes import ChildTooSlowError, Ended, ended_child
from papers.filling.syntax import Filling, TemplateRefused

logger = logging.getLogger(__name__)
MEMORY = 768 * 1024 * 1024
SECONDS = 15  # of CPU; twice that by the clock
SLOW = "处理这个模板用的时间太长，已经停止。请删去用不到的内容，另存一份后再试。"
STOPPED = "处理这个模板没有完成，已经停止。请在 Word、Excel 或 WPS 中打开，另存一份后再试。"


class ValuesMissing(Refusal):
    """Placeholders for which nothing is registered yet, in the order of the template."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__("还没有登记：" + "、".join(f"“{name}”" for name in names))
        self.names = tuple(names)


def read_names(content: bytes, kind: str) -> list[str]:
    """The names a template of this kind (docx or xlsx) asks for, each once. Raises TemplateRefused."""
    names: list[str] = json.loads(_run({"do": "read", "kind": kind}, content))["names"]
    return names


def filling_of(
    values: Mapping[str, Value],
    lists: Mapping[str, Sequence[Mapping[str, Value]]],
    *,
    blank: Collection[str] = (),
) -> Filling:
    """Values as the child gets them."""
    rows = {name: [_plain_row(row) for row in found] for name, found in lists.items()}
    return Filling(_plain_row(values), rows, frozenset(blank))


def fill(content: bytes, kind: str, filling: Filling) -> bytes:
    """The filled file. Raises ValuesMissing naming what is not there, and TemplateRefused."""
    orders = {
        "do": "fill",
        "kind": kind,
        "values": filling.values,
        "lists": filling.lists,
        "blank": sorted(filling.blank),
    }
    return _run(orders, content)


def _plain_row(row: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Value) -> Any:
    if isinstance(value, date):
        return {"date": f"{value:%Y-%m-%d}"}
    if isinstance(value, Decimal):
        return {"number": f"{value.normalize():f}"}
    return value.text if isinstance(value, Cell) else value


def _run(orders: Mapping[str, Any], content: bytes) -> bytes:
    line = json.dumps({**orders, "memory": MEMORY, "seconds": SECONDS}, ensure_ascii=False).encode() + b"\n"
    command = [sys.executable, "-m", "papers.filling.child"]
    try:
        with ended_child(command, [line, content], seconds=SECONDS * 2, watch=_ignore) as ended:
            return _result(ended)
    except ChildTooSlowError as problem:
        raise TemplateRefused(SLOW) from problem


def _ignore(lines: list[str]) -> None:
    """Nobody watches."""


def _result(ended: Ended) -> bytes:
    content = ended.output.read()
    if ended.returncode in (-SIGXCPU, -SIGALRM):
        raise TemplateRefused(SLOW)
    if ended.returncode != 0:
        logger.warning("Filling a template ended with %s: %s", ended.returncode, " | ".join(ended.log[-3:]))
        raise TemplateRefused(STOPPED)
    if not content.startswith(b"{"):
        return content
    words = json.loads(content)
    if "refused" in words:
        raise TemplateRefused(words["refused"])
    if "missing" in words:
        raise ValuesMissing(words["missing"])
    return content
