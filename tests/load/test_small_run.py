"""The load run itself, as small as it can be, so that it cannot rot: a few people for a few seconds.

On SQLite in the embedded mode, on a copy of the migrated database; what is measured is nobody's concern here.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.database import empty_database
from tests.services import ROOT

SIZE = {
    "users": 4,
    "settle": 3,
    "ramp": 1,
    "quiet": 2,
    "busy": 4,
    "branches": 4,
    "months": 1,
    "accounts": 40,
    "roster": 8,
    "think": 1,
}


@pytest.mark.django_db
def test_a_few_people_for_a_few_seconds(
    tmp_path: Path, kept_databases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connection.vendor == "sqlite"
    folder = tmp_path / "load/portal"
    folder.mkdir(parents=True)
    shutil.copyfile(empty_database(kept_databases), folder / "portal.sqlite3")
    monkeypatch.setenv("DEBUG", "1")  # pages need no collected files
    options = [f"--{name}={value}" for name, value in SIZE.items()]
    command = [sys.executable, "-m", "tests.benchmarks.load.run", "--sqlite", f"--out={tmp_path}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    told = json.loads((tmp_path / "load.json").read_text("utf-8"))
    assert (told["broke"], list(told["spans"])) == (0, ["ramp", "quiet", "busy"])
    # How far the jobs came is the machine's affair; that both were asked for is not.
    assert {"heavy: ask for PDF", "heavy: roster upload"} <= told["heavy"].keys()
    assert told["costs"]["quiet"]["cores"].keys() == {"web", "worker", "locust"}
