"""One measurement in a process of its own: `python -m tests.benchmarks.refresh_floor BRANCHES`, on DATABASE_URL.

Prints JSON. The floor copies the very rows that the refresh wrote (items and differences) into tables of the
same shape, with one INSERT … SELECT each, in one transaction.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import date

import django

MONTH = date(2026, 11, 1)
ROUNDS = 3
_TABLES = {"reminders_reminderitem": "floor_item", "reminders_listchange": "floor_change"}


def main(branches: int) -> dict[str, float]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partyaffairs.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - needs the settings

    call_command("migrate", verbosity=0)
    from reminders.actions.catalogue_load import load_catalogue  # noqa: PLC0415
    from tests.factories.reminders import grow_tree  # noqa: PLC0415

    load_catalogue(on=MONTH)
    grow_tree(branches)
    _tidy()
    return _measured()


def _measured() -> dict[str, float]:
    from django.db import connection  # noqa: PLC0415

    from reminders.models import ListChange, ReminderItem  # noqa: PLC0415

    before = _memory()
    firsts, seconds, floors = [], [], []
    for turn in range(ROUNDS):
        if turn:
            _empty(connection)
        firsts.append(_timed(_refresh))
        seconds.append(_timed(_refresh))
        _make_floor(connection)
        floors.append(_timed(lambda: _copy(connection)))
    statements, longest = _count_statements(connection)
    rows = ReminderItem.objects.count() + ListChange.objects.count()
    first, second, floor = min(firsts), min(seconds), min(floors)
    return {
        "rows": rows,
        "floor_s": round(floor, 3),
        "first_s": round(first, 3),
        "second_s": round(second, 3),
        "first_rows_per_s": round(rows / first),
        "floor_rows_per_s": round(rows / floor),
        "first_to_floor": round(first / floor, 2),
        "second_to_first": round(second / first, 2),
        "statements": statements,
        "memory_mb": round(_memory(), 1),
        "memory_growth_mb": round(_memory() - before, 1),
    } | longest


def _refresh() -> None:
    from periods.months import Month  # noqa: PLC0415
    from reminders.actions.refresh import refresh  # noqa: PLC0415

    refresh(Month.of(MONTH), on=MONTH)


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tidy() -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _empty(connection) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("TRUNCATE reminders_reminderitem CASCADE")
            return
        for table in (*_TABLES.values(), *reversed(_TABLES)):
            cursor.execute(f"DELETE FROM {table}")


def _make_floor(connection) -> None:
    """Tables of the same shape, with the same indexes and references, and the rows waiting in a bare one."""
    with connection.cursor() as cursor:
        for table, floor in _TABLES.items():
            cursor.execute(f"DROP TABLE IF EXISTS {floor}")
            cursor.execute(f"DROP TABLE IF EXISTS waiting_{floor}")
            cursor.execute(f"CREATE TABLE waiting_{floor} AS SELECT * FROM {table} ORDER BY id")
            for statement in _shape(connection, cursor, table, floor):
                cursor.execute(statement)
        cursor.execute("ANALYZE")


def _shape(connection, cursor, table: str, floor: str) -> list[str]:
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype='f' AND conrelid=%s::regclass",
            [table],
        )
        references = [
            f"ALTER TABLE {floor} ADD CONSTRAINT floor_{n} {definition}"
            for n, (_, definition) in enumerate(cursor.fetchall())
        ]
        wanted = references if os.environ.get("FLOOR_REFERENCES", "yes") == "yes" else []
        return [f"CREATE TABLE {floor} (LIKE {table} INCLUDING ALL)", *wanted]
    cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name=%s AND sql IS NOT NULL ORDER BY type DESC", [table])
    texts = [row[0].replace(f'"{table}"', f'"{floor}"') for row in cursor.fetchall()]
    return [text.replace('INDEX "', 'INDEX "floor_') for text in texts]


def _copy(connection) -> None:
    from django.db import transaction  # noqa: PLC0415

    with transaction.atomic(), connection.cursor() as cursor:
        for floor in _TABLES.values():
            names = [c.name for c in connection.introspection.get_table_description(cursor, floor)]
            columns = ", ".join(f'"{name}"' for name in names if name != "id")
            cursor.execute(
                f"INSERT INTO {floor} ({columns}) SELECT {columns} FROM waiting_{floor} WHERE true"
                " ON CONFLICT DO NOTHING"
            )


def _count_statements(connection) -> tuple[int, dict[str, object]]:
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as caught:
        _refresh()
    rows = sorted(caught.captured_queries, key=lambda q: -float(q["time"]))
    return len(caught), {"slowest": [(q["time"], " ".join(q["sql"].split())[:60]) for q in rows[:6]]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1])), ensure_ascii=False) + "\n")
