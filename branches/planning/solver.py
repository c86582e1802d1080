"""The exact choice: set partitioning, one aim after the other.

Every branch to be placed stands in exactly one chosen group, a healthy one in at most one. First the
numbers of branches left below the least, of additional lines and of healthy branches changed are made as
small as possible, in this order; held there, the points are. Whole numbers throughout, so that an optimum
is an optimum and not a rounding. One thread and a fixed seed: the same question has the same answer,
unless the time runs out, which is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from branches.planning.facts import Question
from branches.planning.groups import Group
from branches.planning.linear import Answer, Costs, Row, minimise

# A first good choice weighs all aims at once; it decides nothing, it only saves time.
GUIDE = (500_000, 50_000, 5_000, 1)
GUIDE_SHARE, FIRST_SHARE = 0.4, 0.5


@dataclass(frozen=True)
class Choice:
    """The chosen groups; `gap` is how much better, at most, an unseen choice could be (0: none is)."""

    chosen: tuple[int, ...]
    aims: tuple[int, int, int, int]
    gap: float

    @property
    def proven(self) -> bool:
        return self.gap == 0


class Chooser:
    """One question's groups; `best` may be asked again with choices that are not to come again."""

    def __init__(self, question: Question, groups: Sequence[Group]) -> None:
        self.groups = groups
        self.aims = [[group.aims[n] for group in groups] for n in range(4)]
        self.rows = _partition(question, groups)
        # No choice has more of an aim: a group of n has at most n - 1 additional lines.
        most = len(question.to_place), len(question.sites), sum(site.host for site in question.sites)
        self.first = _ordered(self.aims[:3], most)
        self.guide = [sum(w * a for w, a in zip(GUIDE, group.aims, strict=True)) for group in groups]
        self.alone = tuple(n for n, group in enumerate(groups) if not group.joint)

    def best(self, *, seconds: float, former: Sequence[Choice] = (), differ: int = 1) -> Choice | None:
        """The best choice that differs in at least `differ` joint groups from each former one.

        `former` are the better ones in their order: nothing that is left can do better than the last, so its
        first aims are tried before new ones are looked for.
        """
        until = monotonic() + seconds
        rows = [*self.rows, *(self._not_again(each.chosen, differ) for each in former)]
        if former and former[-1].proven:
            held = self._held(former[-1].aims)
            same = minimise(self.aims[3], [*rows, *held], seconds=seconds * FIRST_SHARE)
            if same is not None:
                return self._choice(same, first_gap=0.0)
        known = self._apart([each.chosen for each in former], differ)
        guide = minimise(self.guide, rows, seconds=(until - monotonic()) * GUIDE_SHARE, known=known)
        if guide is None:
            return None
        first = minimise(self.first, rows, seconds=(until - monotonic()) * FIRST_SHARE, known=guide.chosen)
        return self._last(rows, first or guide, until)

    def _apart(self, former: Sequence[Sequence[int]], differ: int) -> Sequence[int]:
        """A choice to begin with: the best one with some of its groups taken apart again, or all alone."""
        if not former:
            return self.alone
        left = {n for n in former[0] if self.groups[n].joint}
        for chosen in former:
            joint = {n for n in chosen if self.groups[n].joint}
            if not joint:
                return ()
            surplus = len(left & joint) - max(len(joint) - differ, 0)
            left -= set(sorted(left & joint)[: max(surplus, 0)])
        placed = {site for n in left for site in self.groups[n].members_of}
        return sorted(left | {n for n in self.alone if self.groups[n].members_of[0] not in placed})

    def _last(self, rows: Sequence[Row], first: Answer, until: float) -> Choice:
        """The points, with the first aims held where they are."""
        held = self._held([sum(aim[g] for g in first.chosen) for aim in self.aims])
        last = minimise(self.aims[3], [*rows, *held], seconds=until - monotonic(), known=first.chosen)
        return self._choice(last or first, first_gap=first.gap)

    def _choice(self, last: Answer, *, first_gap: float) -> Choice:
        totals = [sum(aim[g] for g in last.chosen) for aim in self.aims]
        aims = (totals[0], totals[1], totals[2], totals[3])
        return Choice(last.chosen, aims, round(max(first_gap, last.gap), 6))

    def _held(self, aims: Sequence[int]) -> list[Row]:
        return [self._hold(n, aims[n]) for n in range(3)]

    def _hold(self, aim: int, value: int) -> Row:
        concerned = [n for n, cost in enumerate(self.aims[aim]) if cost]
        return Row(concerned, [self.aims[aim][n] for n in concerned], value, value)

    def _not_again(self, chosen: Sequence[int], differ: int) -> Row:
        joint = [n for n in chosen if self.groups[n].joint]
        if not joint:
            # Nothing was joined: at least one joint group, then.
            every = [n for n, group in enumerate(self.groups) if group.joint]
            return Row(every, [1] * len(every), 1, np.inf)
        return Row(joint, [1] * len(joint), -np.inf, max(len(joint) - differ, 0))


def _partition(question: Question, groups: Sequence[Group]) -> list[Row]:
    standing: list[list[int]] = [[] for _ in question.sites]
    for n, group in enumerate(groups):
        for site in group.members_of:
            standing[site].append(n)
    return [
        Row(columns, [1] * len(columns), 0 if site.host else 1, 1)
        for site, columns in zip(question.sites, standing, strict=True)
        if columns
    ]


def _ordered(aims: Sequence[Costs], most: Sequence[int]) -> list[int]:
    """One cost that puts the aims in order: one of an earlier aim outweighs all that a later one can add."""
    costs, weight = [0] * len(aims[0]), 1
    for aim, bound in zip(reversed(aims), reversed(most), strict=True):
        costs = [cost + weight * one for cost, one in zip(costs, aim, strict=True)]
        weight *= 1 + bound
    return costs
