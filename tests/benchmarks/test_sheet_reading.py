"""A roster of 5,000 rows and 12 columns, read and sent back: time and peak memory: `./dev bench`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT

# Reported, not asserted, but for memory: the child is killed above its limit, which is this one.
BUDGETS = {"seconds": 5.0, "memory_mb": 300}


def run(way: str, path: Path) -> str:
    command = [sys.executable, "-m", "tests.benchmarks.sheet_reading", way, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "roster.xlsx"
    run("grow", path)
    return path


@pytest.mark.parametrize("way", ["ours", "marked", "openpyxl"])
def test_reading_a_roster(way: str, roster: Path) -> None:
    found = json.loads(run(way, roster))
    sys.stdout.write(f"\n{way}: {json.dumps(found)}")
    for name, budget in BUDGETS.items():
        sys.stdout.write(
            f"\n{way}: {name} {'within' if found[name] <= budget else 'OVER'} its budget {budget}"
        )
    sys.stdout.write("\n")
