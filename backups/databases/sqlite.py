"""SQLite: the online backup of the engine, of one moment, while others write."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.db import connection, connections

from backups.archive import CHUNK, Archive, Sink
from backups.databases.facts import facts_of
from backups.disk import private, sync_folder, to_disk
from backups.manifest import Facts
from backups.rules import DATABASE, BackupRefused, BrokenBackup

PACKED = True
_BESIDE = ("-wal", "-shm", "-journal")
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"


class Frozen:
    def __init__(self, copy: Path) -> None:
        self._copy = copy

    def facts(self) -> Facts:
        """Raises BackupRefused when the database itself is damaged."""
        with closing(sqlite3.connect(self._copy)) as copy:
            if _damage(copy):
                raise BackupRefused(
                    "数据库文件本身已损坏，备份没有做。请保留已有的备份，尽快联系维护人员检查磁盘。"
                )
            # One file from here on: no journal beside the copy.
            copy.execute("PRAGMA journal_mode=DELETE")
            return _facts(copy)

    def write(self, sink: Sink) -> None:
        with self._copy.open("rb") as copy:
            while piece := copy.read(CHUNK):
                sink.write(piece)


@contextmanager
def frozen(scratch: Path) -> Iterator[Frozen]:
    """`scratch` is a file name beside the backup for the copy, which is made at once.

    No reader stays behind: it would keep the channel's tick from emptying the journal (burden.box.traces).
    """
    try:
        _copy_to(scratch)
        yield Frozen(scratch)
    finally:
        for one in _with_journals(scratch):
            one.unlink(missing_ok=True)


def _copy_to(scratch: Path) -> None:
    private(scratch).close()
    with closing(sqlite3.connect(_file(), timeout=20)) as source, closing(sqlite3.connect(scratch)) as copy:
        source.execute("PRAGMA query_only=ON")
        source.backup(copy)


def _damage(database: sqlite3.Connection) -> bool:
    """Of the file; the constraints of rows call functions that only Django's own connections have."""
    try:
        database.execute("PRAGMA ignore_check_constraints=ON")
        return database.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]
    except sqlite3.DatabaseError:
        return True


def _facts(database: sqlite3.Connection) -> Facts:
    names = [name for (name,) in database.execute(_TABLES)]
    return facts_of(lambda sql: database.execute(sql).fetchall(), names)


def _file() -> Path:
    return Path(connection.settings_dict["NAME"])


def _with_journals(file: Path) -> list[Path]:
    return [file, *(file.with_name(file.name + end) for end in _BESIDE)]


def is_empty() -> bool:
    file = _file()
    if not file.exists() or not file.stat().st_size:
        return not any(one.exists() and one.stat().st_size for one in _with_journals(file)[1:])
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
            return not database.execute(_TABLES).fetchall()
    except sqlite3.DatabaseError:
        return False


def how_to_empty() -> str:
    return f"请停下服务，把 {_file()} 和它旁边的 -wal、-shm 文件移到别处，再恢复。"


def room_for(size: int) -> tuple[Path, int]:
    """Where the database will lie, and how many bytes it takes there."""
    return _file().parent, size


def _made() -> Path:
    """The database that is to be, beside the one there is."""
    return _file().with_name(_file().name + ".restoring")


def accept(archive: Archive) -> None:
    try:
        _unpack(archive, _made())
    except BaseException:
        let_go()
        raise


def put(archive: Archive) -> None:
    connections.close_all()
    # An old journal would be played into the new file.
    for one in _with_journals(_file())[1:]:
        one.unlink(missing_ok=True)
    _made().replace(_file())
    sync_folder(_file().parent)


def let_go() -> None:
    for one in _with_journals(_made()):
        with suppress(OSError):
            one.unlink(missing_ok=True)


def _unpack(archive: Archive, made: Path) -> None:
    member = archive.manifest.member(DATABASE)
    assert member is not None  # noqa: S101 - looked at before
    with private(made) as handle:
        archive.copy(member, handle)
        to_disk(handle)
    with closing(sqlite3.connect(made)) as copy:
        if _damage(copy):
            raise BrokenBackup("数据库打不开")
        try:
            found = _facts(copy)
        except (sqlite3.DatabaseError, BackupRefused):
            raise BrokenBackup("数据库打不开") from None
        if found != archive.manifest.facts:
            raise BrokenBackup("数据库与清单不一致")


def facts() -> Facts:
    with closing(sqlite3.connect(_file(), timeout=20)) as database:
        return _facts(database)
