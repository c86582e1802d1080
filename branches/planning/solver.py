"""The exact choice: set partitioning with HiGHS, one aim after the other.

Every branch to be placed stands in exactly one chosen group, a healthy one in at most one. First the
numbers of branches left below the least, of additional lines and of healthy branches changed are made as
small as possible, in this order; held there, the points are. Whole numbers throughout, so that an optimum
is an optimum and not a rounding. One thread and a fixed seed: the same question has the same answer,
unless the time runs out, which is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import highspy
import numpy as np

from branches.planning.facts import Question
from branches.planning.groups import Group

Costs = Sequence[int]
# Shares of the time: the ordered aims are easy, the points are not.
FIRST_SHARE = 0.5
LEAST_SECONDS = 0.2


@dataclass(frozen=True)
class Choice:
    """The chosen groups; `gap` is how much better, at most, an unseen choice could be (0: none is)."""

    chosen: tuple[int, ...]
    aims: tuple[int, int, int, int]
    gap: float
    bound: float

    @property
    def proven(self) -> bool:
        return self.gap == 0


@dataclass(frozen=True)
class _Answer:
    chosen: tuple[int, ...]
    value: int
    bound: float
    proven: bool

    @property
    def gap(self) -> float:
        return 0.0 if self.proven else max(0.0, self.value - self.bound) / max(abs(self.value), 1)


@dataclass(frozen=True)
class _Row:
    """low <= sum of coefficient times choice <= high."""

    columns: Sequence[int]
    coefficients: Sequence[int]
    low: float
    high: float


class Chooser:
    """One question's groups; `best` may be asked again with choices that are not to come again."""

    def __init__(self, question: Question, groups: Sequence[Group]) -> None:
        self.groups = groups
        self.aims = [[group.aims[n] for group in groups] for n in range(4)]
        self.rows = _partition(question, groups)
        # No choice has more of an aim: a group of n has at most n - 1 additional lines.
        most = len(question.to_place), len(question.sites), sum(site.host for site in question.sites)
        self.first = _ordered(self.aims[:3], most)

    def best(self, *, seconds: float, former: Sequence[Choice] = (), differ: int = 1) -> Choice | None:
        """The best choice that differs in at least `differ` joint groups from each former one.

        `former` are the better ones in their order: nothing that is left can do better than the last, so its
        first aims are tried before new ones are looked for.
        """
        until = monotonic() + seconds
        rows = [*self.rows, *(self._not_again(each.chosen, differ) for each in former)]
        if former and former[-1].proven:
            held = self._held(former[-1].aims)
            same = _solve(self.aims[3], [*rows, *held], seconds * FIRST_SHARE, ())
            if same is not None:
                return self._choice(same, first_gap=0.0)
        first = _solve(self.first, rows, (until - monotonic()) * FIRST_SHARE, ())
        if first is None:
            return None
        held = self._held([sum(aim[g] for g in first.chosen) for aim in self.aims])
        last = _solve(self.aims[3], [*rows, *held], until - monotonic(), first.chosen)
        return self._choice(last or first, first_gap=first.gap)

    def _choice(self, last: _Answer, *, first_gap: float) -> Choice:
        totals = [sum(aim[g] for g in last.chosen) for aim in self.aims]
        aims = (totals[0], totals[1], totals[2], totals[3])
        return Choice(last.chosen, aims, round(max(first_gap, last.gap), 6), last.bound / 10)

    def _held(self, aims: Sequence[int]) -> list[_Row]:
        return [self._hold(n, aims[n]) for n in range(3)]

    def _hold(self, aim: int, value: int) -> _Row:
        concerned = [n for n, cost in enumerate(self.aims[aim]) if cost]
        return _Row(concerned, [self.aims[aim][n] for n in concerned], value, value)

    def _not_again(self, chosen: Sequence[int], differ: int) -> _Row:
        joint = [n for n in chosen if self.groups[n].joint]
        if not joint:
            # Nothing was joined: at least one joint group, then.
            every = [n for n, group in enumerate(self.groups) if group.joint]
            return _Row(every, [1] * len(every), 1, np.inf)
        return _Row(joint, [1] * len(joint), -np.inf, max(len(joint) - differ, 0))


def _partition(question: Question, groups: Sequence[Group]) -> list[_Row]:
    standing: list[list[int]] = [[] for _ in question.sites]
    for n, group in enumerate(groups):
        for site in group.members_of:
            standing[site].append(n)
    return [
        _Row(columns, [1] * len(columns), 0 if site.host else 1, 1)
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


def _solve(costs: Costs, rows: Sequence[_Row], seconds: float, start: Sequence[int]) -> _Answer | None:
    """None when there is no choice at all or none was found in time; `start` is a choice known to fit."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # the wheel leaves its constructor unannotated
    for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0)):
        solver.setOptionValue(name, value)
    solver.setOptionValue("mip_abs_gap", 0.9)
    solver.setOptionValue("time_limit", max(seconds, LEAST_SECONDS))
    solver.passModel(_model(costs, rows))
    if start:
        _offer(solver, start, len(costs))
    solver.run()
    return _answer(solver, costs)


def _offer(solver: highspy.Highs, start: Sequence[int], columns: int) -> None:
    known = highspy.HighsSolution()
    values = np.zeros(columns)
    values[list(start)] = 1
    known.col_value = values.tolist()
    solver.setSolution(known)


def _model(costs: Costs, rows: Sequence[_Row]) -> highspy.HighsLp:
    model, count = highspy.HighsLp(), len(costs)
    model.num_col_, model.num_row_ = count, len(rows)
    model.col_cost_ = np.array(costs, dtype=np.double)
    model.col_lower_, model.col_upper_ = np.zeros(count), np.ones(count)
    model.row_lower_ = np.array([row.low for row in rows], dtype=np.double)
    model.row_upper_ = np.array([row.high for row in rows], dtype=np.double)
    model.integrality_ = [highspy.HighsVarType.kInteger] * count
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.concatenate(([0], np.cumsum([len(row.columns) for row in rows])))
    matrix.index_ = np.array([n for row in rows for n in row.columns], dtype=np.int32)
    matrix.value_ = np.array([c for row in rows for c in row.coefficients], dtype=np.double)
    return model


def _answer(solver: highspy.Highs, costs: Costs) -> _Answer | None:
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    values = solver.getSolution().col_value
    chosen = tuple(n for n, value in enumerate(values) if value > 0.5)
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return _Answer(chosen, sum(costs[n] for n in chosen), float(info.mip_dual_bound), proven)
