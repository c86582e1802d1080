"""What may happen to a finding, and what it becomes by it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from branches.rules import Refusal
from errorbank.rules.limits import Limits
from errorbank.rules.vocabulary import FindingState, Severity, StepKind


class WrongState(Refusal):
    """The finding is not where this step begins: somebody was faster, or the order was lost."""


class Move(NamedTuple):
    before: frozenset[FindingState]
    after: FindingState


_UNSUBMITTED = frozenset({FindingState.OPEN, FindingState.RECTIFYING})
MOVES: Mapping[StepKind, Move] = {
    StepKind.STARTED: Move(frozenset({FindingState.OPEN}), FindingState.RECTIFYING),
    StepKind.SUBMITTED: Move(_UNSUBMITTED, FindingState.SUBMITTED),
    StepKind.RETURNED: Move(frozenset({FindingState.SUBMITTED}), FindingState.RECTIFYING),
    # Closed and followed by rechecks; the last of them leaves it closed for good.
    StepKind.CLOSED: Move(frozenset({FindingState.SUBMITTED}), FindingState.RECHECKING),
    StepKind.ACCEPTED: Move(_UNSUBMITTED | {FindingState.SUBMITTED}, FindingState.ACCEPTED),
    StepKind.EXPIRED: Move(frozenset({FindingState.ACCEPTED}), FindingState.RECTIFYING),
    StepKind.RECHECKED: Move(frozenset({FindingState.RECHECKING}), FindingState.CLOSED),
    # What did not hold goes on as a new finding.
    StepKind.FAILED: Move(frozenset({FindingState.RECHECKING}), FindingState.CLOSED),
}


def state_after(state: FindingState, step: StepKind) -> FindingState:
    """Raises WrongState."""
    move = MOVES[step]
    if state not in move.before:
        raise WrongState(f"这个问题现在是“{state.label}”，不能“{step.label}”，请刷新后再看。")
    return move.after


def deadline(found_on: date, severity: Severity, limits: Limits) -> date:
    return found_on + timedelta(days=limits.days_for(severity))


def raised(severity: Severity) -> Severity:
    """One step up; there is nothing above serious."""
    return Severity.SERIOUS


def is_repeat(*, before: date, happened_on: date, limits: Limits) -> bool:
    """Whether it came again soon. `before`: the day the earlier one was closed, or found while it is open."""
    return timedelta(0) <= happened_on - before <= timedelta(days=limits.repeat_days)
