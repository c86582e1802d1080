"""The series of rechecks after closing: when, how, and what follows from the answer."""

import zlib
from datetime import date, timedelta

from errorbank.rules.limits import Limits
from errorbank.rules.vocabulary import RecheckMode, Severity


def due_on(closed_on: date, stage: int, limits: Limits, *, after: date | None = None) -> date:
    """Day of the stage-th recheck, counted from 1; never on or before the day the one before was answered.

    Raises IndexError beyond the series.
    """
    day = closed_on + timedelta(days=limits.recheck_days[stage - 1])
    return day if after is None else max(day, after + timedelta(days=1))


def next_stage(done: int, limits: Limits) -> int | None:
    """The stage after `done` passed ones; None when the series is over."""
    return done + 1 if done < len(limits.recheck_days) else None


def mode_of(severity: Severity, *, decidable: bool) -> RecheckMode:
    """By itself where stored data decides; by a person for what is serious; by sampling for the rest."""
    if decidable:
        return RecheckMode.AUTOMATIC
    return RecheckMode.VERIFIER if severity == Severity.SERIOUS else RecheckMode.SAMPLE


def is_drawn(key: str, stage: int, limits: Limits) -> bool:
    """Whether a sample takes this one; the same answer whenever it is asked, whoever asks.

    `key` names the finding by what it is, not by its row: rows made late have other numbers.
    """
    return zlib.crc32(f"{key}/{stage}".encode()) % 100 < limits.sample_percent
