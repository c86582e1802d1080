"""Every group the rules allow: neighbours within the distance, of a size and with somebody to lead.

A group is grown branch by branch. Distance, units, members and (where asked) one line only get worse by
growing, so a group that breaks one of them is cut off with everything above it; nothing that could be
chosen is lost. One healthy branch at most joins a group: it has enough own members and a secretary, so a
second one could be left out without breaking anything, and changing fewer healthy branches is an aim.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from branches.planning.facts import WEIGHTS, Preferences, Question, Site
from branches.planning.geography import distances_hm

# So many groups can be weighed in time; beyond, each branch looks at its nearest neighbours only.
MOST_GROUPS = 40_000
NEIGHBOURS = (16, 12, 10, 8, 7, 6, 5)


@dataclass(frozen=True, slots=True)
class Group:
    """Branches that could become one, or one branch alone; numbers are of the day everything known is over.

    `travel` is persons times hundreds of metres of one meeting at the seat, `points` the weighed aims in
    tenths, both whole numbers.
    """

    members_of: tuple[int, ...]
    seat: int
    own: int
    full: int
    members: int
    units: int
    lines: int
    hosts: int
    diameter: int
    travel: int
    points: int
    placed: bool

    @property
    def joint(self) -> bool:
        return len(self.members_of) > 1

    @property
    def aims(self) -> tuple[int, int, int, int]:
        """Left below the least number, additional lines, healthy branches changed, points: in this order."""
        return (0 if self.placed else 1, self.lines - 1, self.hosts, self.points)


@dataclass(frozen=True)
class Possible:
    """The groups, and whether neighbours had to be left out: None says that all groups are there."""

    groups: tuple[Group, ...]
    distances: list[list[int | None]]
    nearest_only: int | None = None


class _TooManyError(Exception):
    pass


def possible_groups(question: Question, *, most: int = MOST_GROUPS) -> Possible:
    """All groups; where they are more than `most`, those among nearest neighbours, as many as fit."""
    distances = distances_hm(question.sites)
    for nearest in (None, *NEIGHBOURS):
        try:
            groups = _Finder(question, distances, nearest, most).all()
        except _TooManyError:
            continue
        return Possible(groups, distances, nearest)
    return Possible(_Finder(question, distances, 4, len(question.sites) * 100).all(), distances, 4)


def make_group(question: Question, distances: list[list[int | None]], chosen: Sequence[int]) -> Group:
    """The figures of one group, whether or not the rules allow it."""
    members_of = tuple(sorted(chosen))
    sites, wishes = [question.sites[n] for n in members_of], question.preferences
    seat, travel = _seat(members_of, sites, distances)
    own, full = sum(s.own_after for s in sites), sum(s.full_after for s in sites)
    units = sum(s.units for s in sites)
    joint = len(members_of) > 1
    led = not joint or any(s.leaders for s in sites)
    return Group(
        members_of=members_of,
        seat=seat,
        own=own,
        full=full,
        members=sum(s.members_now for s in sites),
        units=units,
        lines=len({s.line for s in sites}),
        hosts=sum(s.host for s in sites) if joint else 0,
        diameter=max((distances[n][m] or 0 for n in members_of for m in members_of), default=0),
        travel=travel,
        points=travel + 10 * sum(extra_points(own, full, units if joint else 0, wishes)),
        placed=own >= wishes.least_own and led and (joint or wishes.alone),
    )


class ExtraPoints(NamedTuple):
    """What one group costs beside travel, in person-kilometres of one meeting."""

    branch: int
    size: int
    units: int
    no_buffer: int


def extra_points(own: int, full: int, units: int, wishes: Preferences) -> ExtraPoints:
    persons = max(wishes.preferred_low - full, full - wishes.preferred_high, 0)
    return ExtraPoints(
        branch=WEIGHTS.branch,
        size=WEIGHTS.person_off_size * persons,
        units=WEIGHTS.unit_over * max(units - wishes.preferred_units, 0),
        no_buffer=WEIGHTS.no_buffer if own == wishes.least_own else 0,
    )


def _seat(
    members_of: tuple[int, ...], sites: Sequence[Site], distances: list[list[int | None]]
) -> tuple[int, int]:
    """The branch to which everybody travels least, the first by code among equals."""
    travels = [
        sum(site.members_after * (distances[n][seat] or 0) for n, site in zip(members_of, sites, strict=True))
        for seat in members_of
    ]
    least = min(travels)
    return members_of[travels.index(least)], least


class _Finder:
    """Grows groups in the order of the codes, so that each is found once."""

    def __init__(
        self, question: Question, distances: list[list[int | None]], nearest: int | None, most: int
    ) -> None:
        self.question, self.distances, self.most = question, distances, most
        self.wishes, self.found = question.preferences, 0
        self.near = _both_ways([self._neighbours(n, nearest) for n in range(len(question.sites))])

    def all(self) -> tuple[Group, ...]:
        alone = [make_group(self.question, self.distances, [n]) for n in self.question.to_place]
        grown: list[Group] = []
        for n, site in enumerate(self.question.sites):
            later = self.near[n] >> (n + 1) << (n + 1)
            grown += self._grow([n], later, site.units, site.members_now, site.host)
        return (*alone, *grown)

    def _grow(self, chosen: list[int], later: int, units: int, members: int, hosted: bool) -> Iterator[Group]:
        for n in _bits(later):
            site = self.question.sites[n]
            more, people = units + site.units, members + site.members_now
            if more > self.wishes.most_units or people > self.wishes.most_members or (hosted and site.host):
                continue
            together = [*chosen, n]
            group = make_group(self.question, self.distances, together)
            if group.placed:
                self._count()
                yield group
            beyond = later & self.near[n] >> (n + 1) << (n + 1)
            yield from self._grow(together, beyond, more, people, hosted or site.host)

    def _count(self) -> None:
        self.found += 1
        if self.found > self.most:
            raise _TooManyError

    def _neighbours(self, n: int, nearest: int | None) -> list[int]:
        """Who may stand in one group with this branch."""
        near = [m for m in range(len(self.question.sites)) if m != n and self._fit(n, m)]
        if nearest is not None:
            near = sorted(near, key=lambda m: (self.distances[n][m] or 0, m))[:nearest]
        return near

    def _fit(self, n: int, m: int) -> bool:
        one, other, apart = self.question.sites[n], self.question.sites[m], self.distances[n][m]
        if apart is None or apart > self.wishes.distance_hm:
            return False
        if (one.host or other.host) and not self.wishes.hosts:
            return False
        return not (one.host and other.host) and (not self.wishes.same_line or one.line == other.line)


def _both_ways(near: list[list[int]]) -> list[int]:
    """Neighbours as bits; whoever is near to one is its neighbour too, so that the order says nothing."""
    masks = [0] * len(near)
    for n, others in enumerate(near):
        for m in others:
            masks[n] |= 1 << m
            masks[m] |= 1 << n
    return masks


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
