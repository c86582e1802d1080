"""A disk without room: people are told in their language, no half file stays, what was there is whole."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]  # no stubs
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from backups.actions import make_backup, verify
from backups.rules import BackupRefused
from branches.models import Organisation
from branches.rules import Role
from jobs.actions import claim, restart
from jobs.models import Job, JobState
from jobs.rules import FULL_DISK
from ledgers.actions import render_job
from reminders.actions.packs import add_file
from reminders.models import StudyMaterial, StudyPack
from tests.backups.office import fill_little
from tests.box.installation import Site, serving
from tests.factories.branches import make_holder, make_tree
from tests.faults.office import Office
from tests.faults.person import SERVER, Person, here, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
DISK = 24 * 1024 * 1024
STUFFING = "stuffing"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if os.getuid() or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs more rights than this process has")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, *, but: int = 0) -> None:
    room = os.statvfs(disk)
    with (disk / STUFFING).open("ab") as stuffing:
        stuffing.write(bytes(max(room.f_bavail * room.f_frsize - but, 0)))


def make_room(disk: Path) -> None:
    (disk / STUFFING).unlink()


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def asked() -> tuple[User, Job]:
    _, general, branches = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    for branch in branches:
        make_holder(branch)
    return staff, Office(timezone.localdate(), 0).ask_for_export()


def rendered(job: Job) -> Job:
    taken = claim(str(job.pk))
    assert taken
    render_job(taken, on=timezone.localdate(), as_of=timezone.now())
    job.refresh_from_db()
    return job


def test_an_export_says_so_and_is_made_once_there_is_room(disk: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = disk / "media"
    _, job = asked()
    fill(disk, but=4096)
    assert (rendered(job).state, job.error) == (JobState.FAILED, FULL_DISK)
    assert files_in(disk) == [STUFFING]
    make_room(disk)
    restart(job)
    assert rendered(job).state == JobState.DONE
    assert files_in(disk) == [f"media/jobs/{job.pk}/result.xlsx"]


def test_an_uploaded_file_is_there_whole_or_not_at_all(disk: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = disk
    _, general, _ = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    pack = StudyPack.objects.create(title="资料", organisation=general, made_by=staff)
    earlier = add_file(pack, title="先前的", file=ContentFile(b"%PDF-1.7 earlier", "a.pdf"), by=staff)
    fill(disk, but=8192)
    with pytest.raises(OSError, match="No space left"):
        add_file(pack, title="大的", file=ContentFile(b"%PDF-1.7 " + bytes(64_000), "b.pdf"), by=staff)
    assert [material.title for material in StudyMaterial.objects.all()] == ["先前的"]
    assert files_in(disk) == sorted([STUFFING, str(earlier.file.name)])
    with earlier.file.open() as kept:
        assert kept.read() == b"%PDF-1.7 earlier"


def test_a_backup_is_refused_and_the_earlier_one_stays(
    disk: Path, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path / "var", tmp_path / "var" / "media"
    (tmp_path / "var" / "media").mkdir(parents=True)
    fill_little()
    earlier = make_backup(disk / "made", now=timezone.localtime())
    fill(disk, but=100_000)
    with pytest.raises(BackupRefused, match=r"磁盘空间不够.*备份没有做，没有留下半份文件"):
        make_backup(disk / "made", now=timezone.localtime())
    assert files_in(disk / "made") == [earlier.file.name]
    assert verify(earlier.file).facts == earlier.manifest.facts


@pytest.fixture
def desk(disk: Path) -> Iterator[tuple[Person, dict[str, str]]]:
    """Staff at a portal whose data folder is the small disk, and a form that writes."""
    staff, _ = asked()
    absent = signed_in(Site(0), staff)
    form = {"code": "D1", "name": "新党员", "status": "full", "since": "2026-01-05"}
    with closing(sqlite3.connect(disk / "portal.sqlite3")) as copy:
        connection.connection.backup(copy)
    portal = here(disk / "var", database=f"sqlite:///{disk}/portal.sqlite3")
    with serving(portal, SERVER) as site:
        yield Person(site, absent.session, absent.token), form


def rows(disk: Path) -> tuple[str, int]:
    with closing(sqlite3.connect(disk / "portal.sqlite3")) as database:
        register(database)  # constraints use Django's functions
        [(sound,)] = database.execute("PRAGMA integrity_check")
        [(number,)] = database.execute("SELECT count(*) FROM branches_member WHERE code LIKE 'D%'")
    return sound, number


def test_a_page_says_so_and_the_database_stays_sound(desk: tuple[Person, dict[str, str]], disk: Path) -> None:
    person, form = desk
    branch = Organisation.objects.order_by("pk").reverse()[0]
    add = f"/w/organisations/{branch.pk}/members/add/"
    fill(disk)
    status, page = person.post(add, form)
    assert (status, "服务器的磁盘写不进去" in page, "刚才的内容没有保存" in page) == (500, True, True)
    make_room(disk)
    assert rows(disk) == ("ok", 0)
    assert person.post(add, form)[0] == 302
    assert rows(disk) == ("ok", 1)
