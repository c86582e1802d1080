"""Which visits could be one; no ORM, no clock.

Visits may be merged when each is nearer to each other than the gap that branches should have, and when they
hang together by their branches: a visit that goes elsewhere saves nobody anything. The merged visit takes as
many workdays as its longest part, and of each branch as many minutes as the longest of those that would have
come there. Its days lie between the first and the last day of its parts, outside a busy season where that is
possible, as near as possible to what was planned.

Of all ways to merge, the plan spares the most receptions, then the most minutes, then touches the fewest
busy days, then moves visits by the fewest days, then leaves the most visits as they are. Up to SMALL visits
that hang together this is the best of all ways; larger heaps are cut by time first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations

from burden.rules.visits import Look, busy_days, days_apart
from periods.calendars import WorkCalendar
from periods.occurrences import BusySeason

# More than so many offices at once are no visit any more.
MOST_MERGED = 4
# So many visits that hang together are solved exactly.
SMALL = 10
Score = tuple[int, int, int, int, int]
NOTHING: Score = (0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Merge:
    """Visits that could be one, and what that saves over all branches."""

    visits: tuple[str, ...]
    since: date
    until: date
    places: tuple[int, ...]
    saved_visits: int
    saved_minutes: int
    busy: int
    moved_days: int

    @property
    def score(self) -> Score:
        return (self.saved_visits, self.saved_minutes, -self.busy, -self.moved_days, -len(self.visits))


@dataclass(frozen=True)
class Ground:
    """What merging has to heed: no merged visit begins before `earliest`."""

    gap_days: int
    calendar: WorkCalendar
    seasons: Mapping[int, Sequence[BusySeason]]
    earliest: date


def propose_merges(looks: Iterable[Look], ground: Ground) -> list[Merge]:
    """The plan of merges, by their first day."""
    chosen: list[Merge] = []
    for heap in _heaps(sorted(looks, key=lambda look: (look.since, look.until, look.key)), ground):
        for n in range(0, len(heap), SMALL):
            chosen += _Search(heap[n : n + SMALL], ground).best
    return sorted(chosen, key=lambda merge: (merge.since, merge.visits))


def merge_of(looks: Sequence[Look], ground: Ground) -> Merge | None:
    """These visits as one; None where they lie too far apart, nothing is saved or no day is left."""
    if any(days_apart(one, other) >= ground.gap_days for one, other in combinations(looks, 2)):
        return None
    if not _hang_together(looks):
        return None
    places = tuple(sorted(frozenset[int]().union(*(look.places for look in looks))))
    received = [[look.minutes for look in looks if place in look.places] for place in places]
    saved = sum(len(minutes) - 1 for minutes in received)
    days = _days(looks, places, ground) if saved else None
    if days is None:
        return None
    return Merge(
        visits=tuple(sorted(look.key for look in looks)),
        since=days[2],
        until=days[3],
        places=places,
        saved_visits=saved,
        saved_minutes=sum(sum(minutes) - max(minutes) for minutes in received),
        busy=days[0],
        moved_days=days[1],
    )


def _hang_together(looks: Sequence[Look]) -> bool:
    """From each visit to each other by branches that two of them go to."""
    reached, left = looks[0].places, list(looks[1:])
    while near := [look for look in left if look.places & reached]:
        reached = reached.union(*(look.places for look in near))
        left = [look for look in left if look not in near]
    return not left


def _days(looks: Sequence[Look], places: Sequence[int], ground: Ground) -> tuple[int, int, date, date] | None:
    """Busy days, days moved, first and last day of the best window; None without any."""
    calendar = ground.calendar
    long = max(1, *(calendar.workdays_between(look.since, look.until) for look in looks))
    day, last = max(min(look.since for look in looks), ground.earliest), max(look.until for look in looks)
    seasons = {season for place in places for season in ground.seasons.get(place, ())}
    windows = []
    while day <= last:
        if calendar.is_workday(day):
            until = calendar.add_workdays(day, long - 1)
            moved = sum(abs((day - look.since).days) for look in looks)
            windows.append((busy_days(day, until, seasons), moved, day, until))
        day += timedelta(days=1)
    return min(windows, default=None)


def _heaps(looks: Sequence[Look], ground: Ground) -> Iterator[list[Look]]:
    """Visits that hang together: each shares a branch with a near one of its heap."""
    left = list(looks)
    while left:
        heap = [left.pop(0)]
        for member in heap:
            near = [
                look
                for look in left
                if look.places & member.places and days_apart(look, member) < ground.gap_days
            ]
            heap += near
            left = [look for look in left if look not in near]
        yield sorted(heap, key=lambda look: (look.since, look.until, look.key))


class _Search:
    """The best way to part a few visits into merges and visits left alone; visits are bits of a number."""

    def __init__(self, looks: Sequence[Look], ground: Ground) -> None:
        self.looks, self.ground = looks, ground
        self.known: dict[int, tuple[Score, tuple[Merge, ...]]] = {0: (NOTHING, ())}

    @cached_property
    def merges(self) -> dict[int, Merge]:
        found = {}
        for size in range(2, min(MOST_MERGED, len(self.looks)) + 1):
            for chosen in combinations(range(len(self.looks)), size):
                if merge := merge_of([self.looks[n] for n in chosen], self.ground):
                    found[sum(1 << n for n in chosen)] = merge
        return found

    @property
    def best(self) -> tuple[Merge, ...]:
        return self._best((1 << len(self.looks)) - 1)[1]

    def _best(self, left: int) -> tuple[Score, tuple[Merge, ...]]:
        if left not in self.known:
            first = left & -left
            options = [self._best(left ^ first)]
            for bits, merge in self.merges.items():
                if bits & first and bits & left == bits:
                    score, others = self._best(left ^ bits)
                    options.append((_sum(score, merge.score), (merge, *others)))
            top = max(score for score, _ in options)
            self.known[left] = min((o for o in options if o[0] == top), key=lambda option: _names(option[1]))
        return self.known[left]


def _sum(one: Score, other: Score) -> Score:
    a, b, c, d, e = (x + y for x, y in zip(one, other, strict=True))
    return a, b, c, d, e


def _names(merges: Iterable[Merge]) -> list[tuple[str, ...]]:
    return sorted(merge.visits for merge in merges)
