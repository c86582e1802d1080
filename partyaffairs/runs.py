"""Which periods are done, missing or late, asked of the rows of JobRun. One statement tells all."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django.utils import timezone

from jobs.models import JobRun, RunState
from partyaffairs.periodic import ALLOWED_DELAY, CONTINUOUS, LAST, PERIODIC, Period, Periodic

Missing = tuple[str, list[Period]]


def proof_of(name: str) -> str:
    return PERIODIC[name].proof or name


def done_periods() -> dict[str, set[str]]:
    """By job: the periods that are done."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = JobRun.objects.filter(job__in=[proof_of(name) for name in PERIODIC], scope="", state=RunState.DONE)
    for job, period in rows.values_list("job", "period"):
        found[job].add(period)
    return found


def missing_of(job: Periodic, done: set[str], *, now: datetime) -> list[Period]:
    """What was due by then and is not done, oldest first.

    Work that never ran begins with the last period: nobody asks for those before the installation.
    """
    recent = job.recent(timezone.localtime(now))
    last = recent[-1]
    if not done or job.later_counts:
        return [] if done and max(done) >= last.key else [last]
    first = min(done)
    return [period for period in recent if period.key > first and period.key not in done]


def missing(*, now: datetime, done: Mapping[str, set[str]]) -> list[Missing]:
    """By entry, the one with the oldest missing period first."""
    found = [
        (name, periods)
        for name, job in PERIODIC.items()
        if (periods := missing_of(job, done.get(proof_of(name), set()), now=now))
    ]
    return sorted(found, key=lambda pair: pair[1][0].due)


def late_names(*, now: datetime) -> list[str]:
    """Entries with a period that is not done ALLOWED_DELAY after it was due, or that fell silent so long ago.

    What never ran is late from ALLOWED_DELAY after the installation on.
    """
    done, then = done_periods(), now - ALLOWED_DELAY
    marks = dict(
        JobRun.objects.filter(job__in=CONTINUOUS, period=LAST, finished__isnull=False).values_list(
            "job", "finished"
        )
    )
    # Asked only where something never ran.
    is_new = (len(marks) < len(CONTINUOUS) or len(done) < len(PERIODIC)) and _installed(now) > then
    return [*_late_periodic(done, then, is_new), *_silent(marks, then, is_new)]


def _late_periodic(done: Mapping[str, set[str]], then: datetime, is_new: bool) -> Iterator[str]:
    for name, _ in missing(now=then, done=done):
        if done.get(proof_of(name)) or not is_new:
            yield name


def _silent(marks: Mapping[str, datetime | None], then: datetime, is_new: bool) -> Iterator[str]:
    for name in CONTINUOUS:
        last = marks.get(name)
        if (last is None and not is_new) or (last is not None and last < then):
            yield name


def _installed(now: datetime) -> datetime:
    """When the tables of the jobs were made."""
    found = MigrationRecorder.Migration.objects.filter(app="jobs").aggregate(at=Min("applied"))["at"]
    return found or now
