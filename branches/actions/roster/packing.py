"""Rows of a roster as JSON, for the time between preview and confirmation; sealed wherever they are kept."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from branches.rules import MemberStatus
from branches.rules.roster.columns import Key
from branches.rules.roster.rows import DATES, RosterRow
from ledgers.sheets.cells import CellProblem


def pack_rows(rows: Iterable[RosterRow]) -> list[list[Any]]:
    return [
        [
            row.sheet,
            row.number,
            {key: _packed(value) for key, value in row.values.items()},
            dict(row.written),
            sorted(row.rough),
            [[p.sheet, p.row, p.column, p.value, p.reason, p.advice] for p in row.problems],
        ]
        for row in rows
    ]


def unpack_rows(packed: Iterable[Sequence[Any]]) -> list[RosterRow]:
    return [
        RosterRow(
            sheet,
            number,
            {Key(key): _value(Key(key), value) for key, value in values.items()},
            {Key(key): text for key, text in written.items()},
            frozenset(Key(key) for key in rough),
            tuple(CellProblem(*problem) for problem in problems),
        )
        for sheet, number, values, written, rough, problems in packed
    ]


def _packed(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(key: Key, value: Any) -> Any:
    if key in DATES:
        return date.fromisoformat(value)
    return MemberStatus(value) if key is Key.STATUS else value
