"""Every write to jobs: once-only runs, and long work from queued to fetched.

Heartbeats use the database's clock: the one clock all workers share.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import IO, Any

from celery import current_app
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from jobs.models import (
    OPEN_STATES,
    RESTARTABLE_STATES,
    RESULTS,
    STALE_AFTER,
    Job,
    JobRun,
    JobState,
    RunState,
)
from jobs.rules import FULL_DISK, is_disk_full


class JobCancelledError(Exception):
    """The owner asked to stop; the worker lets go of what it has."""

    def __init__(self) -> None:
        super().__init__("已按要求取消。")


class JobLostError(Exception):
    """The row no longer says "running": it was swept and may already run elsewhere."""

    def __init__(self) -> None:
        super().__init__("任务已由系统收回。")


class JobNotOpenError(Exception):
    """There is nothing left to cancel."""

    def __init__(self) -> None:
        super().__init__("任务已经结束，无需取消。")


class JobNotRestartableError(Exception):
    """The job is waiting, running or done."""

    def __init__(self) -> None:
        super().__init__("任务正在进行或已经完成，无需重新开始。")


def run_once(
    job: str, period: str, effects: Callable[[], Mapping[str, Any] | None], *, scope: str = ""
) -> tuple[JobRun, bool]:
    """Do `effects` once for (job, period, scope); return the mark and whether this call did it.

    Effects and mark commit together. A second caller waits for the first and then finds it
    done. When `effects` raises, everything is undone, the run is marked failed and may be
    called again. What `effects` returns is kept as detail.
    """
    key = {"job": job, "period": period, "scope": scope}
    finished = False
    try:
        with transaction.atomic():
            result = _run_locked(key, effects)
        finished = True
    finally:
        if not finished:
            _mark_failed(key)
    return result


def _run_locked(key: dict[str, str], effects: Callable[[], Mapping[str, Any] | None]) -> tuple[JobRun, bool]:
    JobRun.objects.bulk_create([JobRun(**key)], ignore_conflicts=True)
    run = JobRun.objects.select_for_update().get(**key)
    if run.state == RunState.DONE:
        return run, False
    JobRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, started=Now())
    detail = dict(effects() or {})
    JobRun.objects.filter(pk=run.pk).update(state=RunState.DONE, finished=Now(), detail=detail)
    run.refresh_from_db()
    return run, True


def run_in_pieces(
    job: str, period: str, work: Callable[[], Any], marks: Callable[[Any], Mapping[str, Any] | None]
) -> tuple[JobRun, bool]:
    """Like run_once, for work that commits piece by piece and may come twice without harm.

    `marks` gets what `work` returned and commits together with the mark, after the last piece.
    """
    key = {"job": job, "period": period, "scope": ""}
    done = JobRun.objects.filter(**key, state=RunState.DONE).first()
    if done:
        return done, False
    finished = False
    try:
        result = work()
        finished = True
    finally:
        if not finished:
            _mark_failed(key)
    return run_once(job, period, lambda: marks(result))


@transaction.atomic
def mark_done(job: str, periods: Sequence[str], *, detail: Mapping[str, Any], now: datetime) -> None:
    """Mark periods that one later run has covered; those that are done stay as they are."""
    rows = [
        JobRun(job=job, period=period, state=RunState.DONE, finished=now, detail=dict(detail))
        for period in periods
    ]
    JobRun.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    open_ones = JobRun.objects.filter(job=job, scope="", period__in=periods).exclude(state=RunState.DONE)
    open_ones.update(state=RunState.DONE, finished=now, detail=dict(detail))


def note_last(job: str, period: str, *, state: RunState, now: datetime) -> None:
    """Keep the last run of continuous work in one row; `started`: last try, `finished`: last success."""
    ended = {"finished": now} if state == RunState.DONE else {}
    JobRun.objects.update_or_create(
        job=job, period=period, scope="", defaults={"state": state, "started": now, **ended}
    )


@transaction.atomic
def claim_last(job: str, period: str, *, now: datetime, busy_for: timedelta) -> JobRun | None:
    """Take the one row of this work; None while another run holds it.

    `started` is the holder's last sign of life, `finished` the last complete run; `detail` is returned as the
    run before left it, empty when that one was complete.
    """
    row, made = JobRun.objects.select_for_update().get_or_create(job=job, period=period, scope="")
    held = row.state == RunState.RUNNING and now - busy_for < row.started <= now + busy_for
    if held and not made:
        return None
    JobRun.objects.filter(pk=row.pk).update(state=RunState.RUNNING, started=now)
    row.state, row.started = RunState.RUNNING, now
    return row


def keep_claim(row: JobRun, *, detail: Mapping[str, Any], now: datetime) -> bool:
    """A sign of life, and what is begun; False when another run has succeeded this one."""
    if not _claimed(row).update(started=now, detail=dict(detail)):
        return False
    row.started = now
    return True


def close_claim(row: JobRun, *, finished: datetime | None) -> bool:
    """Let go of the row: complete at that moment, or broken off (None). False when it is another's by now."""
    if finished is None:
        return bool(_claimed(row).update(state=RunState.FAILED))
    return bool(_claimed(row).update(state=RunState.DONE, finished=finished, detail={}))


def _claimed(row: JobRun) -> "QuerySet[JobRun]":
    """The row while this very run holds it."""
    return JobRun.objects.filter(pk=row.pk, state=RunState.RUNNING, started=row.started)


def add_detail(job: str, periods: Collection[str], extra: Mapping[str, Any]) -> None:
    """Add to what other work noted of these periods."""
    runs = list(JobRun.objects.filter(job=job, scope="", period__in=periods, state=RunState.DONE))
    for run in runs:
        run.detail = {**run.detail, **extra}
    JobRun.objects.bulk_update(runs, ["detail"], batch_size=500)


def forget_runs(job: str, *, before: str) -> int:
    """Let go of the marks of periods before this one; returns how many."""
    return JobRun.objects.filter(job=job, period__lt=before).delete()[0]


def forget_later_runs(job: str, *, after: str) -> int:
    """Let go of the marks of periods after this one; returns how many."""
    return JobRun.objects.filter(job=job, scope="", period__gt=after).delete()[0]


def end_by(jobs: Collection[str], period: str, *, now: datetime, ahead: timedelta) -> int:
    """Ends further ahead than that are those of a wrong clock, and count as of now; returns how many."""
    ended = JobRun.objects.filter(job__in=jobs, period=period, scope="", finished__gt=now + ahead)
    return ended.update(finished=now)


def mark_failed(job: str, period: str) -> None:
    """Say that a try came to nothing; what is done stays done."""
    _mark_failed({"job": job, "period": period, "scope": ""})


@transaction.atomic
def _mark_failed(key: dict[str, str]) -> None:
    JobRun.objects.bulk_create([JobRun(**key, state=RunState.FAILED)], ignore_conflicts=True)
    tried = JobRun.objects.filter(**key).exclude(state=RunState.DONE)
    tried.update(state=RunState.FAILED, started=Now())


def enqueue(kind: str, *, owner: User, parameters: Mapping[str, Any], total: int = 0) -> Job:
    """Write down work to do; `kind` is the name of the Celery task, which gets the job's key.

    The row is the queue: the caller may tell the worker at once (`send`), and
    `sweep_jobs` sends it again when the message was lost.
    """
    return Job.objects.create(kind=kind, owner=owner, parameters=dict(parameters), total=total)


def send(job: Job) -> None:
    """Tell the worker once the row is certain. A queue that is down keeps nobody from their page: the row
    waits, and `sweep_jobs` sends it later."""
    kind, key = job.kind, str(job.pk)

    # A function of its own: Django cannot name a partial when it writes down that sending failed.
    def send_now() -> None:
        current_app.send_task(kind, [key])

    transaction.on_commit(send_now, robust=True)


def claim(pk: str) -> Job | None:
    """Take a queued job; None when another worker has it or it was cancelled."""
    waiting = Job.objects.filter(pk=pk, state=JobState.QUEUED)
    if not waiting.update(state=JobState.RUNNING, started=Now(), heartbeat=Now(), attempt=F("attempt") + 1):
        return None
    return Job.objects.get(pk=pk)


def progress(job: Job, done: int, *, total: int | None = None) -> None:
    """Report life and progress. Raises JobCancelledError or JobLostError: then stop working."""
    numbers = {"done": done} if total is None else {"done": done, "total": total}
    _held(job).update(heartbeat=Now(), **numbers)
    _check_still_ours(job)


def _held(job: Job) -> "QuerySet[Job]":
    """The row while this very run holds it: a restarted job counts one attempt more."""
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempt=job.attempt)


def _check_still_ours(job: Job) -> None:
    wanted = _held(job).values_list("cancel_requested", flat=True).first()
    if wanted is None:
        raise JobLostError
    if wanted:
        raise JobCancelledError


def finish(job: Job, content: bytes | IO[bytes], *, file_name: str) -> None:
    """Keep the result, an open file where it is large, and close the job.

    Raises JobCancelledError or JobLostError.
    """
    _check_still_ours(job)
    suffix = file_name.rpartition(".")[2]
    kept_content = ContentFile(content) if isinstance(content, bytes) else File(content)
    name = job.result.storage.save(f"{RESULTS}/{job.pk}/result.{suffix}", kept_content)
    kept = _held(job).update(
        state=JobState.DONE, finished=Now(), heartbeat=Now(), result=name, file_name=file_name[:200]
    )
    if not kept:
        job.result.storage.delete(name)
        raise JobLostError
    job.refresh_from_db()
    if job.done < job.total:
        Job.objects.filter(pk=job.pk).update(done=job.total)


def complete(job: Job) -> None:
    """Close a job whose result is in rows, not in a file. Raises JobCancelledError or JobLostError."""
    _check_still_ours(job)
    if not _held(job).update(state=JobState.DONE, finished=Now(), heartbeat=Now(), done=F("total")):
        raise JobLostError


def fail(job: Job, error: str) -> None:
    """Close a running job with a sentence for its owner."""
    _held(job).update(state=JobState.FAILED, finished=Now(), error=error)


def fail_when_full(job: Job, error: OSError) -> None:
    """Close a job whose file had no room on the disk. Raises any other error again."""
    if not is_disk_full(error):
        raise error
    fail(job, FULL_DISK)


def stop(job: Job) -> None:
    """Close a running job whose owner asked for it."""
    _held(job).update(state=JobState.CANCELLED, finished=Now())


@transaction.atomic
def cancel(job: Job) -> None:
    """End a queued job at once, ask a running one to stop. Raises JobNotOpenError."""
    row = Job.objects.select_for_update().get(pk=job.pk)
    if row.state not in OPEN_STATES:
        raise JobNotOpenError
    row.cancel_requested = True
    if row.state == JobState.QUEUED:
        row.state = JobState.CANCELLED
    row.save(update_fields=["cancel_requested", "state"])
    Job.objects.filter(pk=job.pk, state=JobState.CANCELLED).update(finished=Now())
    job.refresh_from_db()


def restart(job: Job) -> None:
    """Put a job that did not come to its end back into the queue. Raises JobNotRestartableError."""
    again = Job.objects.filter(pk=job.pk, state__in=RESTARTABLE_STATES).update(
        state=JobState.QUEUED,
        cancel_requested=False,
        started=None,
        finished=None,
        heartbeat=None,
        error="",
        done=0,
    )
    if not again:
        raise JobNotRestartableError
    job.refresh_from_db()


def sweep_stale(*, now: datetime) -> int:
    """Mark running jobs nobody heard of as stale, those asked to stop as cancelled; return how many."""
    quiet = Job.objects.gone_quiet(now=now)
    stopped = quiet.filter(cancel_requested=True).update(state=JobState.CANCELLED, finished=now)
    return stopped + quiet.update(
        state=JobState.STALE, finished=now, error="处理中断，请重新开始；数据没有变化。"
    )


def drop_leftovers(*, now: datetime) -> int:
    """Delete files that no row names: their worker died between file and row. Return how many."""
    if not default_storage.exists(RESULTS):
        return 0
    folders = default_storage.listdir(RESULTS)[0]
    rows = Job.objects.filter(pk__in=folders)
    named = {str(pk): (state, name) for pk, state, name in rows.values_list("pk", "state", "result")}
    return sum(_drop_of(folder, *named.get(folder, ("", "")), now=now) for folder in folders)


def _drop_of(folder: str, state: str, kept: str, *, now: datetime) -> int:
    """What a worker may still be writing is left to it."""
    path = f"{RESULTS}/{folder}"
    files = [f"{path}/{name}" for name in default_storage.listdir(path)[1]]
    old = [name for name in files if default_storage.get_modified_time(name) < now - STALE_AFTER]
    gone = [name for name in old if name != kept and state != JobState.RUNNING]
    for name in gone:
        default_storage.delete(name)
    if len(gone) == len(files) and state not in OPEN_STATES:
        default_storage.delete(path)
    return len(gone)


def expire_results(*, now: datetime) -> int:
    """Delete result files a day after they were made; the rows stay. Return how many."""
    old = list(Job.objects.with_old_result(now=now))
    for job in old:
        job.result.delete(save=False)
        Job.objects.filter(pk=job.pk).update(result="")
    return len(old)
