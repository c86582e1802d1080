"""A pytest plugin: the test database on SQLite is copied where it would be built or emptied anew.

Building it runs every migration, emptying it visits a hundred tables and tells every app, and loading
the demo lives through a year of a general branch. Each is done once for all parallel processes and
kept as a file; what a test leaves behind is taken back by copying the pages of the file that was kept
before it. The copy is also truer than Django's flush, which takes along what the migrations wrote.

On PostgreSQL the tables a test has written to are emptied, and only they.
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Protocol

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import timezone
from pytest_django import DjangoDbBlocker

# The name of this process among parallel ones.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
WRITTEN_BY_MIGRATE = {"django_content_type", "auth_permission"}


def on_sqlite() -> bool:
    return connection.vendor == "sqlite"


def _save_to(file: Path) -> None:
    """Write the database of this process into `file`, which is there whole or not at all."""
    connection.ensure_connection()
    unfinished = file.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(unfinished)) as copy:
        connection.connection.backup(copy)
    unfinished.rename(file)


def _fill_from(file: Path) -> None:
    """Replace every row of the database of this process by those of `file`."""
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as kept:
        kept.backup(connection.connection)


def _delete_written() -> None:
    """Wait for whoever still writes, then empty each table that has rows, without looking at keys.

    Content types and permissions stay: Django's flush removes them and lets every app write them anew.
    """
    names = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    tables = [connection.ops.quote_name(name) for name in sorted(names - WRITTEN_BY_MIGRATE)]
    # The names are those of our own models.
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)  # noqa: S608 - see above
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)}")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(filled)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - see above


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Parallel workers take turns."""
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def kept_databases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this run for databases worth keeping; parallel workers share it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if WORKER else own) / "databases"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def building(kept_databases: Path) -> Iterator[ExitStack]:
    """Held by whoever builds the empty database first; the others wait for it, then copy it."""
    with ExitStack() as turn:
        if on_sqlite():
            turn.enter_context(_alone(empty_database(kept_databases)))
        yield turn


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, building: ExitStack, kept_databases: Path) -> bool:
    """Whether the empty database of another process stands already where this one would build its own."""
    empty = empty_database(kept_databases)
    if not on_sqlite() or not empty.exists():
        return False
    own = Path(connection.settings_dict["TEST"]["NAME"])
    for leftover in own.parent.glob(f"{own.name}-*"):
        leftover.unlink()
    shutil.copyfile(empty, own)
    return True


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, building: ExitStack, kept_databases: Path
) -> Iterator[None]:
    """After the tables are made: what a test commits is taken back our way."""
    empty = empty_database(kept_databases)
    if on_sqlite() and not empty.exists():
        with django_db_blocker.unblock():
            _save_to(empty)
    building.close()

    def take_back(case: TransactionTestCase) -> None:
        if on_sqlite():
            _fill_from(empty)
        else:
            _delete_written()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", take_back)
        yield


def empty_database(folder: Path) -> Path:
    """The migrated database without rows, once it was built; of SQLite alone."""
    return folder / "empty.sqlite3"


class LoadedDemo(Protocol):
    """The demo of a day is the content of the database until the context ends; nothing else is.

    Without a day it is the demo of today with its plans moved, as `./dev run` loads it.
    """

    def __call__(self, as_of: date | None = None) -> AbstractContextManager[None]: ...


@pytest.fixture(scope="session")
def loaded_demo(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, kept_databases: Path
) -> LoadedDemo:
    """For fixtures that stand around whole tests, or beside tests that commit: SQLite only."""

    @contextmanager
    def loaded(as_of: date | None = None) -> Iterator[None]:
        empty = empty_database(kept_databases)
        with django_db_blocker.unblock():
            _fill_from(_demo(kept_databases, as_of))
        yield
        with django_db_blocker.unblock():
            _fill_from(empty)

    return loaded


def _demo(folder: Path, as_of: date | None) -> Path:
    """The kept demo of that day; whoever needs it first loads it."""
    options = [f"--as-of={as_of}"] if as_of else []
    file = folder / f"demo_{as_of or f'of_{timezone.localdate()}'}.sqlite3"
    with _alone(file):
        if not file.exists():
            call_command("load_demo", *options, verbosity=0)
            _save_to(file)
    return file
