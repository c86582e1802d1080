"""A shipped ledger as a document, and its rows as each file and the page hold them."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any

from django.http import QueryDict
from openpyxl import load_workbook

from accounts.models import User
from ledgers.document import LedgerDocument, build_document
from ledgers.ledger import Cell, Ledger, Row, Value
from ledgers.renderers.page import page_rows
from ledgers.renderers.pdf import ledger_html
from ledgers.renderers.xlsx import render_xlsx
from ledgers.text import tidy_spaces

AS_OF = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def document_of(ledger: Ledger, query: str, user: User | None, *, on: date) -> LedgerDocument:
    form = ledger.filter_form.filled(QueryDict(query), user=user, on=on)
    assert form.is_valid(), form.errors
    return build_document(ledger, form, user=user, on=on, as_of=AS_OF)


def rows_of(ledger: Ledger, query: str, user: User | None, *, on: date) -> list[Row]:
    return list(document_of(ledger, query, user, on=on).rows)


def cleaned_of(ledger: Ledger, query: str, user: User | None, *, on: date) -> dict[str, Any]:
    form = ledger.filter_form.filled(QueryDict(query), user=user, on=on)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def excel_rows(document: LedgerDocument) -> list[tuple[object, ...]]:
    """What openpyxl reads below the head; the signature line is left out."""
    sheet: Any = load_workbook(BytesIO(render_xlsx(document))).active
    rows = list(sheet.iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[0] == document.columns[0].title)
    assert rows[head] == tuple(column.title for column in document.columns)
    return rows[head + 1 : head + 1 + len(document.rows)]


def in_excel(value: Value) -> object:
    """A value as it is read back: a date is a moment without zone, a state its words, nothing is empty."""
    if isinstance(value, Cell):
        return value.text
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return None if value == "" else value


def page_texts(document: LedgerDocument) -> list[list[str]]:
    return [[cell.text for cell in row] for row in page_rows(document, document.rows)]


def paper_texts(document: LedgerDocument) -> list[list[str]]:
    """The cells of the table that is laid out as PDF."""
    body = ledger_html(document).partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr\b.*?</tr>", body, flags=re.S)
    return [[_plain(cell) for cell in re.findall(r"<td\b.*?>(.*?)</td>", row, flags=re.S)] for row in rows]


def _plain(cell: str) -> str:
    return unescape(re.sub(r"<.*?>", "", cell)).strip()


def on_paper(text: str) -> str:
    return tidy_spaces(text).strip()
