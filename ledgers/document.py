"""One ledger at one moment: the rows are gathered once and all three renderers read them here."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.utils import timezone

from accounts.models import User
from ledgers.forms import FilterForm
from ledgers.ledger import Align, Cell, Column, ColumnKind, Heading, Ledger, Row, Value
from ledgers.text import clean_text

NUMBER_COLUMN = Column("number", "序号", ColumnKind.INTEGER, width=11, align=Align.CENTER)
EMPTY_SENTENCE = "本期没有记录"
_PLACES = {ColumnKind.DECIMAL: 2, ColumnKind.HOURS: 1}
_FILE_UNSAFE = re.compile(r'[\\/:*?"<>|\s\x00-\x1f\x7f]')


class ExportFailedError(Exception):
    """A file could not be made; the message says why and what the person can do."""


@dataclass(frozen=True)
class LedgerDocument:
    """Title, heading and rows as they were at `as_of`. Rows are in column order, texts cleaned."""

    slug: str
    title: str
    heading: Heading
    as_of: datetime
    filter_sentence: str
    order_note: str
    version: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]

    @cached_property
    def checksum(self) -> str:
        return checksum(self.rows)

    @property
    def as_of_text(self) -> str:
        return shown(self.as_of)

    def file_name(self, extension: str) -> str:
        """Return a name such as 提醒台账_红土坡烟站党支部_2026-11.xlsx, safe on every system."""
        parts = (self.title, self.heading.organisation, self.heading.file_period)
        stem = "_".join(filter(None, (_FILE_UNSAFE.sub("", part).strip(".")[:60] for part in parts)))
        return f"{stem or self.slug}.{extension}"


def build_document(
    ledger: Ledger, form: FilterForm, *, user: User | None, on: date, as_of: datetime, sort: str = ""
) -> LedgerDocument:
    """Gather the rows `user` may see with the valid `form`; `sort` is a column key, "-" turns it round."""
    cleaned = form.cleaned_data
    rows = [_cleaned_row(ledger, row) for row in ledger.rows(user, cleaned, on)]
    rows, sorted_by = _sorted(ledger, rows, sort)
    columns = ledger.columns
    if ledger.numbered:
        columns = (NUMBER_COLUMN, *columns)
        rows = [(number, *row) for number, row in enumerate(rows, start=1)]
    return LedgerDocument(
        slug=ledger.slug,
        title=ledger.title,
        heading=_cleaned_heading(ledger.heading(user, cleaned, on)),
        as_of=as_of,
        filter_sentence=clean_text(form.sentence()),
        order_note=sorted_by or ledger.order_note,
        version=ledger.version,
        columns=columns,
        rows=rows,
    )


def _cleaned_heading(heading: Heading) -> Heading:
    return replace(heading, organisation=clean_text(heading.organisation), period=clean_text(heading.period))


def _cleaned_row(ledger: Ledger, row: Row) -> Row:
    if len(row) != len(ledger.columns):
        raise ValueError(
            f"Ledger {ledger.slug}: a row of {len(row)} values for {len(ledger.columns)} columns."
        )
    return tuple(_cleaned(value) for value in row)


def _cleaned(value: Value) -> Value:
    if isinstance(value, Cell):
        return Cell(clean_text(value.text), value.tone)
    return clean_text(value) if isinstance(value, str) else value


def _sorted(ledger: Ledger, rows: list[Row], sort: str) -> tuple[list[Row], str]:
    """Return the rows in the asked order and its description; an unknown key changes nothing."""
    key, downwards = sort.removeprefix("-"), sort.startswith("-")
    for index, column in enumerate(ledger.columns):
        if column.key == key:
            filled = [row for row in rows if row[index] not in (None, "")]
            blank = [row for row in rows if row[index] in (None, "")]
            filled.sort(key=lambda row: _order(row[index]), reverse=downwards)
            return filled + blank, f"按{column.title}{'降序' if downwards else '升序'}"
    return rows, ""


def _order(value: Value) -> Any:
    return value.text if isinstance(value, Cell) else value


def shown(value: Value, kind: ColumnKind = ColumnKind.TEXT) -> str:
    """Return a value as words for page and paper; nothing is shown as a dash."""
    if value is None or value == "":
        return "—"
    if isinstance(value, Cell):
        return value.text
    if isinstance(value, datetime):
        return value.astimezone(timezone.get_current_timezone()).strftime("%Y-%m-%d %H:%M")
    return _decimal(value, kind) if isinstance(value, Decimal) else str(value)


def _decimal(value: Decimal, kind: ColumnKind) -> str:
    """Write at least the places of the kind, more where the value has them, as Excel does."""
    whole, _, places = f"{value:f}".partition(".")
    places = places.rstrip("0").ljust(_PLACES.get(kind, 0), "0")
    return f"{whole}.{places}" if places else whole


def checksum(rows: Iterable[Row]) -> str:
    """Return SHA-256 over the canonical JSON of the rows: equal rows, equal sum."""
    digest = sha256()
    for row in rows:
        spelled = json.dumps([_plain(value) for value in row], ensure_ascii=False, separators=(",", ":"))
        digest.update(spelled.encode() + b"\n")
    return digest.hexdigest()


def _plain(value: Value) -> Any:
    if isinstance(value, Cell):
        return {"text": value.text, "tone": value.tone.value}
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
