"""What there is in the backup folder, for whoever looks after the portal."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from backups.rules import BackupState, moment_of, size_label, state_of
from jobs.models import JobRun, RunState

JOB = "backups.nightly"


@dataclass(frozen=True)
class BackupFile:
    file: Path
    made_at: datetime
    size: int

    @property
    def size_label(self) -> str:
        return size_label(self.size)


@dataclass(frozen=True)
class Latest:
    """state: what to show first; backup: the newest one; failed_at: of the last attempt, when it failed;

    ahead: how many bear a time to come, and so prove nothing: a clock ran ahead;
    number, total: how many backups there are and how many bytes they take; free: bytes left on that disk,
    None when the folder is not there.
    """

    state: BackupState
    folder: Path
    backup: BackupFile | None
    age: timedelta | None
    failed_at: datetime | None
    ahead: int
    number: int
    total: int
    free: int | None


def backups_in(folder: Path) -> list[BackupFile]:
    """The newest first; files of other names do not count."""
    zone = timezone.get_default_timezone()
    found = []
    for file in folder.glob("*.backup"):
        if (made_at := moment_of(file.name, zone)) and file.is_file():
            found.append(BackupFile(file, made_at, file.stat().st_size))
    return sorted(found, key=lambda one: one.made_at, reverse=True)


def latest(*, now: datetime) -> Latest:
    """State, age and size of the newest backup in BACKUP_DIR that has been made by now; one statement."""
    folder = Path(settings.BACKUP_DIR)
    found = backups_in(folder)
    made = [one for one in found if one.made_at <= now]
    newest = made[0] if made else None
    failed_at = _failed_after(newest.made_at if newest else None)
    return Latest(
        state=state_of(newest.made_at if newest else None, failed=failed_at is not None, now=now),
        folder=folder,
        backup=newest,
        age=now - newest.made_at if newest else None,
        failed_at=failed_at,
        ahead=len(found) - len(made),
        number=len(found),
        total=sum(one.size for one in found),
        free=shutil.disk_usage(folder).free if folder.is_dir() else None,
    )


def _failed_after(moment: datetime | None) -> datetime | None:
    """When the newest attempt failed, and no backup was made since."""
    failed = JobRun.objects.filter(job=JOB, state=RunState.FAILED)
    if moment:
        failed = failed.filter(started__gt=moment)
    return failed.order_by("-started").values_list("started", flat=True).first()
