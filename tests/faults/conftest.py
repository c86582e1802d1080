"""The start of lives that are compared at their end."""

from pathlib import Path

import pytest

from tests.box.installation import Installation, on_sqlite


@pytest.fixture
def start(tmp_path: Path, db: None, kept_databases: Path) -> Installation:
    folder = tmp_path / "start"
    folder.mkdir()
    installation = on_sqlite(folder, kept_databases)
    installation.run("tests.faults.life", "begin")
    return installation
