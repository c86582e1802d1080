"""Rows of one ledger, gathered once: on disk when they are many, read in order or by number."""

import json
import pickle
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple, cast, overload

from ledgers.ledger import Cell, Row, Value
from ledgers.text import CELL_LIMIT, cell_units

BLOCK = 64  # rows written and read together
IN_MEMORY = 1024 * 1024  # bytes; what is shorter never touches the disk


class LongText(NamedTuple):
    """The first text that no Excel cell can hold. Row and column count from 0."""

    row: int
    column: int
    units: int


class Spool(Sequence[Row]):
    """Rows that are written once and then read by all renderers; memory does not grow with them.

    Number, checksum and the first text too long for Excel are found while they are written. The file has
    no name and is gone with this object. `block` is 1 where rows will be asked for in any order.
    """

    def __init__(self, rows: Iterable[Row], *, block: int = BLOCK) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by the finalizer
        self._finalizer = weakref.finalize(self, self._file.close)
        self._block, self._count, self._starts = block, 0, array("Q")
        self._open: tuple[int, list[Row]] = (-1, [])
        self.too_long: LongText | None = None
        self._digest = sha256()
        source = iter(rows)
        while batch := list(islice(source, block)):
            self._add(batch)

    @property
    def checksum(self) -> str:
        """SHA-256 over the canonical JSON of the rows: equal rows, equal sum."""
        return self._digest.hexdigest()

    def _add(self, batch: list[Row]) -> None:
        for number, row in enumerate(batch, start=self._count):
            line = _line(row)
            self._digest.update(line)
            # A coded character takes seven units; most rows are far shorter than one such text.
            if self.too_long is None and len(line) > CELL_LIMIT // 7:
                self.too_long = _long_text(number, row)
        self._starts.append(self._file.tell())
        self._file.write(pickle.dumps(batch, protocol=5))
        self._count += len(batch)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self._count))]
        number = index + self._count if index < 0 else index
        if not 0 <= number < self._count:
            raise IndexError(index)
        return self._rows_of(number // self._block)[number % self._block]

    def __iter__(self) -> Iterator[Row]:
        for block in range(len(self._starts)):
            yield from self._rows_of(block)

    def _rows_of(self, block: int) -> list[Row]:
        if self._open[0] != block:
            self._file.seek(self._starts[block])
            # Written by this very object into a file without a name.
            self._open = (block, cast(list[Row], pickle.load(self._file)))  # noqa: S301 - nobody else writes this file
        return self._open[1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Spool | list | tuple):
            return NotImplemented
        if len(other) != len(self):
            return False
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal to any sequence of the same rows, as a list is

    def __repr__(self) -> str:
        return f"Spool({self[:3]!r}… {self._count} rows)"


def _long_text(number: int, row: Row) -> LongText | None:
    for column, value in enumerate(row):
        text = value.text if isinstance(value, Cell) else value
        if isinstance(text, str) and (units := cell_units(text)) > CELL_LIMIT:
            return LongText(number, column, units)
    return None


def checksum(rows: Iterable[Row]) -> str:
    """Return SHA-256 over the canonical JSON of the rows: equal rows, equal sum."""
    digest = sha256()
    for row in rows:
        digest.update(_line(row))
    return digest.hexdigest()


def _line(row: Row) -> bytes:
    return _spell(row).encode() + b"\n"


def _plain(value: Value) -> Any:
    if isinstance(value, Cell):
        return {"text": value.text, "tone": value.tone.value}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"A ledger cannot hold {value!r}.")


_spell = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode
