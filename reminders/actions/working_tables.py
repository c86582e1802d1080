"""Temporary tables of the refresh and the statements of reminders/sql/ on them, same on both databases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.dateparse import parse_date

_FOLDER = Path(__file__).parent.parent / "sql"
_SQL = {file.stem: file.read_text("utf-8") for file in sorted(_FOLDER.glob("*.sql"))}
# What somebody is settling at this moment is left to that person: waiting for it could end in a deadlock, for
# that person may be waiting for the organisation's row. Every such change asks for another refresh.
_UNLESS_LOCKED = "FOR NO KEY UPDATE OF i SKIP LOCKED"
# What the databases say differently: whole months, and days between two dates.
_WORDS = {
    "postgresql": {
        "month": "date_trunc('month', i.due_on::timestamp)::date",
        "from_month": "date_trunc('month', MIN(first_on)::timestamp)::date",
        "to_month": "(date_trunc('month', MAX(last_on)::timestamp) + interval '1 month -1 day')::date",
        "lead": "i.due_on - i.done_on",
    },
    "sqlite": {
        "month": "date(i.due_on, 'start of month')",
        "from_month": "date(MIN(first_on), 'start of month')",
        "to_month": "date(MAX(last_on), 'start of month', '+1 month', '-1 day')",
        "lead": "CAST(julianday(i.due_on) - julianday(i.done_on) AS integer)",
    },
}
_TABLES = (
    "scope",
    "branch",
    "fact",
    "condition",
    "plan",
    "reason",
    "candidate",
    "waiting",
    "settling",
    "settled",
    "touched",
)


class WorkingTables:
    """Runs statements by the name of their file; `values` are what the statements may name."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = _plain(values)

    def do(self, name: str, *, into: str = "", **values: Any) -> int:
        """Run one file, into a table where it leaves that open; returns the number of rows written."""
        with connection.cursor() as cursor:
            cursor.execute(_text(name).replace("{into}", into), {**self.values, **_plain(values)})
            return int(cursor.rowcount)

    def hold(self, name: str, **values: Any) -> int:
        """As do(), and lock the items (`i`) it reads; those that somebody else is changing are left out.

        SQLite has one writer at a time, so there is nothing to lock.
        """
        with connection.cursor() as cursor:
            cursor.execute(_held(name), {**self.values, **_plain(values)})
            return int(cursor.rowcount)

    def held_rows(self, name: str) -> list[tuple[Any, ...]]:
        """As hold(), for a file that returns what it wrote."""
        with connection.cursor() as cursor:
            cursor.execute(_held(name), self.values)
            return list(cursor.fetchall())

    def query(self, name: str) -> list[tuple[Any, ...]]:
        """What one file finds."""
        with connection.cursor() as cursor:
            cursor.execute(_text(name), self.values)
            return list(cursor.fetchall())

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(text)
            return list(cursor.fetchall())

    def number(self, text: str) -> int:
        return int(self.rows(text)[0][0])

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Put rows from Python into a table: plans and conditions, never one row a branch."""
        marks = ", ".join(["%s"] * len(columns))
        text = f"INSERT INTO refresh_{table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our names
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(text, [[_adapted(value) for value in row] for row in rows])

    def fill_from(self, table: str, columns: Sequence[str], queries: Iterable[QuerySet[Any, Any]]) -> None:
        """Put what the query sets give into a table, in one statement."""
        selects = [query.query.sql_with_params() for query in queries]
        target = f"INSERT INTO refresh_{table} ({', '.join(columns)})"
        if selects:
            with connection.cursor() as cursor:
                text = "\n".join((target, "\nUNION ALL\n".join(text for text, _ in selects)))
                cursor.execute(text, [value for _, values in selects for value in values])

    def analyse(self, table: str) -> None:
        """Both databases need to know how large a table filled a moment ago is."""
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE refresh_{table}")


@contextmanager
def working_tables(values: Mapping[str, Any]) -> Iterator[WorkingTables]:
    """Fresh tables for one refresh. Left behind they would be in the way of the next on this connection;
    after an error the rollback takes them away.
    """
    with connection.cursor() as cursor:
        for statement in _SQL["tables"].split(";"):
            cursor.execute(statement)
    yield WorkingTables(values)
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DROP TABLE refresh_{table}")


def _text(name: str) -> str:
    text = _SQL[name]
    for word, said in _WORDS[connection.vendor].items():
        text = text.replace(f"{{{word}}}", said)
    return text


def _held(name: str) -> str:
    lock = _UNLESS_LOCKED if connection.features.has_select_for_update_skip_locked else ""
    return _SQL[name].replace("{unless_locked}", lock)


def as_date(value: date | str) -> date:
    """SQLite gives a computed date as text."""
    day = parse_date(value) if isinstance(value, str) else value
    if day is None:
        raise ValueError(value)
    return day


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _adapted(value) for name, value in values.items()}


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
