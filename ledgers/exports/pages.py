"""Differences as ready strings for the page."""

from collections.abc import Sequence
from typing import NamedTuple

from ledgers.document import NUMBER_COLUMN, LedgerDocument, shown
from ledgers.exports.compare import Changed, Differences
from ledgers.ledger import Column, Row

MOST_SHOWN = 50
WORDS = 4  # cells that tell which row is meant


class Line(NamedTuple):
    """One row that differs: which one it is, and what of it."""

    tag: str
    tone: str
    row: str
    changes: Sequence[str]


class DifferencePage(NamedTuple):
    comparable: bool
    new: int
    gone: int
    changed: int
    lines: Sequence[Line]

    @property
    def total(self) -> int:
        return self.new + self.gone + self.changed


def difference_page(now: LedgerDocument, found: Differences | None) -> DifferencePage:
    """Counts of all, and the first rows in words."""
    if found is None:
        return DifferencePage(False, 0, 0, 0, ())
    columns = [column for column in now.columns if column is not NUMBER_COLUMN]
    changed = [_changed(columns, pair) for pair in found.changed[:MOST_SHOWN]]
    new = [Line("新增", "ok", _words(columns, row), ()) for row in found.new[:MOST_SHOWN]]
    gone = [Line("不再列入", "off", _words(columns, row), ()) for row in found.gone[:MOST_SHOWN]]
    lines = (*changed, *new, *gone)[:MOST_SHOWN]
    return DifferencePage(True, len(found.new), len(found.gone), len(found.changed), lines)


def _words(columns: Sequence[Column], row: Row) -> str:
    told = [shown(value, column.kind) for column, value in zip(columns, row, strict=True)]
    return " · ".join([words for words in told if words != "—"][:WORDS])


def _changed(columns: Sequence[Column], pair: Changed) -> Line:
    changes = [
        f"{column.title}：{shown(then, column.kind)} → {shown(now, column.kind)}"
        for column, then, now in zip(columns, *pair, strict=True)
        if then != now
    ]
    return Line("有变化", "soon", _words(columns, pair.now), changes)
