"""Ticks that are killed: python -m tests.box.ticking KILLS SEED, in a process of its own with its database.

Each time, letters wait and one is withdrawn; a forked child runs the tick and is killed with SIGKILL, half of
the times at a line of the channel's code, half at a moment (perhaps inside the database's own commit). Then
somebody writes, the tick comes again, and every letter must be there once. Prints what it saw as JSON.
"""

import json
import os
import signal
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import django

OURS = (str(Path("burden") / "box"), str(Path("jobs") / "actions.py"))
LINES = 1500  # of ours; a tick runs more


def die_at_line(at: int) -> None:
    """The process kills itself when it has run so many lines of ours."""
    passed = 0

    def count(frame: FrameType, event: str, given: object) -> Any:
        nonlocal passed
        if not any(one in frame.f_code.co_filename for one in OURS):
            return None
        if event == "line":
            passed += 1
            if passed == at:
                os.kill(os.getpid(), signal.SIGKILL)
        return count

    sys.settrace(count)


def main(kills: int, chance: Random) -> dict[str, int]:
    django.setup()
    # Only now: models need the apps.
    from django.db import connections  # noqa: PLC0415

    from burden.box.actions import tick, withdraw  # noqa: PLC0415
    from burden.box.limits import Level  # noqa: PLC0415
    from tests.box.channel import MONDAY, everywhere, send, waiting  # noqa: PLC0415
    from tests.box.recipients import add_recipients  # noqa: PLC0415

    def killed_tick(day: date) -> bool:
        """Whether the kill came before the tick ended."""
        connections.close_all()
        child = os.fork()
        if not child:
            if by_line:
                die_at_line(chance.randint(1, LINES))
            tick(day)
            os._exit(0)
        if not by_line:
            time.sleep(chance.random() * longest)
            os.kill(child, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])

    reader = add_recipients(Level.OWN, Level.OWN)[0]
    began = time.monotonic()
    tick(MONDAY)
    longest = time.monotonic() - began
    seen = {"killed": 0, "lost": 0, "doubled": 0, "stuck": 0}
    kept: list[str] = []
    for n in range(kills):
        day, by_line = MONDAY + timedelta(days=n + 1), bool(n % 2)
        fresh = [f"{n} {k}" for k in range(2)]
        for text in fresh:
            send(text)
        withdraw(send(f"{n} gone"))
        kept += fresh
        seen["killed"] += killed_tick(day)
        there = everywhere(reader)
        seen["lost"] += len(set(kept) - set(there))
        tick(day)
        there = everywhere(reader)
        seen["lost"] += len(set(kept) - set(there))
        seen["doubled"] += len(there) - len(set(there))
        seen["stuck"] += waiting().moving or f"{n} gone" in there
    return seen


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Random(int(sys.argv[2])))))
