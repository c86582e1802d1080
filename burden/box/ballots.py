"""Where the answers of a running survey wait: one sealed file of one size, rewritten whole.

It holds sums alone: how often each option was chosen, and which codes (their keyed digests, in sorted
order) were used. There is no row per person, no time and no order, and the database learns nothing at all
until the round is closed; then it gets groups of at least five people (burden.rules.suppression) and the
sums are gone. A copy of the database taken between two answers therefore shows no difference.

What stays visible to who runs the machine: with the key in hand, two copies of this file taken just before
and just after one answer differ by that answer and its code. The code names nobody; who drew it is known
to nobody but its holder. The file is rewritten every minute and with every answer, so that its times
and its content say to nobody else that anything came.
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from branches.rules import Refusal
from branches.sealed import open_bytes, seal_bytes

PURPOSE = "survey ballots"
SIZE = 64 * 1024
# Long enough to tell codes apart, short enough that every code of a round finds room.
MARK_LENGTH = 32
_MOMENT = (0, 0)  # of the file's times


class BallotsFull(Refusal):
    """More codes than the file has room for; printing them is limited so that this does not happen."""

    def __init__(self) -> None:
        super().__init__("本轮问卷暂时收不下新的答卷，请告诉党总支。您的码没有用掉。")


@dataclass(frozen=True)
class Ballots:
    """The sums of one round: question → option → how often."""

    round: int = 0
    people: int = 0
    tally: dict[str, dict[str, int]] = field(default_factory=dict)
    used: frozenset[str] = frozenset()

    def knows(self, marks: list[str]) -> bool:
        return any(mark[:MARK_LENGTH] in self.used for mark in marks)

    def plus(self, answers: dict[str, str], mark: str) -> "Ballots":
        tally = {
            question: dict(sorted((Counter(self.tally.get(question, {})) + Counter([option])).items()))
            for question, option in sorted(answers.items())
        }
        return Ballots(self.round, self.people + 1, tally, self.used | {mark[:MARK_LENGTH]})


class BallotBox:
    """The file, held by one process at a time. Everything below is called with the lock in hand."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "survey"

    def read(self, round_: int) -> Ballots:
        """The sums of this round; what is left of another counts for nothing. Raises SealRefused."""
        try:
            sealed = self.file.read_bytes()
        except FileNotFoundError:
            return Ballots(round_)
        held: dict[str, Any] = json.loads(open_bytes(sealed, purpose=PURPOSE))
        if held["round"] != round_:
            return Ballots(round_)
        return Ballots(round_, held["people"], held["tally"], frozenset(held["used"]))

    def write(self, ballots: Ballots) -> None:
        """Returns when it is on the disk. Raises BallotsFull, leaving the file as it was."""
        held = {
            "round": ballots.round,
            "people": ballots.people,
            "tally": ballots.tally,
            "used": sorted(ballots.used),
        }
        text = json.dumps(held, separators=(",", ":")).encode()
        if len(text) > SIZE:
            raise BallotsFull
        self._replace(seal_bytes(text.ljust(SIZE), purpose=PURPOSE))

    def seal_anew(self) -> None:
        """With today's key, whatever it holds. Raises SealRefused."""
        try:
            sealed = self.file.read_bytes()
        except FileNotFoundError:
            return
        self._replace(seal_bytes(open_bytes(sealed, purpose=PURPOSE), purpose=PURPOSE))

    def _replace(self, content: bytes) -> None:
        made = self.file.with_suffix(".new")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.utime(handle.fileno(), _MOMENT)
            os.fsync(handle.fileno())
        made.replace(self.file)
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def ballot_box() -> Iterator[BallotBox]:
    """The box of this installation, for one process at a time."""
    folder = Path(settings.VAR_DIR) / "box"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "survey.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield BallotBox(folder)
    finally:
        os.close(lock)
