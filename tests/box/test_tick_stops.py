"""A tick that stops anywhere: nothing is lost, nothing is there twice, and the next one ends the work."""

import os
import random
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import pytest
from nacl.public import PrivateKey

from burden.box.actions import tick, withdraw
from burden.box.limits import SLOTS_A_WEEK, Level
from burden.models.box import BoxLetter
from jobs.models import JobRun
from tests.box.channel import (
    MONDAY,
    NEXT_MONDAY,
    everywhere,
    keys,
    open_batch,
    released,
    send,
    texts,
    waiting,
)
from tests.box.recipients import add_recipients
from tests.effort import tries

BOX = str(Path("burden") / "box")
RUNS = str(Path("jobs") / "actions.py")


class Stopped(BaseException):
    """As when the machine stops: nothing of ours catches it."""


class StopAtLine:
    """Counts the lines of the channel that run, and when each ran first; at the given count it stops."""

    def __init__(self, at: int | None = None) -> None:
        self.at, self.passed = at, 0
        self.first: dict[tuple[str, int], int] = {}

    def __enter__(self) -> "StopAtLine":
        sys.settrace(self._enter)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, where: TracebackType | None) -> None:
        sys.settrace(None)

    def _enter(self, frame: FrameType, event: str, given: object) -> Any:
        name = frame.f_code.co_filename
        return self._count if BOX in name or name.endswith(RUNS) else None

    def _count(self, frame: FrameType, event: str, given: object) -> Any:
        if event == "line":
            self.passed += 1
            self.first.setdefault((frame.f_code.co_filename, frame.f_lineno), self.passed)
            if self.passed == self.at:
                raise Stopped
        return self._count


@pytest.fixture
def reader(folder: Path, transactional_db: None) -> PrivateKey:
    return add_recipients(Level.OWN, Level.OWN)[0]


@dataclass(frozen=True)
class Moment:
    """Files and rows of the channel, to come back to."""

    files: dict[Path, bytes]
    letters: list[BoxLetter]
    runs: list[JobRun]

    @classmethod
    def of(cls, folder: Path) -> Self:
        files = {file: file.read_bytes() for file in folder.iterdir()}
        return cls(files, list(BoxLetter.objects.all()), list(JobRun.objects.all()))

    def again(self) -> None:
        for file, content in self.files.items():
            file.write_bytes(content)
        for model in (BoxLetter, JobRun):
            model._default_manager.all().delete()
        BoxLetter.objects.bulk_create(self.letters)
        JobRun.objects.bulk_create(self.runs)


def story() -> None:
    """Letters in every place; of each two one is withdrawn."""
    tick(MONDAY)
    gone = [send("去 一")]
    send("留 一")
    tick(NEXT_MONDAY)
    gone.append(send("去 二"))
    send("留 二")
    tick(NEXT_MONDAY + timedelta(days=1))
    gone.append(send("去 三"))
    send("留 三")
    for receipt in gone:
        withdraw(receipt)


STAY = ["留 一", "留 三", "留 二"]
# The next tick of the story, on Wednesday; or the first of the week after.
NEXT = {"daily": NEXT_MONDAY + timedelta(days=2), "weekly": NEXT_MONDAY + timedelta(weeks=1)}


def first_lines(day: date) -> list[int]:
    """When each line of a tick ran for the first time."""
    with StopAtLine() as run:
        tick(day)
    return sorted(run.first.values())


@pytest.mark.parametrize("kind", NEXT)
def test_stopped_at_any_line_it_loses_and_doubles_nothing(
    reader: PrivateKey, folder: Path, kind: str
) -> None:
    story()
    before = Moment.of(folder)
    lines = first_lines(NEXT[kind])
    assert len(lines) > 150
    for line in random.sample(lines, min(tries(12, 1000), len(lines))):
        before.again()
        with StopAtLine(line), pytest.raises(Stopped):
            tick(NEXT[kind])
        let_go(folder)
        assert set(STAY) <= set(everywhere(reader)), line
        goes_on(reader, NEXT[kind], line)


def let_go(folder: Path) -> None:
    """A process that ends lets go of its lock; this one goes on, also when stopped just before it did."""
    for one in Path("/proc/self/fd").iterdir():
        if one.exists() and one.readlink() == folder / "lock":
            os.close(int(one.name))


def goes_on(reader: PrivateKey, day: date, line: int) -> None:
    """Somebody writes, then the tick comes again, and that of the next day."""
    send("新")
    tick(day)
    assert [text for text in everywhere(reader) if text.startswith("留")] == STAY, line
    tick(day + timedelta(days=1))
    assert everywhere(reader) == sorted([*STAY, "新"]), line
    left = waiting()
    assert (left.entries, left.withdrawals, left.moving) == ((), frozenset(), False), line
    assert (len(open_batch()), left.room) == (
        SLOTS_A_WEEK,
        SLOTS_A_WEEK - len(texts(open_batch(), reader)),
    ), line
    assert set(keys().letters) == open_batch().keys() | released().keys(), line
