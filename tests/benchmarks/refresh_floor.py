"""One measurement on DATABASE_URL: `python -m tests.benchmarks.refresh_floor grow BRANCHES`, then `measure`.

Two processes, so that the memory of the second is that of the refresh. It prints JSON. The floor copies the
very rows the refresh wrote (items and differences) into tables of the same shape, with one INSERT … SELECT
each, in one transaction. Best of ROUNDS, because the machine is shared.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the settings
from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from periods.months import Month  # noqa: E402
from reminders.actions.catalogue_load import load_catalogue  # noqa: E402
from reminders.actions.refresh import refresh  # noqa: E402
from reminders.models import ListChange, ReminderItem  # noqa: E402
from tests.factories.reminders import grow_tree  # noqa: E402

DAY = date(2026, 11, 1)
ROUNDS = 3
_TABLES = {"reminders_reminderitem": "floor_item", "reminders_listchange": "floor_change"}


def grow(branches: int) -> None:
    call_command("migrate", verbosity=0)
    load_catalogue(on=DAY)
    grow_tree(branches)


def measured() -> dict[str, Any]:
    _execute("ANALYZE")
    rounds = [_round() for _ in range(ROUNDS)]
    first, second, floor = (min(times) for times in zip(*rounds, strict=True))
    rows = ReminderItem.objects.count() + ListChange.objects.count()
    return {
        "rows": rows,
        "floor_seconds": round(floor, 3),
        "first_seconds": round(first, 3),
        "second_seconds": round(second, 3),
        "floor_rows_per_second": round(rows / floor),
        "first_rows_per_second": round(rows / first),
        "first_to_floor": round(first / floor, 2),
        "second_to_first": round(second / first, 2),
        "statements": _statements(),
        "memory_mb": round(_memory()),
    }


def _round() -> tuple[float, float, float]:
    """Seconds of a first refresh, of a second one, and of the floor."""
    _empty()
    times = _timed(_refresh), _timed(_refresh)
    _make_floor()
    return *times, _timed(_copy)


def _refresh() -> None:
    refresh(Month.of(DAY), on=DAY)


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _memory() -> float:
    """The most this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _statements() -> int:
    with CaptureQueriesContext(connection) as queries:
        _refresh()
    return len(queries)


def _execute(text: str, values: list[str] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall()) if cursor.description else []


def _empty() -> None:
    for floor in reversed(_TABLES.values()):
        _execute(f"DROP TABLE IF EXISTS {floor}")
        _execute(f"DROP TABLE IF EXISTS waiting_{floor}")
    if connection.vendor == "postgresql":
        _execute("TRUNCATE reminders_reminderitem CASCADE")
        return
    ListChange.objects.all().delete()
    ReminderItem.objects.all()._raw_delete("default")  # without Django's collector, which loads the rows


def _make_floor() -> None:
    """Tables of the same shape, indexes and references; the rows wait in bare ones."""
    for table, floor in _TABLES.items():
        _execute(f"CREATE TABLE waiting_{floor} AS SELECT * FROM {table} ORDER BY id")  # noqa: S608 - our names
        for text in _postgresql(table, floor) if connection.vendor == "postgresql" else _sqlite(table, floor):
            _execute(text)
    _execute("ANALYZE")


def _postgresql(table: str, floor: str) -> list[str]:
    found = (
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass"
    )
    references = [row[0] for row in _execute(found, [table])]
    added = [f"ALTER TABLE {floor} ADD CONSTRAINT {floor}_{n} {text}" for n, text in enumerate(references)]
    return [f"CREATE TABLE {floor} (LIKE {table} INCLUDING ALL)", *added]


def _sqlite(table: str, floor: str) -> list[str]:
    found = "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL ORDER BY type DESC"
    texts = [row[0].replace(f'"{table}"', f'"{floor}"') for row in _execute(found, [table])]
    return [text.replace('INDEX "', 'INDEX "floor_') for text in texts]


@transaction.atomic
def _copy() -> None:
    for table, floor in _TABLES.items():
        with connection.cursor() as cursor:
            described = connection.introspection.get_table_description(cursor, table)
        columns = ", ".join(f'"{column.name}"' for column in described if column.name != "id")
        _execute(
            f"INSERT INTO {floor} ({columns}) SELECT {columns} FROM waiting_{floor} WHERE true"  # noqa: S608 - ours
            " ON CONFLICT DO NOTHING"
        )


if __name__ == "__main__":
    if sys.argv[1] == "grow":
        grow(int(sys.argv[2]))
    else:
        sys.stdout.write(json.dumps(measured()) + "\n")
