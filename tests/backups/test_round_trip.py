"""Fill, back up, restore elsewhere: every row of every table, every file and every letter is there again."""

import json
import stat
import zipfile
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from pytest_django import Settings

from burden.box.actions import box_folder
from tests.backups.conftest import Office
from tests.backups.office import (
    FILES,
    empty_postgres,
    files_below,
    installation_at,
    manage,
    rows_here,
    rows_of,
)
from tests.box.channel import keys, waiting
from tests.box.installation import Installation


def assert_all_comes_back(office: Office, target: Installation) -> None:
    said = manage(target, "restore", str(office.file), "--box-keys", str(office.keys))
    assert said.returncode == 0, said.stderr
    facts = office.made.manifest.facts
    assert said.stdout.splitlines() == [
        f"已恢复 {office.made.manifest.made_at:%Y-%m-%d %H:%M} 的备份："
        f"{len(facts.tables)} 张表 {facts.rows} 行，"
        f"{len(FILES)} 个上传文件，行数与清单一致。",
        f"审计链完整，封存到第 {facts.audit.position} 条，封存值 {facts.audit.hash}",
    ]
    assert rows_of(target.database) == rows_here()
    assert files_below(target.folder / "media") == FILES
    assert not (target.folder / "restore-unfinished.json").exists()


def assert_letters_open(office: Office, target: Installation, settings: Settings) -> None:
    here = (waiting(), keys())
    settings.VAR_DIR = target.folder
    assert (waiting(), keys()) == here
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in box_folder().iterdir()} == dict.fromkeys(
        ("key", "keys", "lock", "spool"), 0o600
    )
    assert {(box_folder() / name).stat().st_mtime for name in ("key", "keys", "spool")} == {0}


def test_everything_comes_back(office: Office, tmp_path: Path, settings: Settings) -> None:
    assert len([rows for rows in rows_here().values() if rows]) > 20
    target = installation_at(tmp_path / "elsewhere")
    assert_all_comes_back(office, target)
    assert_letters_open(office, target, settings)


def test_before_the_first_night_of_the_channel(little_office: Office, tmp_path: Path) -> None:
    """There is a spool and no file of letter keys yet."""
    target = installation_at(tmp_path / "elsewhere")
    said = manage(target, "restore", str(little_office.file), "--box-keys", str(little_office.keys))
    assert said.returncode == 0, said.stderr
    assert sorted(files_below(target.folder / "box")) == ["key", "lock", "spool"]


@pytest.mark.postgres
def test_everything_comes_back_on_postgres(office: Office, tmp_path: Path, settings: Settings) -> None:
    with empty_postgres("restored_trip") as url:
        target = installation_at(tmp_path / "elsewhere", url)
        assert_all_comes_back(office, target)
        assert_letters_open(office, target, settings)
        with psycopg.connect(url) as held, pytest.raises(psycopg.DatabaseError):
            held.execute("DELETE FROM audit_auditevent")  # the triggers came back too


def test_no_key_is_inside(office: Office) -> None:
    secrets = [
        settings.SECRET_KEY.encode(),
        *(key.encode() for key in settings.PERSONAL_DATA_KEYS),
        *(line for line in (box_folder() / "key").read_bytes().split()),
        *(bytes.fromhex(line.decode()) for line in (box_folder() / "key").read_bytes().split()),
        (box_folder() / "keys").read_bytes()[:64],
    ]
    with zipfile.ZipFile(office.file) as archive:
        names = archive.namelist()
        parts = [office.file.read_bytes(), *(archive.read(name) for name in names)]
    assert [secret for secret in secrets for part in parts if secret in part] == []
    assert sorted(names) == sorted(["database", "box/spool", "manifest.json", *(f"media/{n}" for n in FILES)])
    assert any(secrets[2] in file.read_bytes() for file in office.keys.iterdir())  # and the search finds


def test_the_manifest_says_what_is_inside(little_office: Office) -> None:
    with zipfile.ZipFile(little_office.file) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        manifest = json.loads(archive.read("manifest.json"))
    rows = {name: len(rows) for name, rows in rows_here().items()}
    assert manifest["facts"]["tables"] == {n: c for n, c in rows.items() if not n.startswith("sqlite_")}
    assert manifest["facts"]["audit"]["position"] > 0
    assert stat.S_IMODE(little_office.file.stat().st_mode) == 0o600
    assert [stat.S_IMODE(file.stat().st_mode) for file in little_office.keys.iterdir()] == [0o600]
    assert [file.name for file in little_office.file.parent.iterdir()] == [little_office.file.name]
