"""One ledger at one moment: the rows are gathered once and all three renderers read them here."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from accounts.models import User
from ledgers.forms import FilterForm
from ledgers.ledger import Align, Cell, Cleaned, Column, ColumnKind, Heading, Ledger, Row, Value
from ledgers.spool import Spool
from ledgers.text import clean_text

NUMBER_COLUMN = Column("number", "序号", ColumnKind.INTEGER, width=11, align=Align.CENTER)
PLACE_KEY = "organisation"  # the column that says whose row it is
EMPTY_SENTENCE = "本期没有记录"
_PLACES = {ColumnKind.DECIMAL: 2, ColumnKind.FOUR_PLACES: 4, ColumnKind.HOURS: 1}
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
    sort: str = ""
    # With what it was asked for; none where the rows of an earlier export came back.
    form: FilterForm | None = field(default=None, compare=False, repr=False)
    number: str = ""  # of the export that is kept, printed beside its checksum

    @cached_property
    def spool(self) -> Spool:
        """The rows with what was found out while they were gathered."""
        return self.rows if isinstance(self.rows, Spool) else Spool(self.rows)

    @property
    def checksum(self) -> str:
        return self.spool.checksum

    @cached_property
    def places(self) -> int:
        """How many organisations have rows here; 0 where the ledger has no column for them."""
        index = self.place_column
        return 0 if index is None else len({row[index] for row in self.rows})

    @property
    def place_column(self) -> int | None:
        keys = [column.key for column in self.columns]
        return keys.index(PLACE_KEY) if PLACE_KEY in keys else None

    @property
    def as_of_text(self) -> str:
        return shown(self.as_of)

    @property
    def foot(self) -> list[str]:
        """What every rendering says below its rows: enough to make the same once more."""
        order = f"排序：{self.order_note}　　" if self.order_note else ""
        heading, number = self.heading, f"导出编号：{self.number}　　" if self.number else ""
        return [
            f"范围：{heading.organisation}　　期间：{heading.period}　　筛选：{self.filter_sentence}",
            f"{order}截至：{self.as_of_text}　　共 {len(self.rows)} 条　　台账版本：{self.version}　　"
            f"{number}校验值：{self.checksum}",
        ]

    def file_name(self, extension: str) -> str:
        """Return a name such as 提醒台账_红土坡烟站党支部_2026-11.xlsx, safe on every system."""
        parts = (self.title, self.heading.organisation, self.heading.file_period)
        stem = "_".join(filter(None, map(file_part, parts)))
        return f"{stem or self.slug}.{extension}"


def file_part(text: str) -> str:
    """Words as a part of a file's or a folder's name on every system."""
    return _FILE_UNSAFE.sub("", text).strip(".")[:60]


def build_document(
    ledger: Ledger, form: FilterForm, *, user: User | None, on: date, as_of: datetime, sort: str = ""
) -> LedgerDocument:
    """Gather the rows `user` may see with the valid `form`; `sort` is a column key, "-" turns it round."""
    cleaned = form.cleaned_data
    columns = (NUMBER_COLUMN, *ledger.columns) if ledger.numbered else ledger.columns
    rows, sorted_by = _sorted(ledger, _cleaned_rows(ledger, user, cleaned, on), sort)
    numbered = ((number, *row) for number, row in enumerate(rows, start=1)) if ledger.numbered else rows
    return LedgerDocument(
        slug=ledger.slug,
        title=ledger.title,
        heading=_cleaned_heading(ledger.heading(user, cleaned, on)),
        as_of=as_of,
        filter_sentence=clean_text(form.sentence()),
        order_note=sorted_by or ledger.order_note,
        version=ledger.version,
        columns=columns,
        rows=Spool(numbered),
        sort=sort if sorted_by else "",
        form=form,
    )


def _cleaned_heading(heading: Heading) -> Heading:
    return replace(heading, organisation=clean_text(heading.organisation), period=clean_text(heading.period))


def _cleaned_rows(ledger: Ledger, user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    width = len(ledger.columns)
    for row in ledger.rows(user, cleaned, on):
        if len(row) != width:
            raise ValueError(f"Ledger {ledger.slug}: a row of {len(row)} values for {width} columns.")
        yield tuple([_cleaned(value) for value in row])


def _cleaned(value: Value) -> Value:
    if isinstance(value, Cell):
        return Cell(clean_text(value.text), value.tone)
    return clean_text(value) if isinstance(value, str) else value


def _sorted(ledger: Ledger, rows: Iterator[Row], sort: str) -> tuple[Iterator[Row], str]:
    """Return the rows in the asked order and its description; an unknown key changes nothing."""
    key, downwards = sort.removeprefix("-"), sort.startswith("-")
    for index, column in enumerate(ledger.columns):
        if column.key == key:
            words = f"按{column.title}{'降序' if downwards else '升序'}"
            return _reordered(rows, index, downwards=downwards), words
    return rows, ""


def _reordered(rows: Iterator[Row], index: int, *, downwards: bool) -> Iterator[Row]:
    """Rows by one column, blanks last. Only its values and the places of the rows are kept in memory."""
    keys: list[Any] = []

    def kept() -> Iterator[Row]:
        for row in rows:
            keys.append(_order(row[index]))
            yield row

    unsorted = Spool(kept(), block=1)
    filled = [number for number, key in enumerate(keys) if key not in (None, "")]
    blank = [number for number, key in enumerate(keys) if key in (None, "")]
    filled.sort(key=keys.__getitem__, reverse=downwards)
    for number in filled + blank:
        yield unsorted[number]


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
