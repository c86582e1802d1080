"""Whoever got a receipt has a letter: the process that gave it is killed at any moment."""

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from burden.box.spool import Spool
from tests.effort import tries
from tests.services import ROOT

KILLS = tries(100, 500)
AT_ONCE = 5
LONGEST = 0.25  # seconds of work: several letters and a move


def started(folder: Path) -> subprocess.Popen[str]:
    folder.mkdir()
    command = [sys.executable, "-m", "tests.box.spool_child", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed(child: subprocess.Popen[str]) -> list[str]:
    """Kill it somewhere in its work; the receipts it gave."""
    assert child.stdout
    assert child.stdout.readline() == "ready\n"
    time.sleep(random.random() * LONGEST)
    child.kill()
    printed = child.stdout.read()
    child.wait()
    child.stdout.close()
    return printed.split("\n")[:-1]  # a line that was cut off was not given


def kept(folder: Path) -> list[str]:
    """What spool and database hold; both at once is the move that was not ended, and counts once."""
    with Spool(folder / "box").held() as box:
        waiting = [entry.lookup for entry in box.read().entries]
    with closing(sqlite3.connect(folder / "moved.sqlite3")) as database:
        moved = {lookup for (lookup,) in database.execute("SELECT lookup FROM moved")}
    return [*moved, *(lookup for lookup in waiting if lookup not in moved)]


def test_killed_at_any_moment_it_keeps_every_letter_it_gave_a_receipt_for(tmp_path: Path) -> None:
    receipts = 0
    for start in range(0, KILLS, AT_ONCE):
        folders = [tmp_path / str(start + n) for n in range(AT_ONCE)]
        children = [started(folder) for folder in folders]
        for folder, child in zip(folders, children, strict=True):
            given, held = killed(child), kept(folder)
            assert set(given) <= set(held)
            assert len(held) == len(set(held))
            # At most the one that was on its way when the end came.
            assert len(held) - len(given) in (0, 1)
            Spool(folder / "box").beat()
            receipts += len(given)
    assert receipts > KILLS
