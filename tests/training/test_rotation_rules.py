"""The rotation plan: against every possible plan where there are few, and within its limits where many."""

from collections import Counter
from itertools import combinations, product
from random import Random

import pytest

from training.planning.rotation import turns_of, visits_of
from training.rules.rotation import Person, Question, conflicts, cost_of, needed_by_month


def small(seed: int) -> Question:
    """Three or four persons, four months; leave, wishes and new people by chance."""
    dice = Random(seed)
    months = range(1, 5)

    def some(chance: float) -> frozenset[int]:
        return frozenset(month for month in months if dice.random() < chance)

    people = [
        Person(key, frozenset({key}), some(0.25), some(0.3), dice.random() < 0.5, dice.randint(0, 1))
        for key in range(1, 4 + seed % 2)
    ]
    before = {m: frozenset({dice.choice(people).key}) for m in months} if seed % 3 == 0 else {}
    return Question(people, [1, 2, 3, 4], {month: dice.randint(1, 2) for month in months}, before=before)


def cheapest(asked: Question) -> int:
    """Every plan there is, one after the other."""
    choices = []
    for month, needed in asked.needed.items():
        there = [person.key for person in asked.people if month not in person.away]
        sizes = range(min(needed, len(there)) + 1)
        choices.append([frozenset(keys) for size in sizes for keys in combinations(there, size)])
    return min(cost_of(dict(zip(asked.needed, plan, strict=True)), asked) for plan in product(*choices))


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_is_better(seed: int) -> None:
    asked = small(seed)
    turns = turns_of(asked)
    assert (turns.gap, turns.cost, cost_of(turns.months, asked)) == (0.0, cheapest(asked), cheapest(asked))


def large() -> Question:
    people = [
        Person(
            key,
            frozenset({key, key % 40 + 1}),
            frozenset({key % 12 + 1}),
            frozenset({1, 12}),
            key % 3 > 0,
        )
        for key in range(1, 41)
    ]
    return Question(people, list(range(1, 41)), needed_by_month(2, frozenset({1, 12})))


def test_forty_workers_and_a_year_are_fair() -> None:
    asked = large()
    turns = turns_of(asked)
    visits = visits_of(asked, turns)
    used = Counter(key for keys in turns.months.values() for key in keys)
    counts = [used[person.key] for person in asked.people]
    seen = Counter(branch for branches in visits.values() for branch in branches)
    people = {person.key: person for person in asked.people}
    assert max(counts) - min(counts) <= 1
    assert {month: len(keys) for month, keys in turns.months.items()} == dict(asked.needed)
    assert [at for at, branches in visits.items() if branches & people[at[1]].closed] == []
    assert max(seen.values()) - min(seen[branch] for branch in asked.branches) <= 1
    assert [at for at in visits if at[0] in people[at[1]].away] == []


def test_who_drops_out_changes_only_the_own_turns() -> None:
    asked = large()
    turns = turns_of(asked)
    visits = visits_of(asked, turns)
    gone = {month: keys for month, keys in turns.months.items() if month <= 6}
    out = min(turns.months[9])
    rest = [person for person in asked.people if person.key != out]
    again = Question(rest, asked.branches, asked.needed, gone, turns.months, visits)
    then = turns_of(again)
    kept = {month: then.months[month] & keys for month, keys in turns.months.items()}
    assert {m: keys - then.months[m] for m, keys in turns.months.items() if keys - kept[m]} == {
        m: frozenset({out}) for m, keys in turns.months.items() if m > 6 and out in keys
    }
    assert {at: seen for at, seen in visits_of(again, then).items() if at[0] <= 6} == {
        at: seen for at, seen in visits.items() if at[0] <= 6
    }


def test_a_month_nobody_can_fill_stays_short_and_is_said() -> None:
    asked = Question([Person(1, frozenset({7}), frozenset({2}))], [7, 8], {1: 1, 2: 1})
    turns = turns_of(asked)
    visits = visits_of(asked, turns)
    assert (turns.months, visits) == ({1: frozenset({1}), 2: frozenset()}, {(1, 1): frozenset({8})})
    said = conflicts({1: {1: frozenset({7})}, 2: {}}, asked, {1: "甲"})
    assert said == {1: ["甲不能检查本支部或者结对的支部。"], 2: ["还缺 1 人。"]}
