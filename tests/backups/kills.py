"""Work that is killed with SIGKILL in a forked child, half of the times at a line of the backup's code, half
at a moment (perhaps inside pg_dump's or SQLite's own work), and what is found afterwards."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from backups.actions import Choices, make_backup, restore, verify
from backups.databases import engine
from backups.disk import one_at_a_time
from backups.marker import unfinished
from backups.rules import BackupRefused, RestoreRefused
from tests.backups.office import files_below

OURS = str(Path(__file__).parents[2] / "backups")
FAULTS = ("half", "silent", "unequal", "stuck", "left")


def counting_lines(reached: Callable[[int], None]) -> None:
    """Calls back with the number of each line of ours that this process runs."""
    passed = 0

    def count(frame: FrameType, event: str, given: object) -> Any:
        nonlocal passed
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            passed += 1
            reached(passed)
        return count

    sys.settrace(count)


def die_at(line: int) -> None:
    counting_lines(lambda passed: os.kill(os.getpid(), signal.SIGKILL) if passed == line else None)


class Measured:
    """How many lines the work takes, and how long; found out once, undisturbed."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.lines = 0
        began = time.monotonic()
        counting_lines(lambda passed: setattr(self, "lines", passed))
        work()
        sys.settrace(None)
        self.seconds = time.monotonic() - began

    def killed(self, work: Callable[[], object], chance: Random, *, by_line: bool) -> bool:
        """Whether the kill came before the work ended."""
        child = os.fork()
        if not child:
            if by_line:
                die_at(chance.randint(1, self.lines))
            work()
            os._exit(0)
        if not by_line:
            time.sleep(chance.random() * self.seconds)
            os.kill(child, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])


class Kills:
    """half: backups or databases that pass for whole; silent: a repeated restore that did not say so, or one
    that said so without reason; unequal: another end than the undisturbed one; stuck: could not be repeated;
    left: files besides backups in their folder after one that was not killed."""

    def __init__(self, file: Path, keys: Path, chance: Random) -> None:
        self.file, self.keys, self.chance = file, keys, chance
        self.var = Path(settings.VAR_DIR)
        self.wanted = verify(file)
        self.seen = dict.fromkeys(("killed restores", "killed backups", *FAULTS), 0)

    def bring_back(self) -> bool:
        return restore(self.file, now=timezone.localtime(), choices=Choices(box_keys=self.keys)).again

    def make(self) -> object:
        return make_backup(self.var / "made", now=timezone.localtime(), box_keys=self.var / "keys")

    def restores(self, kills: int) -> None:
        """Begins and ends with everything there."""
        work = Measured(self.bring_back)
        files = files_below(self.var / "media")
        for n in range(kills):
            self._empty()
            self.seen["killed restores"] += work.killed(self.bring_back, self.chance, by_line=bool(n % 2))
            _wait_for_orphans()
            self._repeat()
            self.seen["unequal"] += not self._is_all_there() or files_below(self.var / "media") != files
            connections.close_all()

    def _repeat(self) -> None:
        begun, done = unfinished() is not None, not engine().is_empty()
        if done and not begun:
            self.seen["half"] += not self._is_all_there()
            return
        try:
            self.seen["silent"] += self.bring_back() != begun
        except RestoreRefused as refusal:
            print(refusal, file=sys.stderr)
            self.seen["stuck"] += 1

    def _is_all_there(self) -> bool:
        return bool(engine().facts() == self.wanted.facts)

    def _empty(self) -> None:
        if connection.vendor == "sqlite":
            for one in self.var.glob("portal.sqlite3*"):
                one.unlink()
        else:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connections.close_all()
        shutil.rmtree(self.var / "media")
        shutil.rmtree(self.var / "box")

    def backups(self, kills: int) -> None:
        work = Measured(self.make)
        folder = self.var / "made"
        for n in range(kills):
            connections.close_all()
            self.seen["killed backups"] += work.killed(self.make, self.chance, by_line=bool(n % 2))
            self.seen["half"] += sum(not _is_whole(one) for one in folder.glob("*.backup"))
        self.make()
        self.seen["left"] += len([one for one in folder.iterdir() if one.suffix != ".backup"])


def _wait_for_orphans() -> None:
    """Until a pg_restore that outlived its parent has ended; a repeat in between is refused."""
    while True:
        try:
            with one_at_a_time():
                return
        except BackupRefused:
            time.sleep(0.05)


def _is_whole(file: Path) -> bool:
    try:
        verify(file)
    except RestoreRefused:
        return False
    return True
