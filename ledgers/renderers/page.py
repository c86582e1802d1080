"""Rows as ready strings for templates: the page and the PDF show the same."""

from collections.abc import Iterable
from typing import NamedTuple

from ledgers.document import NUMBER_COLUMN, LedgerDocument, shown
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


class SortLink(NamedTuple):
    """Head of one column: what a click asks for, and how the rows are sorted now."""

    title: str
    align: str
    size: str
    sort: str
    now: str  # value of aria-sort; empty when this column does not sort the rows


def sort_links(columns: Iterable[Column], sort: str) -> list[SortLink]:
    """Return the heads of the table; a second click on the same column turns the order."""
    return [_sort_link(column, sort) for column in columns]


def _sort_link(column: Column, sort: str) -> SortLink:
    now = {column.key: "ascending", f"-{column.key}": "descending"}.get(sort, "")
    wanted = f"-{column.key}" if now == "ascending" else column.key
    # The number is the place in the order, so it cannot make one.
    sortable = column is not NUMBER_COLUMN
    return SortLink(column.title, column.alignment.value, _size(column), wanted if sortable else "", now)


def _size(column: Column) -> str:
    """Name of the least width on the screen, from the millimetres on paper."""
    return "narrow" if column.width < 20 else "middle" if column.width < 32 else "wide"
