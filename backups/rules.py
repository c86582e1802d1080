"""Pure rules: names of backups, which of them are kept, which members a file may have, and every refusal."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache

from django.db import models
from django.db.migrations.loader import MigrationLoader

from branches.rules import Refusal

FORMAT = 1
NIGHTLY_AT = timedelta(hours=4, minutes=15)
# A night may be late by some hours; one that is missing altogether is told.
OLD_AFTER = timedelta(hours=36)
DATABASE, SPOOL, MEDIA, MANIFEST = "database", "box/spool", "media/", "manifest.json"
_NAME = re.compile(r"portal-(\d{8}-\d{6})\.backup")
_STAMP = "%Y%m%d-%H%M%S"
_LONGEST_PART = 255  # bytes, what file systems take
_LONGEST_NAME = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BackupState(models.TextChoices):
    """What somebody who looks after the portal has to know first."""

    GOOD = "good", "正常"
    OLD = "old", "已过期"
    FAILED = "failed", "最近一次没有成功"
    NONE = "none", "还没有备份"


class BackupRefused(Refusal):
    """No backup was made; what was begun is removed."""


class RestoreRefused(Refusal):
    """Nothing was touched, or everything was put back as it was."""


class BrokenBackup(RestoreRefused):
    def __init__(self, what: str = "") -> None:
        detail = f"（{what}）" if what else ""
        super().__init__(
            f"这份备份文件不完整或已损坏{detail}，没有动任何数据。请从原来的地方重新拷贝一次，或换一份备份。"
        )


class NewerBackup(RestoreRefused):
    def __init__(self, version: str) -> None:
        super().__init__(
            f"这份备份由更新的版本（{version}）做成，现在的程序还读不了，没有动任何数据。"
            "请先把程序更新到那个版本或更新的版本，再恢复。"
        )


@dataclass(frozen=True)
class Retention:
    """The newest backup of each of the last so many days, weeks and months that have one."""

    daily: int = 14
    weekly: int = 8
    monthly: int = 12


RETENTION = Retention()


def kept(moments: Iterable[datetime], retention: Retention = RETENTION) -> frozenset[datetime]:
    """Which backups stay. Days without a backup do not count, so a long pause throws nothing away."""
    newest_first = sorted(set(moments), reverse=True)
    return frozenset(
        [
            *_newest_each(newest_first, lambda one: one.date(), retention.daily),
            *_newest_each(newest_first, lambda one: one.isocalendar()[:2], retention.weekly),
            *_newest_each(newest_first, lambda one: (one.year, one.month), retention.monthly),
        ]
    )


def _newest_each(
    newest_first: list[datetime], period: Callable[[datetime], Hashable], number: int
) -> Iterator[datetime]:
    seen: set[Hashable] = set()
    for one in newest_first:
        if len(seen) == number:
            return
        if period(one) not in seen:
            seen.add(period(one))
            yield one


def file_name(moment: datetime) -> str:
    """`moment` is local time: the name is read by people."""
    return f"portal-{moment.strftime(_STAMP)}.backup"


def moment_of(name: str, zone: tzinfo) -> datetime | None:
    """None for a file that is no backup of ours."""
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], _STAMP).replace(tzinfo=zone) if found else None
    except ValueError:
        return None


def is_member(name: str) -> bool:
    """Whether a backup may hold this name: a fixed one, or a file below media that stays there."""
    if name in {DATABASE, SPOOL, MANIFEST}:
        return True
    return name.startswith(MEDIA) and is_plain_path(name)


def is_plain_path(name: str) -> bool:
    """A relative path that leads nowhere but down."""
    if len(name) > _LONGEST_NAME or "\\" in name or _CONTROL.search(name):
        return False
    return all(_is_plain(part) for part in name.split("/"))


def _is_plain(part: str) -> bool:
    try:
        return part not in {"", ".", ".."} and len(part.encode()) <= _LONGEST_PART
    except UnicodeEncodeError:
        return False


def state_of(newest: datetime | None, *, failed: bool, now: datetime) -> BackupState:
    """`failed`: whether the last attempt after the newest backup did not succeed."""
    if failed:
        return BackupState.FAILED
    if newest is None:
        return BackupState.NONE
    return BackupState.OLD if now - newest > OLD_AFTER else BackupState.GOOD


def size_label(size: int) -> str:
    """Bytes as people read them."""
    amount = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit in {"B", "KB"} else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TB"


# Of apps that an earlier version used and this one no longer has; their tables are gone or do no harm.
RETIRED = frozenset({("sessions", "0001_initial")})


def unknown_migrations(applied: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of (app, name) that this program does not have: a newer one has been at work there."""
    return set(applied) - _known_migrations() - RETIRED


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """A process keeps its program until it ends."""
    on_disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return frozenset(on_disk).union(*(migration.replaces for migration in on_disk.values()))
