"""Files that are there whole or not at all, and one backup or restore at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from backups.rules import BackupRefused

# One name a folder: what a killed run left is overwritten by the next.
UNFINISHED = ".unfinished"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Raises BackupRefused at once when another one is under way; a dead process holds nothing."""
    descriptor = os.open(Path(settings.VAR_DIR) / "backup.lock", os.O_WRONLY | os.O_CREAT, 0o600)
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
