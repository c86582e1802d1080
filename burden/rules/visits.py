"""Which visits stand too close together or ask too much; no ORM, no clock.

A visit counts in the quarter in which it begins. The days between two visits are counted from the last day
of the earlier one to the first day of the later one; two that share a day are 0 apart.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices

from periods.occurrences import BusySeason

OWN_CLAUSE = "own:"


class ClashKind(TextChoices):
    """What is wrong; the value is also the code under which a warning is kept."""

    SAME_CLAUSE = "same_clause", "内容重复"
    GAP = "gap", "间隔太近"
    TOO_MANY = "too_many", "次数偏多"
    BUSY = "busy", "业务旺季"


@dataclass(frozen=True)
class Look:
    """A visit as these rules see it. `places`: the branches; `clauses`: categories and own lines as keys."""

    key: str
    since: date
    until: date
    places: frozenset[int]
    clauses: frozenset[str] = frozenset()
    minutes: int = 0

    @property
    def quarter(self) -> str:
        return quarter_of(self.since)


@dataclass(frozen=True)
class Limits:
    gap_days: int
    per_quarter: int
    same_clause: int
    # Workdays a branch has before a visit.
    notice: int = 0


@dataclass(frozen=True, order=True)
class Clash:
    """number: days between (GAP), visits in the quarter (SAME_CLAUSE, TOO_MANY), days touched (BUSY)."""

    kind: str
    visits: tuple[str, ...]
    places: tuple[int, ...]
    number: int
    quarter: str = ""
    clause: str = ""


def quarter_of(day: date) -> str:
    """“2026Q3”"""
    return f"{day.year}Q{(day.month + 2) // 3}"


def days_apart(one: Look, other: Look) -> int:
    return max(0, (max(one.since, other.since) - min(one.until, other.until)).days)


def clause_key(line: str) -> str:
    """The key of an own line: spaces and capitals make no other clause of it."""
    return OWN_CLAUSE + "".join(line.split()).casefold()


def find_clashes(
    looks: Iterable[Look], limits: Limits, seasons: Mapping[int, Sequence[BusySeason]]
) -> list[Clash]:
    """Everything these visits run into, each matter once with all the branches it meets, in a fixed order."""
    every = sorted(looks, key=lambda look: (look.since, look.until, look.key))
    by_place: dict[int, list[Look]] = defaultdict(list)
    for look in every:
        for place in look.places:
            by_place[place].append(look)
    found = [*_gaps(by_place, limits.gap_days), *_busy(every, seasons)]
    found += _counted(by_place, limits.per_quarter, clauses=False)
    found += _counted(by_place, limits.same_clause, clauses=True)
    return sorted(found, key=lambda clash: (_ORDER.index(clash.kind), clash))


_ORDER = list(ClashKind.values)


def clashes_of(key: str, clashes: Iterable[Clash]) -> list[Clash]:
    return [clash for clash in clashes if key in clash.visits]


def _gaps(by_place: Mapping[int, Sequence[Look]], least: int) -> list[Clash]:
    """Of the visits of a branch by their first days: behind the first that is far enough lies no near one."""
    pairs: dict[tuple[str, ...], tuple[int, set[int]]] = {}
    for place, looks in by_place.items():
        for n, earlier in enumerate(looks):
            for later in looks[n + 1 :]:
                if (later.since - earlier.until).days >= least:
                    break
                if days_apart(earlier, later) >= least:
                    continue
                pair = tuple(sorted((earlier.key, later.key)))
                pairs.setdefault(pair, (days_apart(earlier, later), set()))[1].add(place)
    return [
        Clash(ClashKind.GAP.value, pair, tuple(sorted(places)), number)
        for pair, (number, places) in pairs.items()
    ]


def _counted(by_place: Mapping[int, Sequence[Look]], most: int, *, clauses: bool) -> list[Clash]:
    """Branch and quarter (and clause) with more visits than that; branches with the same visits as one."""
    found: dict[tuple[str, str, tuple[str, ...]], set[int]] = defaultdict(set)
    for place, looks in by_place.items():
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for look in looks:
            for clause in look.clauses if clauses else ("",):
                groups[look.quarter, clause].append(look.key)
        for (quarter, clause), keys in groups.items():
            if len(keys) > most:
                found[quarter, clause, tuple(sorted(keys))].add(place)
    kind = (ClashKind.SAME_CLAUSE if clauses else ClashKind.TOO_MANY).value
    return [
        Clash(kind, keys, tuple(sorted(places)), len(keys), quarter, clause)
        for (quarter, clause, keys), places in found.items()
    ]


def _busy(looks: Iterable[Look], seasons: Mapping[int, Sequence[BusySeason]]) -> list[Clash]:
    found = []
    for look in looks:
        touched = {place: busy_days(look.since, look.until, seasons.get(place, ())) for place in look.places}
        if places := tuple(sorted(place for place, days in touched.items() if days)):
            found.append(Clash(ClashKind.BUSY.value, (look.key,), places, max(touched.values())))
    return found


def busy_days(since: date, until: date, seasons: Collection[BusySeason]) -> int:
    """How many of these days lie in a busy season."""
    days = (since + timedelta(days=n) for n in range((until - since).days + 1)) if seasons else ()
    return sum(any(season.covers(day) for season in seasons) for day in days)
