"""Rows of an export as bytes: one line of JSON a row, compressed; every type comes back as it was."""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ledgers.ledger import Align, Cell, Column, ColumnKind, Row, Tone, Value

LEVEL = 6
PIECE = 64 * 1024


def packed(rows: Iterable[Row], *, limit: int) -> bytes | None:
    """The rows as bytes, or None when they would take more than `limit`."""
    packer, found = zlib.compressobj(LEVEL), bytearray()
    for row in rows:
        line = json.dumps([_plain(value) for value in row], ensure_ascii=False, separators=(",", ":"))
        found += packer.compress(line.encode() + b"\n")
        if len(found) > limit:
            return None
    return bytes(found + packer.flush())


def unpacked(content: bytes) -> Iterator[Row]:
    """Row by row, so that memory does not grow with them."""
    for line in _lines(content):
        yield tuple([_value(value) for value in json.loads(line)])


def _lines(content: bytes) -> Iterator[bytes]:
    unpacker, waiting, rest = zlib.decompressobj(), content, b""
    while waiting and not unpacker.eof:
        *lines, rest = (rest + unpacker.decompress(waiting, PIECE)).split(b"\n")
        waiting = unpacker.unconsumed_tail
        yield from lines
    yield from (rest + unpacker.flush()).split(b"\n")[:-1]


def _plain(value: Value) -> Any:
    """Text, whole numbers and nothing as they are, the others with their type."""
    if isinstance(value, Cell):
        return {"cell": [value.text, value.tone.value]}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return {"number": str(value)} if isinstance(value, Decimal) else value


def _value(plain: Any) -> Value:
    if not isinstance(plain, dict):
        return plain  # type: ignore[no-any-return]  # text, whole number or nothing, as written above
    ((kind, content),) = plain.items()
    if kind == "cell":
        return Cell(content[0], Tone(content[1]))
    if kind == "moment":
        return datetime.fromisoformat(content)
    return date.fromisoformat(content) if kind == "day" else Decimal(content)


def plain_columns(columns: Iterable[Column]) -> list[dict[str, Any]]:
    return [asdict(column) for column in columns]


def columns_of(plain: Iterable[dict[str, Any]]) -> tuple[Column, ...]:
    return tuple(
        Column(
            column["key"],
            column["title"],
            ColumnKind(column["kind"]),
            column["width"],
            Align(column["align"]) if column["align"] else None,
        )
        for column in plain
    )
