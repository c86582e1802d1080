"""The control of the oracle: one daily job that is right, and the same with its effect outside of the
transaction of its mark, which loses it where the mark comes first and doubles it where the effect does."""

from collections.abc import Callable
from datetime import date

from audit.actions import record
from jobs.actions import run_once
from jobs.models import JobRun

JOB = "tests.daily"


def right(day: date) -> None:
    run_once(JOB, str(day), lambda: _effect(day))


def mark_first(day: date) -> None:
    _, was_us = run_once(JOB, str(day), dict)
    if was_us:
        _effect(day)


def effect_first(day: date) -> None:
    if not JobRun.objects.filter(job=JOB, period=str(day)).exists():
        _effect(day)
        run_once(JOB, str(day), dict)


def _effect(day: date) -> None:
    # In words: the oracle does not tell numbers in a detail apart.
    record(f"{JOB}.{day:%A %B}", by=None)


DAILY: dict[str, Callable[[date], None]] = {
    "right": right,
    "mark_first": mark_first,
    "effect_first": effect_first,
}
