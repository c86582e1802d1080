"""The backup of each night, once a day, made up as soon as the portal runs again; and what may go."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from backups.actions.making import Made, make_held, own_folders
from backups.disk import one_at_a_time
from backups.queries import JOB, backups_in
from backups.rules import NIGHTLY_AT, BackupRefused, kept
from jobs.actions import run_once
from jobs.models import JobRun, RunState


def period_of(now: datetime) -> str:
    """The night a moment belongs to, as in JobRun; `now` is local time."""
    return (now - NIGHTLY_AT).date().isoformat()


def make_nightly(*, now: datetime) -> Made | None:
    """None when the backup of this night is there. Raises BackupRefused, and the night may be tried again.

    The file is written before the mark: killed between the two it is made once more, never left out.
    """
    if _is_done(now):
        return None
    with one_at_a_time():
        if _is_done(now):
            return None
        folder, keys = own_folders()
        try:
            made = make_held(folder, now=now, box_keys=keys)
        except BackupRefused as refusal:
            run_once(JOB, period_of(now), partial(_refuse, refusal))
            raise
        run_once(JOB, period_of(now), partial(_detail, made))
        forget_old(folder, now=now)
        return made


def _is_done(now: datetime) -> bool:
    return JobRun.objects.filter(job=JOB, period=period_of(now), state=RunState.DONE).exists()


def _refuse(refusal: BackupRefused) -> NoReturn:
    """Marks the run as failed."""
    raise refusal


def _detail(made: Made) -> Mapping[str, Any]:
    return {"file": made.file.name, "size": made.size, "sha256": made.sha256}


def forget_old(folder: Path, *, now: datetime) -> list[str]:
    """Delete the backups the retention does not keep; names of other files are never touched.

    One of a time to come was made under a wrong clock: it stays, and takes no other one's place.
    """
    found = [one for one in backups_in(folder) if one.made_at <= now]
    stay = kept(one.made_at for one in found)
    gone = [one for one in found if one.made_at not in stay]
    for one in gone:
        one.file.unlink(missing_ok=True)
    return [one.file.name for one in gone]
