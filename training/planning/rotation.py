"""The rotation plan by HiGHS, in two exact steps: who goes in which month, then who looks at which branch.

Turns and visits are paid by rising prices (the second costs more than the first), so that the cheapest plan
is also the evenest: no difference is larger than what leave and own branches force.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from branches.planning.linear import Row, minimise
from training.rules.rotation import (
    ADJACENT,
    BOTH_NEW,
    CHANGED,
    SHORT,
    TURN,
    UNWELCOME,
    Person,
    Question,
    Turns,
    may_go,
)

SECONDS = 4.0
# Prices of a visit: an uneven plan, then another branch than before.
UNEVEN, MOVED = 100, 1
Visits = Mapping[tuple[int, int], frozenset[int]]


@dataclass
class _Program:
    """Columns as they are added, by the name they are looked up with."""

    costs: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    places: dict[tuple[int, int], int] = field(default_factory=dict)

    def column(self, cost: int) -> int:
        self.costs.append(cost)
        return len(self.costs) - 1

    def row(self, plus: list[int], minus: list[int], low: float, high: float) -> None:
        signs = [1] * len(plus) + [-1] * len(minus)
        self.rows.append(Row([*plus, *minus], signs, low, high))

    def rising(self, counted: list[int], first: int, step: int) -> None:
        """The n-th of these costs first + n * step."""
        prices = [self.column(first + number * step) for number in range(len(counted))]
        if counted:
            self.row(counted, prices, 0, 0)


def turns_of(asked: Question, *, seconds: float = SECONDS) -> Turns:
    """Who goes in which month; a month nobody can fill stays short."""
    program = _turn_program(asked)
    answer = minimise(program.costs, program.rows, seconds=seconds)
    if answer is None:
        raise TimeoutError("no plan was found in time")
    chosen = set(answer.chosen)
    months: dict[int, set[int]] = {month: set() for month in asked.needed}
    for (key, month), place in program.places.items():
        if place in chosen:
            months[month].add(key)
    found = {month: frozenset(keys) for month, keys in months.items()} | dict(asked.fixed)
    # The turns of months gone are no choice; they cost what they cost.
    return Turns(found, answer.value, answer.gap)


def _turn_program(asked: Question) -> _Program:
    program = _Program()
    for person in asked.people:
        _turns_of_person(program, person, asked)
    people = {person.key: person for person in asked.people}
    for month, needed in asked.needed.items():
        if month in asked.fixed:
            continue
        there = {key: place for (key, at), place in program.places.items() if at == month}
        missing = [program.column(SHORT) for _ in range(needed)]
        program.row([*there.values(), *missing], [], needed, needed)
        new = [place for key, place in there.items() if not people[key].experienced]
        if len(new) > 1:
            program.row(new, [program.column(BOTH_NEW) for _ in range(needed - 1)], -needed, 1)
    return program


def _turns_of_person(program: _Program, person: Person, asked: Question) -> None:
    gone = {month for month, keys in asked.fixed.items() if person.key in keys}
    mine: dict[int, int] = {}
    for month in asked.needed:
        if month not in asked.fixed and may_go(person, month):
            mine[month] = program.column(_price(person, month, asked, gone))
            program.places[person.key, month] = mine[month]
    for month, place in mine.items():
        if month + 1 in mine:
            program.row([place, mine[month + 1]], [program.column(ADJACENT)], -1, 1)
    program.rising(list(mine.values()), TURN * (person.turns + len(gone) + 1), TURN)


def _price(person: Person, month: int, asked: Question, gone: set[int]) -> int:
    changed = asked.before and person.key not in asked.before.get(month, frozenset())
    beside_gone = len({month - 1, month + 1} & gone)
    return (CHANGED if changed else 0) + UNWELCOME * (month in person.unwelcome) + ADJACENT * beside_gone


def visits_of(asked: Question, turns: Turns, *, seconds: float = SECONDS) -> Visits:
    """Which branches each turn looks at: in a month each branch once at most, over the year about equally.

    Months gone keep theirs and count.
    """
    people = {person.key: person for person in asked.people}
    planned = [(m, key) for m, keys in turns.months.items() if m not in asked.fixed for key in sorted(keys)]
    program = _Program()
    looks = {
        (turn, branch): program.column(_moved(asked, turn, branch))
        for turn in planned
        for branch in asked.branches
        if branch not in people[turn[1]].closed
    }
    share = _share(asked, len(planned))
    for turn in planned:
        mine = [place for (one, _), place in looks.items() if one == turn]
        program.row(mine, [], min(share, len(mine)), min(share, len(mine)))
    for branch in asked.branches:
        gone = sum(branch in seen for (month, _), seen in asked.visits.items() if month in asked.fixed)
        theirs = [place for (_, at), place in looks.items() if at == branch]
        program.rising(theirs, UNEVEN * (gone + 1), UNEVEN)
        _once_a_month(program, looks, branch, {month for month, _ in planned})
    answer = minimise(program.costs, program.rows, seconds=seconds) if planned else None
    if planned and answer is None:
        raise TimeoutError("no branches were found in time")
    chosen = set(answer.chosen) if answer else set()
    found = {turn: frozenset(b for b in asked.branches if looks.get((turn, b)) in chosen) for turn in planned}
    return {**{at: seen for at, seen in asked.visits.items() if at[0] in asked.fixed}, **found}


def _moved(asked: Question, turn: tuple[int, int], branch: int) -> int:
    return 0 if not asked.visits or branch in asked.visits.get(turn, ()) else MOVED


def _once_a_month(
    program: _Program, looks: Mapping[tuple[tuple[int, int], int], int], branch: int, months: set[int]
) -> None:
    for month in sorted(months):
        there = [place for (turn, at), place in looks.items() if at == branch and turn[0] == month]
        if len(there) > 1:
            # Two may look at one branch where there are few: it costs as much as an uneven year.
            program.row(there, [program.column(UNEVEN)], -1, 1)


def _share(asked: Question, turns: int) -> int:
    """So many branches a turn that every branch is looked at once a year, and twice where it is easy."""
    wanted = -(-len(asked.branches) // max(turns, 1))
    return max(wanted, min(2, len(asked.branches) - 1), 1)
