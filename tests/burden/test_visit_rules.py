"""The overlap finder and the merge proposals against a slow and simple second opinion, on random plans."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burden.rules.visit_frequency import ends_clean, fewer, fewer_words
from burden.rules.visit_merging import MOST_MERGED, Ground, Merge, merge_of, propose_merges
from burden.rules.visits import Clash, ClashKind, Limits, Look, clashes_of, clause_key, find_clashes
from periods.calendars import WorkCalendar
from periods.occurrences import BusySeason
from tests.effort import tries

FIRST = date(2026, 1, 1)
CALENDAR = WorkCalendar(known_years=frozenset({2026}))
SEASONS = {1: [BusySeason("08-01", "08-20")], 2: [BusySeason("12-20", "01-10")]}
CLAUSES = ("meetings", "dues", "own:x")


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def days_of(look: Look) -> list[date]:
    return [look.since + timedelta(days=n) for n in range((look.until - look.since).days + 1)]


@st.composite
def plans(draw: st.DrawFn, most: int = 9, spread: int = 364) -> list[Look]:
    looks = []
    for n in range(draw(st.integers(0, most))):
        since = draw(st.integers(0, spread))
        looks.append(
            Look(
                key=f"v{n}",
                since=day(since),
                until=day(since + draw(st.integers(0, 12))),
                places=draw(st.frozensets(st.integers(1, 4), min_size=1)),
                clauses=draw(st.frozensets(st.sampled_from(CLAUSES))),
                minutes=draw(st.sampled_from([30, 60, 120])),
            )
        )
    return looks


Fact = tuple[str, frozenset[str], int, str, str, int]


def facts(clashes: Sequence[Clash]) -> list[Fact]:
    """One fact for each branch of each clash."""
    return sorted(
        (
            (c.kind, frozenset(c.visits), place, c.quarter, c.clause, c.number)
            for c in clashes
            for place in c.places
        ),
        key=order,
    )


def order(fact: Fact) -> tuple[object, ...]:
    return fact[0], sorted(fact[1]), *fact[2:]


def slowly(looks: Sequence[Look], limits: Limits) -> list[Fact]:
    """Branch by branch, day by day, with the quarters looked up in a table."""
    return sorted((fact for place in range(1, 5) for fact in _of_place(place, looks, limits)), key=order)


def _of_place(place: int, looks: Sequence[Look], limits: Limits) -> Iterator[Fact]:
    mine = [look for look in looks if place in look.places]
    for one, other in combinations(mine, 2):
        apart = min(abs((a - b).days) for a in days_of(one) for b in days_of(other))
        if apart < limits.gap_days:
            yield ClashKind.GAP.value, frozenset({one.key, other.key}), place, "", "", apart
    for year in (2026, 2027):
        for number, months in enumerate(((1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11, 12)), start=1):
            there = [look for look in mine if look.since.year == year and look.since.month in months]
            quarter = f"{year}Q{number}"
            if len(there) > limits.per_quarter:
                keys = frozenset(look.key for look in there)
                yield ClashKind.TOO_MANY.value, keys, place, quarter, "", len(there)
            for clause in CLAUSES:
                keys = frozenset(look.key for look in there if clause in look.clauses)
                if len(keys) > limits.same_clause:
                    yield ClashKind.SAME_CLAUSE.value, keys, place, quarter, clause, len(keys)
    for look in mine:
        if any(_busy(place, one) for one in days_of(look)):
            busiest = max(sum(_busy(p, one) for one in days_of(look)) for p in look.places)
            yield ClashKind.BUSY.value, frozenset({look.key}), place, "", "", busiest


def _busy(place: int, one: date) -> bool:
    month_day = (one.month, one.day)
    if place == 1:
        return (8, 1) <= month_day <= (8, 20)
    return place == 2 and (month_day >= (12, 20) or month_day <= (1, 10))


@settings(max_examples=tries(150, 3000), deadline=None)
@given(plans(), st.integers(0, 60), st.integers(0, 3), st.integers(0, 2))
def test_the_finder_finds_what_a_slow_search_finds(
    looks: list[Look], gap: int, per_quarter: int, same: int
) -> None:
    limits = Limits(gap, per_quarter, same)
    found = find_clashes(looks, limits, SEASONS)
    assert facts(found) == slowly(looks, limits)
    assert found == find_clashes(list(reversed(looks)), limits, SEASONS)


def look(key: str, since: str, until: str = "", places: tuple[int, ...] = (1,), *clauses: str) -> Look:
    start = date.fromisoformat(f"2026-{since}")
    end = date.fromisoformat(f"2026-{until}") if until else start
    return Look(key, start, end, frozenset(places), frozenset(clauses), 60)


LIMITS = Limits(gap_days=30, per_quarter=2, same_clause=1)


@pytest.mark.parametrize(
    ("since", "clashes"),
    [("04-10", [0]), ("05-09", [29]), ("05-10", []), ("03-12", [29]), ("03-11", [])],
)
def test_the_gap_is_counted_from_the_last_day_to_the_first(since: str, clashes: list[int]) -> None:
    found = find_clashes([look("a", "04-10"), look("b", since)], LIMITS, {})
    assert [clash.number for clash in found if clash.kind == ClashKind.GAP] == clashes


def test_one_matter_is_said_once_with_all_its_branches() -> None:
    looks = [look("a", "04-01", "", (1, 2, 3), "dues"), look("b", "06-30", "", (2, 3), "dues", "meetings")]
    (only,) = find_clashes(looks, LIMITS, {})
    assert only == Clash("same_clause", ("a", "b"), (2, 3), 2, "2026Q2", "dues")
    assert (clashes_of("a", [only]), clashes_of("c", [only])) == ([only], [])


def test_an_own_line_is_the_same_clause_however_it_is_spaced() -> None:
    assert clause_key("烟叶 收购A 台账") == clause_key("烟叶收购a台账") != clause_key("烟叶台账")


# --- merging -------------------------------------------------------------------------------------------


def ground(gap: int = 30, earliest: date = FIRST) -> Ground:
    return Ground(gap, CALENDAR, SEASONS, earliest)


def partitions(items: list[Look]) -> Iterator[list[list[Look]]]:
    if not items:
        yield []
        return
    first, *rest = items
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for n, group in enumerate(smaller):
            yield [*smaller[:n], [first, *group], *smaller[n + 1 :]]


def window(group: list[Look], earliest: date) -> tuple[int, int, date, date] | None:
    """Busy days and moved days of the best window, trying every day."""
    long = max(1, *(sum(one.weekday() < 5 for one in days_of(look)) for look in group))
    places = set().union(*(look.places for look in group))
    best = None
    start = min(look.since for look in group)
    while start <= max(look.until for look in group):
        if start.weekday() < 5 and start >= earliest:
            covered = [start]
            while sum(one.weekday() < 5 for one in covered) < long:
                covered.append(covered[-1] + timedelta(days=1))
            busy = sum(any(_busy(place, one) for place in places) for one in covered)
            moved = sum(abs((start - look.since).days) for look in group)
            option = (busy, moved, start, covered[-1])
            best = option if best is None else min(best, option)
        start += timedelta(days=1)
    return best


def two_parts(group: list[Look]) -> Iterator[tuple[list[Look], list[Look]]]:
    for size in range(1, len(group)):
        for part in combinations(group, size):
            yield list(part), [look for look in group if look not in part]


def worth(group: list[Look], gap: int, earliest: date) -> tuple[int, ...] | None:
    """Score of one group; None where it is no merge."""
    for one, other in combinations(group, 2):
        if min(abs((a - b).days) for a in days_of(one) for b in days_of(other)) >= gap:
            return None
    if any(
        not set().union(*(look.places for look in part)) & set().union(*(look.places for look in rest))
        for part, rest in two_parts(group)
    ):
        return None
    spared, minutes = 0, 0
    for place in range(1, 5):
        there = sorted(look.minutes for look in group if place in look.places)
        spared += len(there[:-1])
        minutes += sum(there[:-1])
    found = window(group, earliest)
    if not spared or found is None or len(group) > MOST_MERGED:
        return None
    return spared, minutes, -found[0], -found[1], -len(group)


def best_by_trying(looks: list[Look], gap: int, earliest: date) -> tuple[int, ...]:
    totals = []
    for parts in partitions(looks):
        scores = [worth(group, gap, earliest) for group in parts if len(group) > 1]
        if None not in scores:
            totals.append(tuple(map(sum, zip((0,) * 5, *filter(None, scores), strict=True))))
    return max(totals)


def total(merges: Sequence[Merge]) -> tuple[int, ...]:
    return tuple(map(sum, zip((0,) * 5, *(merge.score for merge in merges), strict=True)))


@settings(max_examples=tries(60, 1500), deadline=None)
@given(plans(most=6, spread=80), st.integers(1, 45), st.integers(0, 60))
def test_no_other_way_to_merge_is_better(looks: list[Look], gap: int, earliest: int) -> None:
    where = ground(gap, day(earliest))
    found = propose_merges(looks, where)
    assert total(found) == best_by_trying(looks, gap, day(earliest))
    assert found == propose_merges(list(reversed(looks)), where)
    merged = [key for merge in found for key in merge.visits]
    assert len(merged) == len(set(merged))


def test_a_visit_that_goes_elsewhere_is_not_merged_for_its_days() -> None:
    """For two of them no day is left; the day of the third, at another branch, is not theirs."""
    looks = [look("a", "01-01", "", (1,)), look("b", "01-01", "", (1,)), look("c", "01-01", "01-02", (2,))]
    assert propose_merges(looks, ground(earliest=date(2026, 1, 2))) == []


def test_a_proposal_says_what_it_saves() -> None:
    looks = [
        look("a", "03-02", "03-03", (1, 2)),
        look("b", "03-12", "", (2, 3)),
        look("c", "09-01", "", (2,)),
    ]
    (merge,) = propose_merges(looks, ground())
    assert (merge.visits, merge.places, merge.saved_visits, merge.saved_minutes) == (
        ("a", "b"),
        (1, 2, 3),
        1,
        60,
    )
    # The longest takes two workdays, and the days between the two starts are all as good: the first is taken.
    assert (merge.since, merge.until, merge.moved_days) == (date(2026, 3, 2), date(2026, 3, 3), 10)


def test_a_merged_visit_leaves_the_busy_season_where_it_can() -> None:
    looks = [look("a", "07-31"), look("b", "08-05")]
    merge = merge_of(looks, ground())
    assert merge is not None
    assert (merge.since, merge.busy) == (date(2026, 7, 31), 0)
    late = merge_of(looks, ground(earliest=date(2026, 8, 3)))
    assert late is not None
    assert (late.since, late.busy) == (date(2026, 8, 3), 1)
    assert merge_of(looks, ground(earliest=date(2026, 8, 6))) is None


def test_large_heaps_are_cut_by_time_and_every_visit_is_used_once() -> None:
    looks = [look(f"v{n:02}", f"03-{n + 2:02}") for n in range(25)]
    found = propose_merges(looks, ground())
    merged = [key for merge in found for key in merge.visits]
    assert len(merged) == len(set(merged)) >= 24
    assert max(len(merge.visits) for merge in found) == MOST_MERGED


# --- frequency -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "clean"),
    [([], False), ([0, 0], False), ([0, 0, 0], True), ([2, 0, 0, 0], True), ([0, 0, 0, 1], False)],
)
def test_three_visits_in_a_row_without_findings(found: list[int], clean: bool) -> None:
    assert ends_clean(found) is clean


@pytest.mark.parametrize(("times", "less"), [(4, 3), (2, 1), (1, 0)])
def test_one_visit_less(times: int, less: int) -> None:
    assert fewer(times) == less
    assert (f"减为 {less} 次" in fewer_words(times)) is (times > 1)
