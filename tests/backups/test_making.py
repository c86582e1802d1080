"""What a backup leaves when it cannot be made, who waits for whom, and what of the channel it tells."""

import fcntl
import os
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from backups.actions import make_backup
from backups.rules import DATABASE, BackupRefused
from tests.backups.conftest import Office
from tests.backups.forging import parts_of
from tests.box.channel import send

NOW = timezone.localtime()


def test_one_at_a_time(little_office: Office, tmp_path: Path) -> None:
    with (little_office.var / "backup.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BackupRefused, match="正在进行"):
            make_backup(tmp_path / "more", now=NOW)
    assert make_backup(tmp_path / "more", now=NOW).file.exists()


def test_two_in_one_second_are_two(little_office: Office) -> None:
    moment = little_office.made.manifest.made_at
    again = make_backup(little_office.file.parent, now=moment)
    assert sorted(little_office.file.parent.iterdir()) == [little_office.file, again.file]


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """The limit of a process on the size of its files stands for a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_nothing_half(little_office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "narrow"
    database = next(one for one in little_office.made.manifest.members if one.name == DATABASE)
    assert database.size > little_office.made.size
    for size in (database.size // 2, little_office.made.size - 100, 30_000):
        with files_up_to(size), pytest.raises(BackupRefused, match="磁盘空间不够"):
            make_backup(folder, now=NOW)
        assert list(folder.iterdir()) == []


def test_places_that_are_refused(little_office: Office, tmp_path: Path, settings: Settings) -> None:
    for folder, keys, says in (
        (little_office.var / "media/backups", None, "上传文件的目录里"),
        (tmp_path / "b", tmp_path / "b", "不能和备份、上传的文件放在一起"),
        (tmp_path / "b", tmp_path / "b/keys", "不能和备份、上传的文件放在一起"),
        (tmp_path / "b/c", tmp_path / "b", "不能和备份、上传的文件放在一起"),
        (tmp_path / "b", little_office.var / "media/keys", "不能和备份、上传的文件放在一起"),
        (tmp_path / "b", Path(settings.BACKUP_DIR) / "keys", "不能和备份、上传的文件放在一起"),
    ):
        with pytest.raises(BackupRefused, match=says):
            make_backup(folder, now=NOW, box_keys=keys)
        assert not folder.exists()


def test_a_file_that_cannot_come_back_is_named(little_office: Office, tmp_path: Path) -> None:
    (little_office.var / "media/a\\b").write_bytes(b"")
    with pytest.raises(BackupRefused, match="请改名后再备份"):
        make_backup(tmp_path / "more", now=NOW)
    assert list((tmp_path / "more").iterdir()) == []


def test_links_are_left_out(little_office: Office, tmp_path: Path) -> None:
    (little_office.var / "media/link").symlink_to("/etc/passwd")
    (little_office.var / "media/folder").symlink_to("/etc")
    made = make_backup(tmp_path / "more", now=NOW)
    assert made.manifest.members[2:] == little_office.made.manifest.members[2:]


def test_a_letter_changes_nothing_but_sealed_bytes(little_office: Office, tmp_path: Path) -> None:
    """Two backups around it have the same sizes, names and counts."""
    before = make_backup(tmp_path / "a", now=NOW)
    send("新的一封")
    after = make_backup(tmp_path / "b", now=NOW)
    assert before.size == after.size
    assert before.manifest.facts == after.manifest.facts
    (first, one), (second, other) = parts_of(before.file), parts_of(after.file)
    assert [m.size for m in first.members] == [m.size for m in second.members]
    assert [name for (name, a), (_, b) in zip(one, other, strict=True) if a != b] == ["box/spool"]


def test_by_hand_the_keys_go_where_those_of_the_night_go(
    little_office: Office, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("backup", str(tmp_path / "more"))
    assert "直通车的钥匙没有另存" in capsys.readouterr().out
    settings.BACKUP_BOX_DIR = str(tmp_path / "apart")
    call_command("backup", str(tmp_path / "more"))
    assert "直通车的钥匙没有另存" not in capsys.readouterr().out
    assert os.listdir(tmp_path / "apart") == ["box-keys"]


def test_the_commands(little_office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("backup", str(tmp_path / "more"), "--box-keys", str(tmp_path / "apart"))
    [file] = (tmp_path / "more").iterdir()
    assert str(file) in capsys.readouterr().out
    call_command("verify", str(file))
    assert capsys.readouterr().out.startswith("备份完整，现有密钥能打开")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(CommandError, match="已损坏"):
        call_command("verify", str(file))
    assert zipfile.is_zipfile(little_office.file)
    assert os.listdir(tmp_path / "apart") == ["box-keys"]
    assert timezone.localtime() - little_office.made.manifest.made_at < timedelta(minutes=5)
