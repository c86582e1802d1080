"""Which periods are done, missing or late, asked of the rows of JobRun. One statement tells all."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django.utils import timezone

from jobs.models import JobRun, RunState
from partyaffairs.periodic import ALLOWED_DELAY, CONTINUOUS, GRACE, LAST, PERIODIC, Period, Periodic

Missing = tuple[str, list[Period]]

# Continuous work that also has to leave something behind in each period.
LEFT_BEHIND = {name: job.leaves for name, job in CONTINUOUS.items() if job.leaves}
PROVEN = PERIODIC | LEFT_BEHIND


def proof_of(name: str) -> str:
    return PERIODIC[name].proof or name


def done_periods() -> dict[str, set[str]]:
    """By job: the periods that are done."""
    found: dict[str, set[str]] = defaultdict(set)
    jobs = [job.proof or name for name, job in PROVEN.items()]
    rows = JobRun.objects.filter(job__in=jobs, scope="", state=RunState.DONE)
    for job, period in rows.values_list("job", "period"):
        found[job].add(period)
    return found


def failures() -> dict[tuple[str, str], datetime]:
    """By job and period: when a try came to nothing that was not made good since."""
    jobs = [job.proof or name for name, job in PROVEN.items()]
    rows = JobRun.objects.filter(job__in=jobs, scope="", state=RunState.FAILED)
    return {(job, period): at for job, period, at in rows.values_list("job", "period", "started")}


def newest_key(job: Periodic, *, now: datetime) -> str:
    """The newest period that can be done by now; a worker's clock may be a little ahead."""
    return job.newest(timezone.localtime(now + GRACE)).key


def without_future(job: Periodic, done: set[str], *, now: datetime) -> set[str]:
    """What a clock that ran ahead has marked proves nothing."""
    newest = newest_key(job, now=now)
    return {key for key in done if key <= newest}


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
    """Entries with a period not done ALLOWED_DELAY after it was due, or without a success for so long.

    What never succeeded is late from ALLOWED_DELAY after the installation on.
    """
    done, then = _proven(now), now - ALLOWED_DELAY
    ends = JobRun.objects.filter(job__in=CONTINUOUS, period=LAST, finished__isnull=False)
    # An end to come is that of a clock that ran ahead.
    marks = dict(ends.filter(finished__lte=now + GRACE).values_list("job", "finished"))
    # Asked only where something never ran.
    is_lacking = len(marks) < len(CONTINUOUS) or len(done) < len(PROVEN)
    is_new = is_lacking and then < _installed(now) <= now + GRACE
    late = [*_late_periodic(done, then, is_new), *_silent(marks, then, is_new)]
    return list(dict.fromkeys(late))


def _proven(now: datetime) -> dict[str, set[str]]:
    """By entry: the periods that are done; entries without any are left out."""
    done = done_periods()
    found = {
        name: without_future(job, done.get(job.proof or name, set()), now=now) for name, job in PROVEN.items()
    }
    return {name: periods for name, periods in found.items() if periods}


def _late_periodic(done: Mapping[str, set[str]], then: datetime, is_new: bool) -> Iterator[str]:
    for name, job in PROVEN.items():
        has_run = name in done
        if (has_run or not is_new) and missing_of(job, done.get(name, set()), now=then):
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
