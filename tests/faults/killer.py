"""Work of the product that is killed with SIGKILL in a forked child, half of the times at a line of the
product's code, half at a moment, perhaps inside a commit of the database."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NoReturn

from django.db import connections

OURS = str(Path(__file__).parents[2]) + os.sep
NOT_OURS = (os.path.join(OURS, "tests"), os.path.join(OURS, ".venv"))
# Until a kind of work is known.
FIRST_LINES, FIRST_SECONDS = 1_500, 0.1
Work = Callable[[], object]


def is_ours(file: str) -> bool:
    return file.startswith(OURS) and not file.startswith(NOT_OURS)


def counting_lines(reached: Callable[[int], None]) -> None:
    """Calls back with the number of each line of the product that this process runs."""
    passed = 0

    def count(frame: FrameType, event: str, given: object) -> Any:
        nonlocal passed
        if not is_ours(frame.f_code.co_filename):
            return None
        if event == "line":
            passed += 1
            reached(passed)
        return count

    sys.settrace(count)


@dataclass
class Killer:
    """Kills work at a random point; how long a kind of work is, it learns from those that were not killed."""

    chance: Random
    lines: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    tried: int = 0

    def run(self, name: str, work: Work) -> bool:
        """Whether the work came to its end."""
        self.tried += 1
        connections.close_all()
        ended = self._by_line(name, work) if self.tried % 2 else self._at_moment(name, work)
        self.seen[name] = self.seen.get(name, 0) + (not ended)
        return ended

    def _by_line(self, name: str, work: Work) -> bool:
        """A child that comes to its end says how many lines that took."""
        last = self.chance.randint(1, max(self.lines.get(name, FIRST_LINES), 1))
        told, tell = os.pipe()
        child = os.fork()
        if not child:
            os.close(told)
            in_child(partial(_to_line, work, last, tell))
        os.close(tell)
        ended = _ended(child)
        with os.fdopen(told) as answer:
            lines = answer.read()
        if ended:
            self.lines[name] = int(lines)
        return ended

    def _at_moment(self, name: str, work: Work) -> bool:
        began = time.monotonic()
        child = os.fork()
        if not child:
            in_child(work)
        time.sleep(self.chance.random() * self.seconds.get(name, FIRST_SECONDS))
        if os.waitpid(child, os.WNOHANG)[0]:
            self.seconds[name] = time.monotonic() - began
            return True
        os.kill(child, signal.SIGKILL)
        return _ended(child)


def _to_line(work: Work, last: int, tell: int) -> None:
    passed = 0

    def reached(line: int) -> None:
        nonlocal passed
        passed = line
        if line == last:
            os.kill(os.getpid(), signal.SIGKILL)

    counting_lines(reached)
    work()
    sys.settrace(None)
    os.write(tell, str(passed).encode())


def in_child(work: Work) -> NoReturn:
    """Nothing of the parent's is closed or written twice."""
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _ended(child: int) -> bool:
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return False
    if os.waitstatus_to_exitcode(status):
        raise ChildProcessError("the work broke by itself")
    return True
