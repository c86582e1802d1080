"""How far an archive is, for the page that shows its progress."""

from itertools import groupby
from typing import NamedTuple

from jobs.models import Job, JobState
from ledgers.actions import FORMATS


class Step(NamedTuple):
    """One ledger, or one organisation with `of` ledgers of which the `number`th is being written."""

    title: str
    state: str  # done, now or waiting
    number: int
    of: int


def steps_of(job: Job) -> list[Step]:
    """Ledger by ledger; organisation by organisation where there are several. Nothing for a single file."""
    written = job.done // len(FORMATS) if job.state == JobState.RUNNING else 0
    found, before = [], 0
    for title, count in _lines(job.parameters.get("steps", [])):
        found.append(Step(title, _state(job, written, before, count), written - before + 1, count))
        before += count
    return found


def _lines(steps: list[list[str]]) -> list[tuple[str, int]]:
    by_place = [(place, len(list(parts))) for place, parts in groupby(steps, key=lambda step: step[0])]
    return by_place if len(by_place) > 1 else [(title, 1) for _, title in steps]


def _state(job: Job, written: int, before: int, count: int) -> str:
    if job.state == JobState.DONE or written >= before + count:
        return "done"
    return "now" if job.state == JobState.RUNNING and written >= before else "waiting"
