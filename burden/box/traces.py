"""What a database keeps besides its rows, and how a write of the channel leaves little of it.

SQLite: deleted rows are overwritten, a commit is on the disk before the spool lets go of its letters, and
the journal is emptied afterwards. PostgreSQL: dead rows are freed. Inside somebody else's transaction
(tests) neither can be done.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from burden.models.box import BoxLetter

_BEFORE = ("PRAGMA secure_delete=ON", "PRAGMA synchronous=FULL")
_AFTER = ("PRAGMA synchronous=NORMAL", "PRAGMA secure_delete=OFF", "PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def leaving_little() -> Iterator[None]:
    """Around a transaction of its own."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with _careful_sqlite():
            yield
    else:
        yield
        _run(f"VACUUM {connection.ops.quote_name(BoxLetter._meta.db_table)}")


@contextmanager
def _careful_sqlite() -> Iterator[None]:
    _run(*_BEFORE)
    try:
        yield
    finally:
        _run(*_AFTER)


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
