"""Whether the tables in the database are those that this program works with."""

from enum import Enum
from functools import cache

from django.core.management import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from backups.rules import unknown_migrations


class Tables(Enum):
    """The words are for whoever watches the portal."""

    FITTING = "ok"
    OLDER = "migrations are due"
    NEWER = "the database is newer than the program"


def tables_are() -> Tables:
    """Two statements."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    if unknown_migrations(applied):
        return Tables.NEWER
    return Tables.FITTING if _needed() <= applied else Tables.OLDER


def newer_migrations() -> list[str]:
    """What a newer program has done here, as app.name."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(".".join(one) for one in unknown_migrations(applied))


@cache
def _needed() -> frozenset[tuple[str, str]]:
    """A process keeps its program until it ends."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def refuse_newer() -> None:
    """Before anything is written: an older program would write rows that the newer one cannot use."""
    if newer := newer_migrations():
        raise CommandError(
            f"数据库由更新的版本写过（{'、'.join(newer)}），现在的程序用不了，没有动任何数据。"
            "请换回更新的程序；确实要退回旧版本，请用更新前做的备份恢复到空的数据库。"
        )
