"""A data folder of its own for each test, and one backup of a filled office."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups.actions import Made, make_backup
from tests.backups.office import fill, fill_little


@pytest.fixture
def var(tmp_path: Path, settings: Settings) -> Path:
    """VAR_DIR of this process during the test."""
    folder = tmp_path / "var"
    (folder / "media").mkdir(parents=True)
    settings.VAR_DIR, settings.MEDIA_ROOT = folder, folder / "media"
    settings.BACKUP_DIR, settings.BACKUP_BOX_DIR = folder / "backups", ""
    return folder


@dataclass(frozen=True)
class Office:
    """keys: the folder with the copy of the channel's keys."""

    var: Path
    made: Made
    keys: Path

    @property
    def file(self) -> Path:
        return self.made.file


@pytest.fixture
def office(transactional_db: None, var: Path, tmp_path: Path) -> Office:
    fill()
    return _backed_up(var, tmp_path)


@pytest.fixture
def little_office(transactional_db: None, var: Path, tmp_path: Path) -> Office:
    """Quick to make, where it does not matter what is inside."""
    fill_little()
    return _backed_up(var, tmp_path)


def _backed_up(var: Path, tmp_path: Path) -> Office:
    keys = tmp_path / "keys"
    made = make_backup(tmp_path / "backups", now=timezone.localtime(), box_keys=keys)
    return Office(var, made, keys)
