"""What a backup leaves when it cannot be made, who waits for whom, and what of the channel it tells."""

import fcntl
import os
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from backups.actions import make_backup
from backups.rules import BackupRefused
from tests.backups.conftest import Office
from tests.backups.forging import parts_of
from tests.backups.office import installation_at
from tests.box.channel import send
from tests.services import ROOT

NOW = timezone.localtime()


def test_one_at_a_time(office: Office, tmp_path: Path) -> None:
    with (office.var / "backup.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BackupRefused, match="正在进行"):
            make_backup(tmp_path / "more", now=NOW)
    assert make_backup(tmp_path / "more", now=NOW).file.exists()


def test_two_in_one_second_are_two(office: Office) -> None:
    moment = office.made.manifest.made_at
    again = make_backup(office.file.parent, now=moment)
    assert sorted(office.file.parent.iterdir()) == [office.file, again.file]


def test_a_full_disk_leaves_nothing_half(office: Office, tmp_path: Path) -> None:
    """The limit of a process on the size of its files stands for a full disk."""
    target = installation_at(tmp_path / "elsewhere")
    target.run("manage", "restore", str(office.file), "--box-keys", str(office.keys))
    folder = tmp_path / "narrow"
    for limit in (500_000, 1_500_000):
        done = subprocess.run(
            ["prlimit", f"--fsize={limit}", sys.executable, "manage.py", "backup", str(folder)],
            cwd=ROOT,
            env=target.environment(NOTICE_SENDER="portal@example.com"),
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert "磁盘空间不够" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(folder.iterdir()) == []


def test_places_that_are_refused(office: Office, tmp_path: Path) -> None:
    for folder, keys, says in (
        (office.var / "media/backups", None, "上传文件的目录里"),
        (tmp_path / "b", tmp_path / "b", "不能和备份放在一起"),
        (tmp_path / "b", tmp_path / "b/keys", "不能和备份放在一起"),
        (tmp_path / "b/c", tmp_path / "b", "不能和备份放在一起"),
    ):
        with pytest.raises(BackupRefused, match=says):
            make_backup(folder, now=NOW, box_keys=keys)
        assert not folder.exists()


def test_a_file_that_cannot_come_back_is_named(office: Office, tmp_path: Path) -> None:
    (office.var / "media/a\\b").write_bytes(b"")
    with pytest.raises(BackupRefused, match="请改名后再备份"):
        make_backup(tmp_path / "more", now=NOW)
    assert list((tmp_path / "more").iterdir()) == []


def test_links_are_left_out(office: Office, tmp_path: Path) -> None:
    (office.var / "media/link").symlink_to("/etc/passwd")
    (office.var / "media/folder").symlink_to("/etc")
    made = make_backup(tmp_path / "more", now=NOW)
    assert made.manifest.members[2:] == office.made.manifest.members[2:]


def test_a_letter_changes_nothing_but_sealed_bytes(office: Office, tmp_path: Path) -> None:
    """Two backups around it have the same sizes, names and counts."""
    before = make_backup(tmp_path / "a", now=NOW)
    send("新的一封")
    after = make_backup(tmp_path / "b", now=NOW)
    assert before.size == after.size
    assert before.manifest.facts == after.manifest.facts
    (first, one), (second, other) = parts_of(before.file), parts_of(after.file)
    assert [m.size for m in first.members] == [m.size for m in second.members]
    assert [name for (name, a), (_, b) in zip(one, other, strict=True) if a != b] == ["box/spool"]


def test_the_commands(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
    assert zipfile.is_zipfile(office.file)
    assert os.listdir(tmp_path / "apart") == ["box-keys"]
    assert timezone.localtime() - office.made.manifest.made_at < timedelta(minutes=5)
