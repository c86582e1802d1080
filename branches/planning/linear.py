"""Zero-one programs with HiGHS: all columns, or those that a linear bound says could matter.

The linear relaxation over every column gives a lower bound and each column's reduced cost. A column whose
reduced cost exceeds the distance between a known choice and the bound stands in no better choice, so it
can be left out and the answer is still exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from time import monotonic

import highspy
import numpy as np
from numpy.typing import NDArray

Costs = Sequence[int]
# So many columns are given to the branch and bound at once.
DIRECT = 3000
LEAST_SECONDS = 0.2
_EXACT = 1e-6


@dataclass(frozen=True)
class Row:
    """low <= sum of coefficient times choice <= high."""

    columns: Sequence[int]
    coefficients: Sequence[int]
    low: float
    high: float


@dataclass(frozen=True)
class Answer:
    """A choice with its cost, and a cost below which there is none."""

    chosen: tuple[int, ...]
    value: int
    bound: float

    @property
    def proven(self) -> bool:
        """Costs are whole numbers, so a bound within one of the value leaves no room."""
        return self.value - ceil(self.bound - _EXACT) <= 0

    @property
    def gap(self) -> float:
        if self.proven:
            return 0.0
        return min(1.0, (self.value - self.bound) / max(abs(self.value), 1)) if self.bound > -np.inf else 1.0


def minimise(
    costs: Costs, rows: Sequence[Row], *, seconds: float, known: Sequence[int] = ()
) -> Answer | None:
    """The cheapest choice; None when there is none or none was found in time.

    `known` is a choice that keeps the rows, empty where none is known.
    """
    until = monotonic() + seconds
    every = np.arange(len(costs))
    if len(costs) <= DIRECT:
        return _better(costs, known, _branch_and_bound(costs, rows, every, seconds, known))
    relaxed = _relax(costs, rows, seconds)
    if relaxed is None:
        return _better(costs, known, None)
    return _by_bound(costs, rows, relaxed, until, _better(costs, known, None))


def _by_bound(
    costs: Costs, rows: Sequence[Row], relaxed: "_Relaxed", until: float, best: Answer | None
) -> Answer | None:
    """First among the most promising columns, then among all that could still be better."""
    order = np.argsort(relaxed.reduced, kind="stable")
    taken = order[:DIRECT]
    if best is None or not _closed(best, relaxed.bound):
        found = _branch_and_bound(costs, rows, _with(taken, best), _half(until), best.chosen if best else ())
        best = _better(costs, best.chosen if best else (), found)
    if best is None:
        return None
    room = best.value - relaxed.bound
    needed = np.flatnonzero(relaxed.reduced <= room - 1 + _EXACT)
    if not _closed(best, relaxed.bound) and len(np.setdiff1d(needed, taken)):
        found = _branch_and_bound(costs, rows, _with(needed, best), until - monotonic(), best.chosen)
        bound = found.bound if found else relaxed.bound
        best = _better(costs, best.chosen, found) or best
        return Answer(best.chosen, best.value, max(relaxed.bound, min(bound, best.value)))
    # Nothing outside the columns looked at could be better, so their bound holds for all.
    inside = best.bound if set(needed) <= set(taken) else relaxed.bound
    return Answer(best.chosen, best.value, max(relaxed.bound, inside))


def _closed(best: Answer, bound: float) -> bool:
    return best.value - ceil(bound - _EXACT) <= 0


def _half(until: float) -> float:
    return (until - monotonic()) / 2


def _with(columns: "NDArray[np.intp]", best: Answer | None) -> "NDArray[np.intp]":
    return np.union1d(columns, np.array(best.chosen, dtype=np.intp)) if best else np.sort(columns)


def _better(costs: Costs, known: Sequence[int], found: Answer | None) -> Answer | None:
    """The cheaper of the two; a known choice without anything better has no bound of its own."""
    if not known:
        return found
    value = sum(costs[n] for n in known)
    if found is not None and found.value <= value:
        return found
    return Answer(tuple(known), value, found.bound if found else -np.inf)


@dataclass(frozen=True)
class _Relaxed:
    bound: float
    reduced: "NDArray[np.float64]"


def _relax(costs: Costs, rows: Sequence[Row], seconds: float) -> _Relaxed | None:
    solver = _solver(seconds)
    solver.passModel(_model(costs, rows, np.arange(len(costs)), whole=False))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    reduced = np.array(solver.getSolution().col_dual)
    return _Relaxed(float(solver.getInfo().objective_function_value), np.maximum(reduced, 0.0))


def _branch_and_bound(
    costs: Costs, rows: Sequence[Row], columns: "NDArray[np.intp]", seconds: float, known: Sequence[int]
) -> Answer | None:
    solver = _solver(seconds)
    solver.passModel(_model(costs, rows, columns, whole=True))
    if known:
        _offer(solver, np.searchsorted(columns, known), len(columns))
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    values = np.array(solver.getSolution().col_value)
    chosen = tuple(int(n) for n in columns[values > 0.5])
    return Answer(chosen, sum(costs[n] for n in chosen), float(info.mip_dual_bound))


def _solver(seconds: float) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # the wheel leaves its constructor unannotated
    given: tuple[tuple[str, bool | int | float], ...] = (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.9),
        ("time_limit", max(seconds, LEAST_SECONDS)),
    )
    for name, value in given:
        solver.setOptionValue(name, value)
    return solver


def _offer(solver: highspy.Highs, chosen: "NDArray[np.intp]", columns: int) -> None:
    known = highspy.HighsSolution()
    values = np.zeros(columns)
    values[chosen] = 1
    known.col_value = values.tolist()
    solver.setSolution(known)


def _model(costs: Costs, rows: Sequence[Row], columns: "NDArray[np.intp]", *, whole: bool) -> highspy.HighsLp:
    """The program restricted to these columns, in their order."""
    model, count = highspy.HighsLp(), len(columns)
    place = np.full(len(costs), -1)
    place[columns] = np.arange(count)
    parts = [_part(row, place) for row in rows]
    model.num_col_, model.num_row_ = count, len(rows)
    model.col_cost_ = np.array(costs, dtype=np.double)[columns]
    model.col_lower_, model.col_upper_ = np.zeros(count), np.full(count, 1.0 if whole else np.inf)
    model.row_lower_ = np.array([row.low for row in rows], dtype=np.double)
    model.row_upper_ = np.array([row.high for row in rows], dtype=np.double)
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * count
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.concatenate(([0], np.cumsum([len(index) for index, _ in parts]))).astype(np.int32)
    matrix.index_ = np.concatenate([index for index, _ in parts]).astype(np.int32)
    matrix.value_ = np.concatenate([value for _, value in parts]).astype(np.double)
    return model


def _part(row: Row, place: "NDArray[np.intp]") -> tuple["NDArray[np.intp]", "NDArray[np.intp]"]:
    at = place[np.array(row.columns, dtype=np.intp)]
    there = at >= 0
    return at[there], np.array(row.coefficients, dtype=np.intp)[there]
