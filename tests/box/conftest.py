"""A channel of its own for each test."""

from pathlib import Path

import pytest
from nacl.public import PrivateKey
from pytest_django import Settings

from burden.box.limits import Level
from tests.box.recipients import add_recipients


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Where this test's files of the channel lie."""
    settings.VAR_DIR = tmp_path
    return tmp_path / "box"


@pytest.fixture
def recipients(folder: Path, db: None) -> list[PrivateKey]:
    """Two of the own level."""
    return add_recipients(Level.OWN, Level.OWN)
