"""Bringing a backup back: everything is looked at first, then files, then the database in one stroke.

From the first byte written until everything was counted a sign stands beside the data
(backups.marker). A run that was killed is simply repeated with the same file; one that ends with an
error takes back what it wrote.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

from django.db import DatabaseError, connection, connections
from django.db.migrations.loader import MigrationLoader

from audit.queries import verify_chain
from backups import box, marker, media
from backups.actions.verifying import check
from backups.archive import Archive, opened
from backups.databases import engine
from backups.disk import is_full, one_at_a_time, reason
from backups.manifest import Manifest
from backups.marker import Begun
from backups.rules import DATABASE, MEDIA, SPOOL, RestoreRefused, size_label
from burden.box.actions import box_folder
from burden.box.spool import NAME as SPOOL_NAME
from burden.models.box import BoxLetter

_SPARE = 50 * 1024 * 1024  # bytes that must stay free


@dataclass(frozen=True)
class Choices:
    """What only a person can decide; see the options of the command."""

    box_keys: Path | None = None
    without_box: bool = False
    new_secret_key: bool = False


@dataclass(frozen=True)
class Restored:
    """again: after one that was interrupted; audited: whether the chain could be walked already."""

    manifest: Manifest
    again: bool
    audited: bool
    letters_dropped: int


def restore(file: Path, *, now: datetime, choices: Choices | None = None) -> Restored:
    """Raises BackupRefused and RestoreRefused, among them BrokenBackup and NewerBackup."""
    chosen = choices or Choices()
    with one_at_a_time(), opened(file) as archive:
        check(archive, new_secret_key=chosen.new_secret_key)
        begun = _same_again(archive)
        database_is_done = _looked_at_target(archive, chosen, again=begun is not None)
        box_keys = _box_keys(archive.manifest, chosen, again=begun is not None)
        if not database_is_done:
            engine().accept(archive)
        mine = Begun(archive.digest, file.name, now)
        with _taken_back_on_error(archive):
            marker.begin(mine)
            media.put(archive)
            if box_keys:
                box.put(_content(archive, SPOOL), box_keys)
            if not database_is_done:
                engine().put(archive)
        return _finished(archive.manifest, mine, chosen, again=begun is not None)


def _same_again(archive: Archive) -> Begun | None:
    begun = marker.unfinished()
    if begun and begun.digest != archive.digest:
        raise RestoreRefused(
            f"上一次用 {begun.file} 的恢复没有做完。请先用同一份文件再恢复一次；要换一份，"
            "请先清空数据库和上传文件的目录，再删去数据目录里的 restore-unfinished.json。"
        )
    return begun


def _looked_at_target(archive: Archive, chosen: Choices, *, again: bool) -> bool:
    """Whether the database is done already. Raises RestoreRefused before anything is touched."""
    try:
        return _looked_at(archive, chosen, again=again)
    except (DatabaseError, sqlite3.Error):
        raise RestoreRefused("数据库连不上，没有动任何数据。请核对 DATABASE_URL 和数据库服务再试。") from None


def _looked_at(archive: Archive, chosen: Choices, *, again: bool) -> bool:
    manifest = archive.manifest
    if manifest.engine != connection.vendor:
        raise RestoreRefused(
            f"这份备份出自 {manifest.engine}，现在的数据库是 {connection.vendor}，两者不能互换，"
            "没有动任何数据。请用同一种数据库恢复。"
        )
    done = not engine().is_empty()
    if done and not (again and _is_all_there(manifest, without_letters=chosen.without_box)):
        raise RestoreRefused(
            f"数据库里已经有内容，只能恢复到空的数据库，没有动任何数据。{engine().how_to_empty()}"
        )
    _refuse_other_files(manifest, again=again)
    _refuse_little_room(manifest)
    return done


def _is_all_there(manifest: Manifest, *, without_letters: bool = False) -> bool:
    found, wanted = engine().facts(), manifest.facts
    if without_letters:
        letters = {BoxLetter._meta.db_table: 0}
        found, wanted = (replace(one, tables={**one.tables, **letters}) for one in (found, wanted))
    return bool(found == wanted)


def _refuse_other_files(manifest: Manifest, *, again: bool) -> None:
    ours = {one.name.removeprefix(MEDIA) for one in manifest.files(MEDIA)} if again else set()
    if set(media.names()) - ours:
        raise RestoreRefused(
            f"上传文件的目录 {media.root()} 里已经有文件，没有动任何数据。请把里面的文件移到别处，再恢复。"
        )


def _refuse_little_room(manifest: Manifest) -> None:
    wanted: dict[Path, int] = {}
    needs = [(media.root(), sum(one.size for one in manifest.files(MEDIA)))]
    if database := engine().room_for(sum(one.size for one in manifest.files(DATABASE))):
        needs.append(database)
    for folder, size in needs:
        place = next(one for one in (folder, *folder.resolve().parents) if one.exists())
        wanted[place] = wanted.get(place, 0) + size
    for place, size in wanted.items():
        if shutil.disk_usage(place).free < size + _SPARE:
            raise RestoreRefused(
                f"{place} 所在的磁盘空间不够，恢复要 {size_label(size + _SPARE)}，没有动任何数据。"
                "请清出空间再试。"
            )


def _box_keys(manifest: Manifest, chosen: Choices, *, again: bool) -> box.BoxKeys | None:
    """The keys of the channel that go with this spool. None: there is none, or it is given up."""
    if chosen.without_box or manifest.member(SPOOL) is None:
        return None
    keys = box.kept_keys(chosen.box_keys) if chosen.box_keys else box.own_keys()
    there = box.files_there()
    if not again and (SPOOL_NAME in there or (there and keys != box.own_keys())):
        raise RestoreRefused(
            f"{box_folder()} 里已经有减负直通车的文件，没有动任何数据。"
            "请把整个目录移到别处（不要删除），再恢复。"
        )
    has_letters = bool(manifest.facts.tables.get(BoxLetter._meta.db_table))
    if set(manifest.keys.box) - set(keys.prints) or (has_letters and not keys.keys):
        raise RestoreRefused(
            "没有找到与这份备份同一晚的直通车钥匙，没有动任何数据。请用 --box-keys 指出钥匙的副本；"
            "钥匙确实没有了，请加上 --without-box：其余照常恢复，等候和已送达的来信打不开，会一并放下。"
        )
    return keys


def _content(archive: Archive, name: str) -> bytes:
    member = archive.manifest.member(name)
    sink = BytesIO()
    if member:
        archive.copy(member, sink)
    return sink.getvalue()


@contextmanager
def _taken_back_on_error(archive: Archive) -> Iterator[None]:
    """On an error nothing of ours stays, and the sign goes; a killed run leaves both for the next."""
    before = box.files_there()
    try:
        yield
    except BaseException as error:
        connections.close_all()
        if engine().is_empty():
            engine().let_go()
            media.take_back(archive)
            box.take_back(before)
            marker.take_back()
        if isinstance(error, OSError):
            raise RestoreRefused(_trouble(error)) from None
        raise


def _trouble(error: OSError) -> str:
    if is_full(error):
        return "磁盘空间不够，恢复没有做，已写的都撤回了。请清出空间再试。"
    return f"写不进数据目录（{reason(error)}），恢复没有做，已写的都撤回了。请核对权限再试。"


def _finished(manifest: Manifest, mine: Begun, chosen: Choices, *, again: bool) -> Restored:
    """Count what is there now, walk the audit chain, and let the sign go."""
    if not _is_all_there(manifest, without_letters=chosen.without_box):
        raise RestoreRefused("恢复出的数据与清单不一致，请不要启用。请清空数据库，换一份备份再恢复。")
    audited = _audit_is_readable(manifest)
    if audited and (broken := _broken_chain(manifest)):
        raise RestoreRefused(f"恢复出的审计链不完整，请不要启用：{broken}请换一份备份，或请审计人员核对。")
    dropped = _dropped_letters(manifest) if chosen.without_box else 0
    marker.end(mine)
    return Restored(manifest, again, audited, dropped)


def _dropped_letters(manifest: Manifest) -> int:
    """A backup from before the channel has no table for letters."""
    if BoxLetter._meta.db_table not in manifest.facts.tables:
        return 0
    return BoxLetter.objects.all().delete()[0]


def _audit_is_readable(manifest: Manifest) -> bool:
    """An older database has to be migrated before its chain can be walked by this program."""
    known = {key for key in MigrationLoader(None).disk_migrations if key[0] in {"audit", "burden"}}
    return known <= set(manifest.facts.migrations)


def _broken_chain(manifest: Manifest) -> str:
    head = manifest.facts.audit
    verdict = verify_chain(head.hash if head.position else "")
    return verdict.broken
