"""What may be said of a table about few people: tried against every small table there is.

The attacker knows the code, every table that was published and the exact number of people: stronger than
anybody outside, who sees that number rounded. A publication is broken when the tables that fit it agree on
how many people stand in a part of a cell group; the same attacker breaks the naive publication.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burden.rules.questionnaire import Question, Questionnaire
from burden.rules.suppression import LEAST, Group, Mean, about, mean, published, shares, total
from burden.rules.survey_results import people_of, readings_of, tables_of

Table = tuple[int, ...]
Publication = Callable[[Table], object]
KEYS = "12345"


def tables(people: int, cells: int) -> Iterator[Table]:
    """Every way in which so many people can stand in so many cells."""
    if cells == 1:
        yield (people,)
        return
    for first in range(people + 1):
        for rest in tables(people - first, cells - 1):
            yield (first, *rest)


def attacked(publication: Publication, people: int, cells: int) -> list[list[Table]]:
    """All tables of so many people, those together that look the same when they are published."""
    alike: dict[object, list[Table]] = defaultdict(list)
    for table in tables(people, cells):
        alike[publication(table)].append(table)
    return list(alike.values())


def sums(fitting: Iterable[Table], part: Iterable[int]) -> set[int]:
    """How many people may stand in a part of the cells, by what the attacker knows."""
    return {sum(table[n] for n in part) for table in fitting}


def named(table: Table) -> dict[str, int]:
    return dict(zip(KEYS, table, strict=False))


def ours(ordered: bool) -> Publication:
    return lambda table: published(named(table), ordered=ordered)


def naive(table: Table) -> tuple[object, ...]:
    """What is usual: small cells are left blank; total and mean are true."""
    blanked = tuple(n if n >= LEAST or n == 0 else None for n in table)
    mean_score = Decimal(sum(n * score for score, n in enumerate(table, start=1))) / sum(table)
    return blanked, sum(table), mean_score.quantize(Decimal("0.01"))


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(("cells", "most"), [(2, 24), (3, 24), (4, 20), (5, 17)])
def test_no_part_of_a_group_is_told_apart_in_any_table(ordered: bool, cells: int, most: int) -> None:
    publication = ours(ordered)
    looked_at = 0
    for people in range(LEAST, most + 1):
        for fitting in attacked(publication, people, cells):
            for group in published(named(fitting[0]), ordered=ordered):
                places = [KEYS.index(key) for key in group.keys]
                assert min(sums(fitting, places)) >= LEAST
                for size in range(1, len(places)):
                    for part in combinations(places, size):
                        looked_at += 1
                        assert len(sums(fitting, part)) >= LEAST, (fitting, part)
    assert looked_at > most


def test_the_same_attack_breaks_the_naive_table() -> None:
    # 33 people of whom two said the worst: a blank and a total are enough.
    seen = naive((2, 9, 10, 6, 6))
    fitting = [table for table in tables(33, 5) if naive(table) == seen]
    assert fitting == [(2, 9, 10, 6, 6)]
    # Two blanks: the mean parts them.
    seen = naive((1, 3, 10, 12, 7))
    assert [table for table in tables(33, 5) if naive(table) == seen] == [(1, 3, 10, 12, 7)]
    # And most small tables fall: every cell of them, small ones too, is known.
    broken = [alike for n in range(10, 16) for alike in attacked(naive, n, 5) if len(alike) == 1]
    small = [table for (table,) in broken if any(0 < n < LEAST for n in table)]
    assert len(small) > 1000


def test_a_small_cell_of_the_same_tables_stays_hidden() -> None:
    for table in ((2, 9, 10, 6, 6), (1, 3, 10, 12, 7)):
        seen = published(named(table), ordered=True)
        fitting = [other for other in tables(33, 5) if published(named(other), ordered=True) == seen]
        assert min(len(sums(fitting, [n])) for n in range(5) if table[n] < LEAST) >= LEAST
        assert min(len(sums(fitting, [n])) for n in range(5)) >= 2


def a_question(code: str, options: int, *, scored: bool) -> Question:
    return Question(code, code, code, {key: f"选项{key}" for key in KEYS[:options]}, scored=scored)


PAGE = Questionnaire(1, "问卷", (a_question("load", 5, scored=True), a_question("stance", 3, scored=False)))


def page_of(load: Table, stance: Table) -> object:
    """Everything the results page, the PDF and the ledger say of one round."""
    counts = {"load": named(load), "stance": named(stance)}
    readings = readings_of(PAGE, tables_of(PAGE, counts))
    said = {code: (reading.lines, reading.mean) for code, reading in readings.items()}
    return people_of(sum(load)), sorted(said.items())


def rounds_that_fit(load: Table, stance: Table) -> list[tuple[Table, Table]]:
    """By all questions of a page together, without the number of people: it is published in fives."""
    seen, people = page_of(load, stance), sum(load)
    found = []
    for n in range(people - 4, people + 5):
        # A question says nothing of another but through the number of people, so each is tried alone first.
        loads = [t for t in tables(n, 5) if page_of(t, stance)[1][0] == seen[1][0]]  # type: ignore[index]
        stances = [t for t in tables(n, 3) if page_of(load, t)[1][1] == seen[1][1]]  # type: ignore[index]
        if people_of(n) == seen[0]:  # type: ignore[index]
            found += [(a, b) for a in loads for b in stances]
    return found


def test_all_figures_of_a_page_together_tell_no_cell() -> None:
    fitting = rounds_that_fit((1, 4, 5, 2, 0), (2, 5, 5))
    assert ((1, 4, 5, 2, 0), (2, 5, 5)) in fitting
    for n in range(5):
        assert len({load[n] for load, _ in fitting}) >= LEAST
    for n in range(3):
        assert len({stance[n] for _, stance in fitting}) >= 2
    assert len({sum(load) for load, _ in fitting}) >= 2


def test_two_rounds_side_by_side_tell_no_change_of_a_cell() -> None:
    before, after = (2, 5, 6, 5, 5), (1, 5, 7, 5, 5)
    for publication, told in ((naive, True), (ours(True), False)):
        first, second = (
            [other for other in tables(23, 5) if publication(other) == publication(table)]
            for table in (before, after)
        )
        changes = [len(minus(sums(second, [n]), sums(first, [n]))) for n in range(5)]
        assert (changes == [1] * 5, min(changes) >= LEAST) == (told, not told)


def minus(later: set[int], earlier: set[int]) -> set[int]:
    return {b - a for a in earlier for b in later}


COUNTS = st.lists(st.integers(0, 60), min_size=2, max_size=5).map(tuple)


@given(COUNTS, st.booleans())
def test_groups_share_out_the_cells_and_none_is_small(table: Table, ordered: bool) -> None:
    counts = named(table)
    groups = published(counts, ordered=ordered)
    if sum(table) < LEAST:
        assert groups == ()
        return
    assert sorted(key for group in groups for key in group.keys) == sorted(counts)
    for group in groups:
        people = sum(counts[key] for key in group.keys)
        assert people >= LEAST
        assert (group.about % LEAST, abs(group.about - people) <= 2) == (0, True)
        if ordered:
            assert "".join(group.keys) in KEYS


@pytest.mark.parametrize(
    ("table", "ordered", "groups"),
    [
        ((0, 0, 0, 0, 4), True, []),
        ((0, 0, 0, 0, 9), True, [("12345", 10)]),
        ((9, 0, 0, 0, 0), True, [("12345", 10)]),
        ((2, 9, 10, 6, 6), True, [("12", 10), ("3", 10), ("4", 5), ("5", 5)]),
        ((5, 5, 5, 5, 2), True, [("1", 5), ("2", 5), ("3", 5), ("45", 5)]),
        ((20, 1, 0, 2, 3), False, [("1", 20), ("2345", 5)]),
        ((20, 8, 0, 1, 0), False, [("1", 20), ("2345", 10)]),
        ((20, 8, 0, 0, 7), False, [("1", 20), ("2", 10), ("345", 5)]),
        ((0, 0, 6, 0, 0), False, [("12345", 5)]),
    ],
)
def test_groups_of_a_table(table: Table, ordered: bool, groups: list[tuple[str, int]]) -> None:
    assert published(named(table), ordered=ordered) == tuple(Group(tuple(keys), n) for keys, n in groups)


def test_figures_are_made_of_the_groups_alone() -> None:
    groups = (Group(("1", "2"), 10), Group(("3",), 15), Group(("4", "5"), 10))
    scores = {key: int(key) for key in KEYS}
    assert (total(groups), shares(groups)) == (35, (29, 43, 29))
    assert mean(groups, scores) == Mean(Decimal("3.0"), Decimal("2.7"), Decimal("3.3"))
    assert mean([Group(tuple(KEYS), 30)], scores) is None
    assert [about(n) for n in (5, 7, 8, 12, 13, 33)] == [5, 5, 10, 10, 15, 35]
