"""Files that are there whole or not at all, and one backup or restore at a time."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from backups.rules import BackupRefused
from jobs.rules import is_disk_full

# One name a folder: what a killed run left is overwritten by the next.
UNFINISHED = ".unfinished"


def reason(error: OSError) -> str:
    if is_disk_full(error):
        return "磁盘空间不够"
    known = {errno.ENOENT: "找不到", errno.EISDIR: "这是一个目录", errno.ENOTDIR: "上一级不是目录"}
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return "没有权限"
    return known.get(error.errno or 0, f"系统错误 {error.errno}")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Raises BackupRefused at once when another one is under way; a dead process holds nothing.

    A pg_dump or pg_restore that outlives us holds it too: the next one must not run beside it.
    """
    descriptor = os.open(Path(settings.VAR_DIR) / "backup.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    os.set_inheritable(descriptor, True)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused("另一个备份或恢复正在进行，请等它结束后再试。") from None
        yield
    finally:
        os.close(descriptor)


def private(path: Path) -> IO[bytes]:
    """A new empty file for its owner alone, in place of one that a killed run left."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when all of it is on the disk; on any error there is none."""
    made = path.with_name(UNFINISHED)
    try:
        with private(made) as handle:
            yield handle
            to_disk(handle)
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def to_disk(handle: IO[bytes]) -> None:
    handle.flush()
    os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
