"""PostgreSQL: pg_dump and pg_restore, of one exported snapshot, in one transaction."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from backups.archive import CHUNK, Archive, Sink
from backups.databases.facts import facts_of
from backups.manifest import Facts, Member
from backups.rules import DATABASE, BackupRefused, BrokenBackup, RestoreRefused

PACKED = False  # pg_dump packs by itself
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_ANY_TABLE = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
# What libpq reads from the environment, so that no password stands in a list of processes.
_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class Frozen:
    def __init__(self, held: BaseDatabaseWrapper) -> None:
        self._held = held
        [(self._snapshot,)] = _ask(held, "SELECT pg_export_snapshot()")

    def facts(self) -> Facts:
        return _facts(self._held)

    def write(self, sink: Sink) -> None:
        command = [_tool("pg_dump"), "-Fc", "--no-password", f"--snapshot={self._snapshot}"]
        with _running(command, fed=False) as (process, said):
            assert process.stdout is not None  # noqa: S101 - asked for
            while piece := process.stdout.read(CHUNK):
                sink.write(piece)
            if process.wait():
                raise BackupRefused(f"pg_dump 没有做完，备份没有做：{_complaint(said)}")


@contextmanager
def frozen(scratch: Path) -> Iterator[Frozen]:
    """A connection of its own, read only; no scratch file is needed."""
    held = connection.copy()
    try:
        held.set_autocommit(False)
        _run(held, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield Frozen(held)
        held.rollback()
    finally:
        held.close()
        _close_pool(held)


def _close_pool(held: BaseDatabaseWrapper) -> None:
    if close := getattr(held, "close_pool", None):
        close()


def _run(held: BaseDatabaseWrapper, sql: str) -> None:
    with held.cursor() as cursor:
        cursor.execute(sql)


def _ask(held: BaseDatabaseWrapper, sql: str) -> list[tuple[Any, ...]]:
    with held.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _facts(held: BaseDatabaseWrapper) -> Facts:
    return facts_of(lambda sql: _ask(held, sql), [name for (name,) in _ask(held, _TABLES)])


def _tool(name: str) -> str:
    """On the path, or where Debian keeps those of each version. Raises BackupRefused."""
    if found := shutil.which(name):
        return found
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not installed:
        raise BackupRefused(f"这台机器上没有 {name}，请安装 PostgreSQL 客户端（postgresql-client）后再试。")
    return str(installed[-1])


def _environment() -> dict[str, str]:
    own: Mapping[str, Any] = connection.get_connection_params()
    given = {_ENVIRONMENT[name]: str(value) for name, value in own.items() if name in _ENVIRONMENT and value}
    return {**os.environ, **given}


@contextmanager
def _running(command: list[str], *, fed: bool) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """One pipe, to it when it is fed, else from it. It ends with us: its pipe breaks, and its transaction."""
    stdin, stdout = (subprocess.PIPE, subprocess.DEVNULL) if fed else (subprocess.DEVNULL, subprocess.PIPE)
    with tempfile.TemporaryFile() as said:
        # Of our files it inherits the lock alone (backups.disk).
        process = subprocess.Popen(
            command, env=_environment(), stdin=stdin, stdout=stdout, stderr=said, close_fds=False
        )
        try:
            yield process, said
        finally:
            if process.poll() is None:
                process.kill()
            for pipe in filter(None, (process.stdin, process.stdout)):
                with suppress(OSError):
                    pipe.close()
            process.wait()


def _complaint(said: IO[bytes]) -> str:
    """The first error in the tool's own words."""
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    errors = [line for line in lines if "error:" in line.lower()]
    return [*errors, *lines, "没有给出原因"][0][:300]


def is_empty() -> bool:
    [(number,)] = _ask(connection, _ANY_TABLE)
    return not number


def how_to_empty() -> str:
    name = connection.settings_dict["NAME"]
    return f"请停下服务，新建一个空的数据库（dropdb {name}、createdb {name}，或另起一个名字），再恢复。"


def room_for(size: int) -> tuple[Path, int] | None:
    """The server may be elsewhere; it undoes everything when its disk is full."""
    return None


def accept(archive: Archive) -> None:
    """pg_restore must know the format of the dump, which a newer server may have made."""
    with _running([_tool("pg_restore"), "--list"], fed=True) as (process, said):
        if _fed(process, archive):
            raise BrokenBackup(f"pg_restore 读不了：{_complaint(said)}")


def let_go() -> None:
    """Nothing was laid ready."""


def put(archive: Archive) -> None:
    name = str(connection.get_connection_params().get("dbname", ""))
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]
    connections.close_all()
    command = [_tool("pg_restore"), *options, "-d", name]
    with _running(command, fed=True) as (process, said):
        if _fed(process, archive):
            raise RestoreRefused(f"数据库没有接受这份备份，已全部撤回，数据库仍是空的：{_complaint(said)}")


def _fed(process: subprocess.Popen[bytes], archive: Archive) -> int:
    """Give the dump to a process that reads it, and return how that ended."""
    assert process.stdin is not None  # noqa: S101 - asked for
    with suppress(BrokenPipeError):  # it has read enough, or says why not
        archive.copy(_dump(archive), process.stdin)
        process.stdin.close()
    return process.wait()


def _dump(archive: Archive) -> Member:
    member = archive.manifest.member(DATABASE)
    assert member is not None  # noqa: S101 - looked at before
    return member


def facts() -> Facts:
    return _facts(connection)
