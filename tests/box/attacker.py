"""Who wants to know who wrote a letter: has copies of every night, knows when everybody was signed in.

The attacker knows how the office works as well as the referee (`office`), reads from the copies when each
letter may have come, and names whoever was most likely to write just then. What they read it from are
functions from copies to windows; the guessing is the same for all, also for those who attack a naive build.

Not modelled: somebody who watches the process, its memory or the network while it runs; somebody who knows
styles or what only one person can know; a recipient, who reads the text.
"""

import sqlite3
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep, time_ns
from typing import Any

import numpy as np

from tests.box.office import DAY, PEOPLE, WEEK, Session, Written

Window = tuple[int, int]
Opened = Callable[[Mapping[str, bytes]], Iterable[str]]
Windows = dict[Any, Window]
# A file's time is the kernel's, which moves in steps of up to so many seconds.
COARSE = 0.01
MORNING = 4 * 60


@dataclass
class Clock:
    """Which minute of the game it was at a moment of this machine."""

    moments: list[int] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)

    def set(self, minute: int) -> None:
        self.moments.append(time_ns())
        self.minutes.append(minute)
        sleep(COARSE)

    def minute_of(self, moment: int) -> int | None:
        """None: before the game."""
        place = bisect(self.moments, moment)
        return self.minutes[place - 1] if place else None


@dataclass(frozen=True)
class Copy:
    """Of one moment: rows as they lie, content and times of the channel's files."""

    minute: int
    rows: list[tuple[str, str]]  # lookup and state, in the order of rowid
    naive: list[tuple[int, int]]  # number and minute of the naive build
    files: Mapping[str, bytes] = field(repr=False)
    times: Mapping[str, tuple[int | None, ...]]


def copy_of(minute: int, database: str, folder: Path, clock: Clock) -> Copy:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as known:
        rows = known.execute("SELECT lookup, state FROM burden_boxletter ORDER BY rowid").fetchall()
        naive = known.execute("SELECT id, created_at FROM naive_letter ORDER BY id").fetchall()
    seen = {file.name: file for file in folder.iterdir()}
    times = {
        name: (clock.minute_of(file.stat().st_mtime_ns), clock.minute_of(file.stat().st_ctime_ns))
        for name, file in seen.items()
    }
    return Copy(minute, rows, naive, {name: file.read_bytes() for name, file in seen.items()}, times)


class Guesser:
    """Names the likeliest writers for a window of time."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        self.start = np.array([one.start for one in sessions])
        self.end = np.array([one.end for one in sessions])
        self.person = np.array([one.person for one in sessions])
        weeks = self.start // WEEK
        mine = weeks * PEOPLE + self.person
        # In a week each who is there writes alike, in each of their sessions alike.
        there = {week: len(set(self.person[weeks == week])) for week in set(weeks)}
        self.share = np.array([1 / there[week] for week in weeks]) / np.bincount(mine)[mine]

    def chances(self, window: Window) -> Any:
        """How likely each of the seventy wrote in it; sums to one."""
        inside = np.minimum(self.end, window[1]) - np.maximum(self.start, window[0])
        part = np.clip(inside, 0, None) / (self.end - self.start)
        weights = np.bincount(self.person, weights=self.share * part, minlength=PEOPLE)
        return weights / weights.sum() if weights.sum() else np.full(PEOPLE, 1 / PEOPLE)

    def moment(self, week: int, share: float) -> int:
        """The minute of a week before which that share of its letters came, as far as one can know."""
        here = np.flatnonzero(self.start // WEEK == week)
        order = here[np.argsort(self.start[here])]
        sums = np.cumsum(self.share[order])
        return int(self.start[order[min(np.searchsorted(sums, share * sums[-1]), len(order) - 1)]])


@dataclass(frozen=True)
class Score:
    """hits: letters whose writer was named, a tie of n names counts 1/n; hoped: what the attacker expects."""

    letters: int
    hits: float
    hoped: float

    @property
    def rate(self) -> float:
        return self.hits / self.letters


def score(guesser: Guesser, windows: Mapping[Any, Window], truth: Mapping[Any, Written]) -> Score:
    hits = hoped = 0.0
    for item, written in truth.items():
        chances = guesser.chances(windows[item])
        best = np.flatnonzero(chances >= chances.max() * (1 - 1e-9))
        hoped += float(chances.max())
        hits += (written.person in best) / len(best)
    return Score(len(truth), hits, hoped / len(truth))


# --- what windows are read from ---------------------------------------------------------------------------


def by_release(copies: Iterable[Copy]) -> Windows:
    """A letter that is released on a Monday came in the week before."""
    found: Windows = {}
    for copy in copies:
        week = copy.minute // WEEK
        for lookup, state in copy.rows:
            if state == "released":
                found.setdefault(lookup, ((week - 1) * WEEK, week * WEEK))
    return found


def by_order(copies: Iterable[Copy], real: Iterable[Any], guesser: Guesser) -> Windows:
    """Released rows lie in the order in which they came: the k-th of a week came after k others."""
    weeks, known = by_release(copies := list(copies)), set(real)
    found: Windows = {}
    for first in sorted(set(weeks.values())):
        copy = next(one for one in copies if one.minute >= first[1] and _holds(one, weeks, first))
        mine = [lookup for lookup, _ in copy.rows if weeks.get(lookup) == first and lookup in known]
        for k, lookup in enumerate(mine):
            week, n = first[0] // WEEK, len(mine)
            found[lookup] = (
                guesser.moment(week, max(0, k - 1) / n),
                guesser.moment(week, min(n, k + 2) / n) + 40,
            )
    return found


def _holds(copy: Copy, weeks: Windows, week: Window) -> bool:
    return any(weeks.get(lookup) == week for lookup, _ in copy.rows)


def by_file_times(copies: Iterable[Copy]) -> Windows:
    """A file was written when something came: the last time of the week, outside the night."""
    weeks = by_release(copies := list(copies))
    seen = {minute for copy in copies for times in copy.times.values() for minute in times}
    written = sorted(minute for minute in seen if minute is not None and minute % DAY > MORNING)
    found: Windows = {}
    for lookup, (start, end) in weeks.items():
        inside = [minute for minute in written if start <= minute < end]
        found[lookup] = (inside[-1] - 5, inside[-1] + 5) if inside else (start, end)
    return found


def by_spool(copies: Iterable[Copy], opened: Opened) -> Windows:
    """With the key of the files: the day of a letter, for it waits in the spool of one day's copy."""
    found = by_release(copies := list(copies))
    before = 0
    for copy in copies:
        for lookup in opened(copy.files):
            if before < (found.get(lookup) or (0, 0))[1]:
                found[lookup] = (before, copy.minute)
        before = copy.minute
    return found


def by_number(copies: Iterable[Copy]) -> Windows:
    """The naive build without its times: between two copies of the night, in the order of its numbers."""
    found: Windows = {}
    before = 0
    for copy in copies:
        fresh = [number for number, _ in copy.naive if number not in found]
        step = (copy.minute - before) / max(1, len(fresh))
        for k, number in enumerate(fresh):
            found[number] = (int(before + max(0, k - 1) * step), int(before + (k + 2) * step))
        before = copy.minute
    return found


def by_stamp(copies: Iterable[Copy]) -> Windows:
    """The naive build: each row says when it came."""
    return {number: (minute, minute + 1) for copy in copies for number, minute in copy.naive}
