"""Rule 9, the guessing game: copies of every night do not name the writer of a letter; a naive build's do.

Seventy people with presence patterns write letters over many weeks through the real code, time handed in.
Twice a night, just before and just after the tick, somebody copies the database and every file of the
channel with its times (tests/box/attacker.py says who that is). They also know when everybody was signed
in, to the minute. Three of them are told apart:

* `copies`: everything but the two key files, which is what backups hold. They must not do better than
  1/70 + 1 point. Tried with what the release tells, with the order of rows and with the times of files.
* `machine`: the same, and the machine itself at the end, with the keys as they are then. Held to the same
  bound: the key of the spool is a new one after every tick.
* `keys`: copies of the key files of every night too; that is a person who has the running server in hand
  every day. The page says that the channel does not protect against whoever runs the server; what that
  person learns is measured here: the day of a letter, never the hour.

The same attackers must break a build that keeps a numbered row with its time, and one with numbers alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from math import ceil, exp, lgamma, log
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from burden.box.actions import accept_letter, beat, tick
from burden.box.files import KEY, BoxUnusable
from burden.box.limits import Level
from burden.box.receipts import lookup_of
from burden.box.sealing import Letter
from burden.box.shred import NAME as KEYS
from burden.box.spool import NAME as SPOOL
from burden.box.spool import Spool
from tests.box.attacker import (
    Clock,
    Copy,
    Guesser,
    Score,
    Windows,
    by_file_times,
    by_number,
    by_order,
    by_release,
    by_spool,
    by_stamp,
    copy_of,
    score,
)
from tests.box.channel import MONDAY
from tests.box.office import DAY, PEOPLE, Session, Written, letters, office
from tests.box.recipients import add_recipients
from tests.effort import tries

WEEKS, A_WEEK = tries(3, 52), tries(36, 38)
SEED = 20261123
TICK_AT, BEFORE, AFTER = 160, 150, 180  # minutes after midnight
BOUND = 1 / PEOPLE + 0.01
# So seldom would somebody who does no better than BOUND be taken for one who does.
ERROR = 0.001


@dataclass(frozen=True)
class Played:
    """What was copied, and what only the referee knows: who wrote which letter."""

    copies: list[Copy]
    sessions: list[Session]
    truth: Mapping[str, Written]
    naive_truth: Mapping[int, Written]

    @cached_property
    def guesser(self) -> Guesser:
        return Guesser(self.sessions)

    def score(self, windows: Windows) -> Score:
        return score(self.guesser, windows, self.truth)

    def naive_score(self, windows: Windows) -> Score:
        return score(self.guesser, windows, self.naive_truth)


class Game:
    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.chance = folder, Clock(), Random(SEED)
        self.copies: list[Copy] = []
        self.truth: dict[str, Written] = {}
        self.naive_truth: dict[int, Written] = {}

    def play(self) -> Played:
        sessions = office(WEEKS, self.chance)
        waiting = letters(sessions, WEEKS, A_WEEK, self.chance)
        for day in range(WEEKS * 7 + 1):
            self.night(day)
            while waiting and waiting[0].minute < (day + 1) * DAY + BEFORE:
                self.write(waiting.pop(0))
        return Played(self.copies, sessions, self.truth, self.naive_truth)

    def night(self, day: int) -> None:
        for minute, work in ((BEFORE, beat), (TICK_AT, partial(tick, MONDAY + timedelta(days=day)))):
            self.clock.set(day * DAY + minute)
            work()
            if day or work is not beat:
                self.copy(day * DAY + (BEFORE if work is beat else AFTER))

    def copy(self, minute: int) -> None:
        name = str(connection.settings_dict["NAME"])
        self.copies.append(copy_of(minute, name, self.folder, self.clock))

    def write(self, written: Written) -> None:
        self.clock.set(written.minute)
        receipt = accept_letter(Letter("other", "太多表"), Level.OWN)
        self.truth[lookup_of(receipt)] = written
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO naive_letter (created_at) VALUES (%s)", [written.minute])
            self.naive_truth[int(cursor.lastrowid)] = written


@pytest.fixture
def played(folder: Path, transactional_db: None) -> Iterator[Played]:
    add_recipients(Level.OWN, Level.OWN)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE naive_letter (id integer PRIMARY KEY AUTOINCREMENT, created_at integer NOT NULL)"
        )
    yield Game(folder).play()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE naive_letter")


def chance_of(hits: float, letters: int, rate: float = BOUND) -> float:
    """How likely somebody with that rate hits so often or more."""
    return sum(exp(_log_of(k, letters, rate)) for k in range(ceil(hits), letters + 1))


def _log_of(k: int, letters: int, rate: float) -> float:
    ways = lgamma(letters + 1) - lgamma(k + 1) - lgamma(letters - k + 1)
    return ways + k * log(rate) + (letters - k) * log(1 - rate)


def lookups_in(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """What the spool of a copy holds for who has a key to it."""
    folder.mkdir(exist_ok=True)
    for name in (KEY, SPOOL):
        (folder / name).write_bytes(files.get(name, b""))
    try:
        with Spool(folder).held() as box:
            return [entry.lookup for entry in box.read().entries]
    except BoxUnusable:
        return []


def test_copies_of_every_night_name_nobody_and_those_of_a_naive_build_do(
    played: Played, tmp_path: Path
) -> None:
    copies, guesser = played.copies, played.guesser
    assert len(played.truth) == WEEKS * A_WEEK
    attacks = {
        "release": by_release(copies),
        "order": by_order(copies, played.truth, guesser),
        "times": by_file_times(copies),
    }
    scores = {name: played.score(windows) for name, windows in attacks.items()}
    naive = {name: played.naive_score(read(copies)) for name, read in NAIVE.items()}
    every_night = by_spool(copies, lambda files: lookups_in(files, tmp_path / "keys"))
    last = copies[-1].files
    seized = by_spool(
        copies, lambda files: lookups_in({**files, KEY: last[KEY], KEYS: last[KEYS]}, tmp_path / "end")
    )
    scores["machine"], held = played.score(seized), played.score(every_night)
    for name, one in {**scores, "keys of every night": held, **naive}.items():
        print(f"{name}: {one.letters} letters, named {one.rate:.2%}, expected {one.hoped:.2%}")
    for name, one in scores.items():
        assert chance_of(one.hits, one.letters) > ERROR, (name, one)
    assert scores["release"].hoped <= BOUND
    assert scores["machine"].hoped <= BOUND
    # The same eyes see where there is something to see.
    assert chance_of(naive["stamp"].hits, naive["stamp"].letters) < ERROR, naive["stamp"]
    assert min(naive["stamp"].hoped, naive["number"].hoped) > 3 * BOUND
    assert held.hoped > 1.5 * BOUND


NAIVE = {"stamp": by_stamp, "number": by_number}
