"""How far an archive is, ledger by ledger, for the page that shows its progress."""

from typing import NamedTuple

from jobs.models import Job, JobState
from ledgers.actions import FORMATS


class Step(NamedTuple):
    place: str
    title: str
    state: str  # done, now or waiting


def steps_of(job: Job) -> list[Step]:
    """Nothing for a job that is one file."""
    now = job.done // len(FORMATS) if job.state == JobState.RUNNING else -1
    given = job.parameters.get("steps", [])
    several = len({place for place, _ in given}) > 1
    return [
        Step(place if several else "", title, _state(number, now, job.state))
        for number, (place, title) in enumerate(given)
    ]


def _state(number: int, now: int, state: str) -> str:
    if state == JobState.DONE or number < now:
        return "done"
    return "now" if number == now else "waiting"
