"""Who counts in a branch on a day, and how that changes from what is decided or expected today.

Projected full members = full members now − departures + expected conversions + arrivals, each on its day:

* A departure counts from the day the relation leaves (退休, 转出, 出党 …): a transfer that is decided while
  the relation is in flight still counts today and is gone on its day.
* A probationary member is expected to be a full one from the day the probation ends (extension included),
  as long as that day is still ahead; one whose day has passed stays probationary until the decision is
  entered, because no day of it is known.
* A borrowed member with a planned return leaves on the day of the return. A return in the past whose
  relation is still here counts, as the relation decides.

Days are exact: a branch that dips below a threshold between two month ends is seen.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from branches.rules.people import PARTY_MEMBER_STATUSES, EventKind, MemberStatus

DAY = timedelta(days=1)
# What may begin or end a stay; the first that fits names the change.
BEGINNINGS = (EventKind.MOVED_IN, EventKind.ADMITTED, EventKind.CONVERTED, EventKind.REGISTERED)
ENDINGS = (
    EventKind.RETIRED,
    EventKind.MOVED_OUT,
    EventKind.SUSPENDED,
    EventKind.REVOKED,
    EventKind.LEFT,
    EventKind.DECEASED,
)


@dataclass(frozen=True)
class Stay:
    """One member in one branch with one status over [since, until).

    `probation_ends` of a probationary member with all extensions, where the admission is known;
    `returns_on` the planned return of a borrowed one.
    """

    member: int
    status: MemberStatus
    since: date
    until: date | None = None
    assigned: bool = False
    probation_ends: date | None = None
    returns_on: date | None = None
    began_by: EventKind | None = None
    ended_by: EventKind | None = None

    def status_on(self, day: date, *, seen_from: date) -> MemberStatus | None:
        """What this member is here on `day`, as expected on `seen_from`; None when not here."""
        if day < self.since or (self.until is not None and day >= self.until):
            return None
        if self.returns_on is not None and seen_from < self.returns_on <= day:
            return None
        if self._converted(day, seen_from):
            return MemberStatus.FULL
        return self.status if self.status in PARTY_MEMBER_STATUSES else None

    def _converted(self, day: date, seen_from: date) -> bool:
        ends = self.probation_ends
        expected = ends is not None and seen_from < ends <= day
        return self.status == MemberStatus.PROBATIONARY and expected

    @property
    def turning_days(self) -> list[date]:
        """Days on which this member may begin to count otherwise."""
        days = (self.since, self.until, self.probation_ends, self.returns_on)
        return [day for day in days if day is not None]


@dataclass(frozen=True)
class Count:
    """Full, probationary and own full members."""

    full: int = 0
    probationary: int = 0
    own: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.full + other.full, self.probationary + other.probationary, self.own + other.own
        )

    def __neg__(self) -> Self:
        return type(self)(-self.full, -self.probationary, -self.own)

    @property
    def members(self) -> int:
        return self.full + self.probationary


NOTHING = Count()
EXPECTED_CONVERSION = "预备期满预计转正"


@dataclass(frozen=True)
class Change:
    """One member counting otherwise from that day on; `expected` when it is a rule's day, not a decision."""

    on: date
    member: int
    what: EventKind
    count: Count
    expected: bool = False

    @property
    def words(self) -> str:
        return EXPECTED_CONVERSION if self.expected else self.what.label


def counted(status: MemberStatus | None, *, assigned: bool) -> Count:
    if status == MemberStatus.FULL:
        return Count(1, 0, 0 if assigned else 1)
    return Count(0, 1, 0) if status == MemberStatus.PROBATIONARY else NOTHING


@dataclass(frozen=True)
class Projection:
    """Counts from `on` to `end`: what is true on `on`, and every change after it in the order of days."""

    on: date
    end: date
    now: Count
    changes: tuple[Change, ...]

    def at(self, day: date) -> Count:
        """Counts at the end of that day."""
        return sum((change.count for change in self.changes if change.on <= day), self.now)

    def course(self, until: date | None = None) -> list[tuple[date, Count]]:
        """The counts of `on` and of each later day on which they change, up to `until`."""
        course, current = [(self.on, self.now)], self.now
        for change in self.changes:
            if until is not None and change.on > until:
                break
            current += change.count
            if course[-1][0] == change.on:
                course.pop()
            course.append((change.on, current))
        return course

    def first(self, holds: Callable[[Count], bool]) -> tuple[date, Count] | None:
        """The first day, `on` included, whose counts satisfy the condition."""
        return next((point for point in self.course() if holds(point[1])), None)

    def lowest_full(self, until: date) -> int:
        return min(count.full for _, count in self.course(until))

    def own_after_departures(self, until: date) -> int:
        """Own full members of today less those known to be gone by `until`; arrivals are left out."""
        net: dict[int, int] = defaultdict(int)
        for change in self.changes:
            if change.on <= until:
                net[change.member] += change.count.own
        return self.now.own + sum(min(own, 0) for own in net.values())


def project(stays: Sequence[Stay], *, on: date, end: date) -> Projection:
    """Add up the stays of one branch."""
    statuses = (counted(stay.status_on(on, seen_from=on), assigned=stay.assigned) for stay in stays)
    return Projection(on, end, sum(statuses, NOTHING), tuple(_changes(stays, on, end)))


def _changes(stays: Iterable[Stay], on: date, end: date) -> list[Change]:
    """Changes of each member and day; two stays that follow each other on one day make one change."""
    parts: dict[tuple[date, int], list[Change]] = defaultdict(list)
    for stay in stays:
        for change in _changes_of(stay, on, end):
            parts[change.on, change.member].append(change)
    merged = (_merged(found) for _, found in sorted(parts.items()))
    return [change for change in merged if change.count != NOTHING]


def _changes_of(stay: Stay, on: date, end: date) -> Iterable[Change]:
    for day in sorted({day for day in stay.turning_days if on < day <= end}):
        before = counted(stay.status_on(day - DAY, seen_from=on), assigned=stay.assigned)
        after = counted(stay.status_on(day, seen_from=on), assigned=stay.assigned)
        if before != after:
            what = _reason(stay, day)
            expected = what is EventKind.CONVERTED and day not in (stay.since, stay.until)
            yield Change(day, stay.member, what, -before + after, expected)


def _reason(stay: Stay, day: date) -> EventKind:
    if day == stay.until:
        return stay.ended_by or EventKind.MOVED_OUT
    if day == stay.returns_on:
        return EventKind.RETURNED
    if day == stay.since:
        return stay.began_by or EventKind.MOVED_IN
    return EventKind.CONVERTED


def _merged(found: Sequence[Change]) -> Change:
    first = found[0]
    if len(found) == 1:
        return first
    count = sum((change.count for change in found), NOTHING)
    converted = count.full > 0 > count.probationary
    arrival = next((c for c in found if c.count.members > 0), first)
    what = EventKind.CONVERTED if converted else arrival.what
    return Change(first.on, first.member, what, count, any(change.expected for change in found))


def planned_return(events: Iterable[tuple[date, EventKind]], *, on: date) -> date | None:
    """The first day after `on` on which a borrowed member returns to the own department.

    A return that ends a secondment from here (挂职借调外出) brings the member back and is none.
    """
    away = False
    for day, kind in sorted(events):
        if kind is EventKind.SECONDED:
            away = True
        elif kind is EventKind.RETURNED:
            if not away and day > on:
                return day
            away = False
    return None
