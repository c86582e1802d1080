"""Rows as ready strings for templates: the page and the PDF show the same."""

from collections.abc import Iterable
from typing import NamedTuple

from ledgers.document import LedgerDocument, shown
from ledgers.ledger import Cell, Column, Row, Value


class ShownCell(NamedTuple):
    """A ready cell: its words, its alignment and, for a state, its tone."""

    text: str
    align: str
    tone: str


def page_rows(document: LedgerDocument, rows: Iterable[Row]) -> list[list[ShownCell]]:
    """Return ready cells of `rows`, which are some or all of the document's."""
    return [[_shown(*pair) for pair in zip(document.columns, row, strict=True)] for row in rows]


def _shown(column: Column, value: Value) -> ShownCell:
    tone = value.tone.value if isinstance(value, Cell) else ""
    return ShownCell(shown(value, column.kind), column.alignment.value, tone)
