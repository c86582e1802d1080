"""One backup: the database of one moment, the files, the waiting letters, and the manifest."""

import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from audit.actions import seal_events
from backups import PORTAL_VERSION, box, media
from backups.archive import TAIL, Writer, writing
from backups.databases import engine
from backups.disk import UNFINISHED, one_at_a_time, reason, to_disk, whole
from backups.manifest import Manifest, own_prints, written
from backups.marker import unfinished
from backups.rules import DATABASE, FORMAT, MANIFEST, SPOOL, BackupRefused, file_name
from jobs.rules import is_disk_full


@dataclass(frozen=True)
class Made:
    """sha256: the sum the file ends with."""

    file: Path
    size: int
    sha256: str
    manifest: Manifest


def make_backup(folder: Path, *, now: datetime, box_keys: Path | None = None) -> Made:
    """Write one backup into the folder and return it. Raises BackupRefused; then there is no new file.

    `now` is local time. `box_keys`: the folder apart from this one that gets the latest copy of the keys of
    the anonymous channel.
    """
    with one_at_a_time():
        return make_held(folder, now=now, box_keys=box_keys)


def make_held(folder: Path, *, now: datetime, box_keys: Path | None) -> Made:
    """As make_backup, for a caller who holds the turn."""
    if unfinished():
        raise BackupRefused("上一次恢复还没有做完，现在的数据不完整，备份没有做。请先重新运行 restore。")
    _refuse_place(folder, box_keys)
    try:
        seal_events()  # so that the head of the chain answers for all that is inside
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = _free_name(folder, now)
        with ExitStack() as held:
            return _make(held, file, now, box_keys)
    except OSError as error:
        raise BackupRefused(_trouble(error, folder)) from None
    except (DatabaseError, sqlite3.Error) as error:
        raise BackupRefused(_database_trouble(error)) from None


def _refuse_place(folder: Path, box_keys: Path | None) -> None:
    if _is_within(folder, media.root()):
        raise BackupRefused("备份不能放在上传文件的目录里，请另选一个目录。")
    apart = [folder, Path(settings.BACKUP_DIR), media.root()]
    if box_keys and (_is_within(folder, box_keys) or any(_is_within(box_keys, one) for one in apart)):
        raise BackupRefused("直通车的钥匙不能和备份、上传的文件放在一起，请给钥匙另选一个目录。")


def _is_within(inner: Path, outer: Path) -> bool:
    return inner.resolve().is_relative_to(outer.resolve())


def _trouble(error: OSError, folder: Path) -> str:
    if is_disk_full(error):
        return f"{folder} 所在的磁盘空间不够，备份没有做，没有留下半份文件。请清出空间或换一个目录再试。"
    return f"写不进 {folder}（{reason(error)}），备份没有做。请核对目录和权限。"


def _database_trouble(error: Exception) -> str:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return "磁盘空间不够或磁盘有故障，备份没有做，没有留下半份文件。请清出空间或换一个目录再试。"
    return "数据库连不上，或者还没有党务工作台的表，备份没有做。请核对 DATABASE_URL 和数据库服务再试。"


def _free_name(folder: Path, now: datetime) -> Path:
    while (folder / file_name(now)).exists():
        now += timedelta(seconds=1)
    return folder / file_name(now)


def _make(held: ExitStack, file: Path, now: datetime, box_keys: Path | None) -> Made:
    copy = engine()
    with box.standing_still():
        frozen = held.enter_context(copy.frozen(file.with_name(f"{UNFINISHED}.database")))
        waiting = box.now()
    facts = frozen.facts()
    manifest = Manifest(
        format=FORMAT,
        portal=PORTAL_VERSION,
        made_at=now,
        engine=connection.vendor,
        facts=facts,
        keys=own_prints(waiting.keys.prints),
    )
    with whole(file) as handle:
        with writing(handle) as writer:
            _write_members(writer, frozen, waiting.spool, packed=copy.PACKED)
            manifest = replace(manifest, members=tuple(writer.members))
            with writer.member(MANIFEST) as sink:
                sink.write(written(manifest))
        to_disk(handle)
        made = Made(file, handle.seek(0, 2), _tail(handle), manifest)
        if box_keys:
            box.keep_keys(waiting.keys, box_keys)
    return made


def _tail(handle: Any) -> str:
    handle.seek(-TAIL, 2)
    return str(handle.read(TAIL), "ascii")


def _write_members(writer: Writer, frozen: Any, spool: bytes, *, packed: bool) -> None:
    with writer.member(DATABASE, packed=packed) as sink:
        frozen.write(sink)
    if spool:
        with writer.member(SPOOL) as sink:
            sink.write(spool)
    media.write(writer)


def own_folders() -> tuple[Path, Path | None]:
    """Where the nightly backup goes, and where the keys of the channel, if anywhere."""
    keys = settings.BACKUP_BOX_DIR
    return Path(settings.BACKUP_DIR), Path(keys) if keys else None
