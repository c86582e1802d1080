"""What is refused leaves database, files and data folder as they were, and says in Chinese what to do."""

import json
from pathlib import Path
from random import Random

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups.actions import make_backup, verify
from backups.checks import no_restore_is_unfinished
from backups.rules import BackupRefused, BrokenBackup, NewerBackup, RestoreRefused
from tests.backups.conftest import Office
from tests.backups.forging import cut, every_forgery, flipped, forged
from tests.backups.office import empty_postgres, files_below, installation_at, manage
from tests.backups.refusing import Case
from tests.box.installation import Installation
from tests.effort import tries

SEED = 20261123
COUNTED_LATE = "wrong counts"
TICK = "from datetime import date; from burden.box.actions import tick; tick(date(2026, 12, 2))"


def cases(office: Office, tmp_path: Path) -> tuple[list[Case], dict[str, str]]:
    """Every forgery, then every wrong target, then the true one, then once more; and what each must say."""
    file, keys = str(office.file), str(office.keys)
    forgeries = every_forgery(office.file, tmp_path / "forged", Random(SEED), tries=tries(12, 200))
    found = [Case(name=name, file=str(one), box_keys=keys, put="") for name, (one, _) in forgeries.items()]
    wanted = {name: refusal for name, (_, refusal) in forgeries.items()}
    for name, box_keys, put, refusal in (
        ("media there", keys, "media/mine.pdf", "里已经有文件"),
        ("no keys", "", "", "同一晚的直通车钥匙"),
        ("no copy of keys", file, "", "不是直通车钥匙的副本"),
        ("spool there", keys, "box/spool", "已经有减负直通车的文件"),
        ("another was interrupted", keys, "restore-unfinished.json", "上一次用 a.backup 的恢复没有做完"),
        ("true", keys, "", "restored"),
        ("twice", keys, "", "只能恢复到空的数据库"),
    ):
        found.append(Case(name=name, file=file, box_keys=box_keys, put=put))
        wanted[name] = refusal
    return found, wanted


def assert_all_refused(office: Office, target: Installation, tmp_path: Path) -> None:
    given, wanted = cases(office, tmp_path)
    if not target.database.startswith("sqlite"):
        # Under the right seal; what a dump holds is counted when it is there. SQLite counts a copy before.
        given = [case for case in given if case["name"] != COUNTED_LATE]
        del wanted[COUNTED_LATE]
    (tmp_path / "cases.json").write_text(json.dumps(given))
    said = json.loads(target.run("tests.backups.refusing", str(tmp_path / "cases.json")).splitlines()[-1])
    assert [name for name, (_, touched) in said.items() if touched] == ["true"]
    assert {name: told for name, (told, _) in said.items() if wanted[name] not in told} == {}
    assert list(said) == list(wanted)


def test_every_spoilt_backup_is_refused(office: Office, tmp_path: Path) -> None:
    assert_all_refused(office, installation_at(tmp_path / "elsewhere"), tmp_path)


@pytest.mark.postgres
def test_every_spoilt_backup_is_refused_on_postgres(office: Office, tmp_path: Path) -> None:
    with empty_postgres("restored_refused") as url:
        assert_all_refused(office, installation_at(tmp_path / "elsewhere", url), tmp_path)


def test_any_bit_and_any_length_is_noticed(little_office: Office, tmp_path: Path) -> None:
    chance = Random(SEED + 1)
    for spoilt in (flipped, cut):
        for _ in range(tries(150, 5000)):
            with pytest.raises(BrokenBackup):
                verify(spoilt(little_office.file, tmp_path / "spoilt.backup", chance))
    assert verify(little_office.file) == little_office.made.manifest


def test_without_the_keys_of_the_channel_the_rest_comes_back(office: Office, tmp_path: Path) -> None:
    target = installation_at(tmp_path / "elsewhere")
    said = manage(target, "restore", str(office.file), "--without-box")
    assert said.stdout.splitlines()[-1] == "减负直通车的 40 份信件没有钥匙可开，已放下；直通车从头开始。"
    assert not (target.folder / "box").exists()
    target.run("manage", "shell", "-c", TICK)
    assert {"key", "keys", "spool"} <= set(files_below(target.folder / "box"))


def test_a_new_secret_key_is_taken_when_asked_for(little_office: Office, settings: Settings) -> None:
    settings.SECRET_KEY = "another-secret-of-more-than-fifty-characters-0123456789"
    with pytest.raises(RestoreRefused, match="SECRET_KEY"):
        verify(little_office.file)
    assert verify(little_office.file, new_secret_key=True) == little_office.made.manifest


def test_rotated_keys_still_open_it(little_office: Office, settings: Settings) -> None:
    settings.PERSONAL_DATA_KEYS = ["a-newer-key-of-forty-characters-012345678", *settings.PERSONAL_DATA_KEYS]
    assert verify(little_office.file) == little_office.made.manifest


def test_a_newer_format_is_newer_whatever_else_it_holds(little_office: Office, tmp_path: Path) -> None:
    def tomorrow(text: bytes) -> bytes:
        return b'{"format": 2, "portal": "3.0", "else": []}'

    made = forged(little_office.file, tmp_path / "a.backup", spelled=tomorrow, unlisted=[("new/part", b"")])
    with pytest.raises(NewerBackup, match=r"更新的版本（3\.0）"):
        verify(made)


def test_an_unfinished_restore_stops_backups(little_office: Office, tmp_path: Path) -> None:
    sign = little_office.var / "restore-unfinished.json"
    sign.write_text('{"digest": "00", "file": "a.backup", "at": "2026-11-23T04:15:00+08:00"}')
    with pytest.raises(BackupRefused, match="恢复还没有做完"):
        make_backup(tmp_path / "backups", now=timezone.localtime())
    assert [error.id for error in no_restore_is_unfinished(None)] == ["backups.E001"]
    sign.unlink()
    assert no_restore_is_unfinished(None) == []
