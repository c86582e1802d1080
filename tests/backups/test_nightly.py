"""Once a night, made up when missed, tried again when it failed; what is kept; what the queries say."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from backups.actions import make_nightly, verify
from backups.queries import JOB, backups_in, latest
from backups.rules import BackupRefused, BackupState
from backups.tasks import make_nightly_backup
from jobs.models import JobRun, RunState
from partyaffairs.schedule import BEAT_SCHEDULE

pytestmark = pytest.mark.django_db(transaction=True)


def at(day: int, hour: int, minute: int = 15) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=timezone.get_default_timezone())


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_once_a_night_and_made_up(var: Path) -> None:
    made = make_nightly(now=at(20, 4))
    assert made is not None
    assert verify(made.file) == made.manifest
    assert [make_nightly(now=at(20, hour)) for hour in (5, 23)] == [None, None]
    assert make_nightly(now=at(21, 3)) is None  # still the night before
    # Off for two days: one is made as soon as it runs, of now, not of then.
    assert make_nightly(now=at(23, 9)) is not None
    assert make_nightly(now=at(23, 10)) is None
    assert names(var / "backups") == ["portal-20261120-041500.backup", "portal-20261123-091500.backup"]
    runs = JobRun.objects.filter(job=JOB).order_by("period").values_list("period", "state", "detail__file")
    assert list(runs) == [
        ("2026-11-20", RunState.DONE, "portal-20261120-041500.backup"),
        ("2026-11-23", RunState.DONE, "portal-20261123-091500.backup"),
    ]


def test_backups_of_a_wrong_clock_take_no_real_ones_place(var: Path) -> None:
    ahead = [
        make_nightly(now=datetime(2031, 1, day, 5, tzinfo=timezone.get_default_timezone())) for day in (1, 2)
    ]
    for day in range(1, 20):
        make_nightly(now=at(day, 5))
    stays = names(var / "backups")
    assert [made.file.name for made in ahead if made and made.file.name in stays] == stays[-2:]
    assert len([name for name in stays if name.startswith("portal-202611")]) >= 14


def test_what_failed_is_told_and_tried_again(var: Path, settings: Settings) -> None:
    settings.BACKUP_DIR = var / "a file"
    settings.BACKUP_DIR.write_text("")
    for _ in range(2):
        with pytest.raises(BackupRefused, match="写不进"):
            make_nightly(now=timezone.localtime())
    assert JobRun.objects.get(job=JOB).state == RunState.FAILED
    found = latest(now=timezone.now())
    assert (found.state, found.backup, found.number, found.free) == (BackupState.FAILED, None, 0, None)
    assert found.failed_at is not None
    settings.BACKUP_DIR.unlink()
    assert make_nightly(now=timezone.localtime()) is not None
    assert latest(now=timezone.now()).state == BackupState.GOOD


def test_what_the_queries_say(var: Path, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert latest(now=at(20, 4)).state == BackupState.NONE
    made = make_nightly(now=at(20, 4))
    assert made is not None
    (var / "backups/notes.txt").write_text("not ours")
    with django_assert_num_queries(1):
        found = latest(now=at(20, 6))
    assert found.backup is not None
    assert (found.state, found.age) == (BackupState.GOOD, timedelta(hours=2))
    assert (found.backup.file, found.backup.size) == (made.file, made.file.stat().st_size)
    assert (found.number, found.total) == (1, made.size)
    assert latest(now=at(22, 6)).state == BackupState.OLD


def test_what_may_go_goes_and_nothing_else(var: Path) -> None:
    folder = var / "backups"
    folder.mkdir()
    for day in range(1, 20):
        (folder / f"portal-202611{day:02}-041500.backup").write_bytes(b"x")
    for other in ("notes.txt", "portal.backup", "my-portal-20250101-041500.backup"):
        (folder / other).write_bytes(b"x")
    make_nightly(now=at(20, 4))
    stay = [*range(7, 21), 1]  # a fortnight, and the Sunday of the week before last of all
    assert names(folder) == sorted(
        ["notes.txt", "portal.backup", "my-portal-20250101-041500.backup"]
        + [f"portal-202611{day:02}-041500.backup" for day in stay]
    )
    assert [one.made_at.day for one in backups_in(folder)] == sorted(stay, reverse=True)


def test_the_task_of_the_timetable(var: Path) -> None:
    assert BEAT_SCHEDULE["make-backup"]["task"] == make_nightly_backup.name
    made = make_nightly_backup()
    assert names(var / "backups") == [made]
    assert make_nightly_backup() == ""
