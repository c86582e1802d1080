"""Long work as a row: claimed once, watched, stopped, swept, fetched for a day."""

import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from jobs.actions import (
    JobCancelledError,
    JobLostError,
    JobNotOpenError,
    JobNotRestartableError,
    cancel,
    claim,
    complete,
    drop_leftovers,
    enqueue,
    expire_results,
    fail,
    finish,
    progress,
    restart,
    stop,
    sweep_stale,
)
from jobs.models import FORGOTTEN_AFTER, KEEP_RESULTS, STALE_AFTER, Job, JobState
from tests.factories.branches import make_user

KIND = "tests.tasks.work"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def make_job(*, total: int = 0) -> Job:
    return enqueue(KIND, owner=make_user(), parameters={"n": 1}, total=total)


def taken(job: Job) -> Job:
    claimed = claim(str(job.pk))
    assert claimed is not None
    return claimed


def running_job(*, total: int = 0) -> Job:
    return taken(make_job(total=total))


def aged(job: Job, **ages: timedelta) -> Job:
    Job.objects.filter(pk=job.pk).update(**{name: timezone.now() - age for name, age in ages.items()})
    return job


def state_of(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


@pytest.mark.django_db
def test_enqueue_writes_a_waiting_row() -> None:
    job = make_job(total=7)
    assert (job.kind, job.state, job.done, job.total, job.parameters) == (
        KIND,
        JobState.QUEUED,
        0,
        7,
        {"n": 1},
    )
    assert job.is_open


@pytest.mark.django_db
def test_claim_takes_a_job_once() -> None:
    job = make_job()
    claimed = taken(job)
    assert (claimed.state, claimed.attempt) == (JobState.RUNNING, 1)
    assert claimed.heartbeat is not None
    assert claim(str(job.pk)) is None
    assert claim(str(uuid4())) is None


def check_claims_at_once() -> None:
    job, gate = make_job(), threading.Barrier(4)
    got: list[Job | None] = []

    def take() -> None:
        gate.wait()
        got.append(claim(str(job.pk)))
        connections.close_all()

    workers = [threading.Thread(target=take) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [each for each in got if each is not None] == [job]


@pytest.mark.django_db(transaction=True)
def test_claims_at_once_on_sqlite() -> None:
    check_claims_at_once()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_claims_at_once_on_postgres() -> None:
    check_claims_at_once()


@pytest.mark.django_db
def test_progress_moves_the_numbers_and_the_heartbeat() -> None:
    job = aged(running_job(total=5), heartbeat=timedelta(hours=1))
    progress(job, 2)
    progress(job, 3, total=6)
    job.refresh_from_db()
    assert (job.done, job.total) == (3, 6)
    assert job.heartbeat is not None
    assert timezone.now() - job.heartbeat < timedelta(minutes=1)


@pytest.mark.django_db
def test_finish_keeps_the_file(media: Path) -> None:
    job = running_job(total=2)
    finish(job, b"%PDF-x", file_name="提醒台账_2026-11.pdf")
    job.refresh_from_db()
    assert (job.state, job.file_name, job.done) == (JobState.DONE, "提醒台账_2026-11.pdf", 2)
    assert Path(job.result.path) == media / "jobs" / str(job.pk) / "result.pdf"
    assert Path(job.result.path).read_bytes() == b"%PDF-x"
    with pytest.raises(JobLostError):
        finish(job, b"again", file_name="x.pdf")


@pytest.mark.django_db
def test_fail_tells_the_owner() -> None:
    job = running_job()
    fail(job, "内容太多，请缩小范围。")
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "内容太多，请缩小范围。")
    fail(job, "再来一次")
    assert Job.objects.get().error == "内容太多，请缩小范围。"


@pytest.mark.django_db
def test_cancelling_a_waiting_job_ends_it() -> None:
    job = make_job()
    cancel(job)
    assert (job.state, job.finished is not None) == (JobState.CANCELLED, True)
    assert claim(str(job.pk)) is None
    with pytest.raises(JobNotOpenError, match=r"^任务已经结束，无需取消。$"):
        cancel(job)


@pytest.mark.django_db
def test_cancelling_a_running_job_stops_its_worker() -> None:
    job = running_job()
    cancel(job)
    assert (job.state, job.cancel_requested) == (JobState.RUNNING, True)
    cancel(job)
    with pytest.raises(JobCancelledError):
        progress(job, 1)
    with pytest.raises(JobCancelledError):
        finish(job, b"x", file_name="x.pdf")
    stop(job)
    assert state_of(job) == JobState.CANCELLED


@pytest.mark.django_db
def test_only_quiet_jobs_are_swept() -> None:
    quiet = aged(running_job(), heartbeat=STALE_AFTER + timedelta(seconds=1))
    stopped = aged(running_job(), heartbeat=STALE_AFTER + timedelta(seconds=1))
    Job.objects.filter(pk=stopped.pk).update(cancel_requested=True)
    lively, waiting = running_job(), make_job()
    assert sweep_stale(now=timezone.now()) == 2
    assert sweep_stale(now=timezone.now()) == 0
    states = [state_of(job) for job in (quiet, stopped, lively, waiting)]
    assert states == [JobState.STALE, JobState.CANCELLED, JobState.RUNNING, JobState.QUEUED]
    assert Job.objects.get(pk=quiet.pk).error == "处理中断，请重新开始；数据没有变化。"


@pytest.mark.django_db
def test_a_given_up_worker_cannot_write_into_the_next_attempt(media: Path) -> None:
    lost = aged(running_job(total=9), heartbeat=STALE_AFTER * 2)
    sweep_stale(now=timezone.now())
    with pytest.raises(JobLostError):
        progress(lost, 5)
    restart(lost)
    again = taken(lost)
    assert again.attempt == 2
    lost.attempt = 1
    with pytest.raises(JobLostError):
        progress(lost, 5)
    with pytest.raises(JobLostError):
        finish(lost, b"old", file_name="x.pdf")
    fail(lost, "旧")
    finish(again, b"new", file_name="x.pdf")
    done = Job.objects.get(pk=again.pk)
    assert (done.state, done.error, done.result.read()) == (JobState.DONE, "", b"new")
    done.result.close()


@pytest.mark.django_db
@pytest.mark.parametrize("state", [JobState.FAILED, JobState.STALE, JobState.CANCELLED])
def test_what_did_not_end_well_may_start_again(state: JobState) -> None:
    job = make_job()
    Job.objects.filter(pk=job.pk).update(state=state, error="x", cancel_requested=True, done=4)
    restart(job)
    assert (job.state, job.error, job.cancel_requested, job.done) == (JobState.QUEUED, "", False, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.DONE])
def test_what_runs_or_is_done_does_not_start_again(state: JobState) -> None:
    job = make_job()
    Job.objects.filter(pk=job.pk).update(state=state)
    with pytest.raises(JobNotRestartableError):
        restart(job)
    assert state_of(job) == state


@pytest.mark.django_db
def test_results_are_kept_for_a_day(media: Path) -> None:
    old, fresh = running_job(), running_job()
    for job in (old, fresh):
        finish(job, b"x", file_name="x.pdf")
    aged(old, finished=KEEP_RESULTS + timedelta(minutes=1))
    aged(fresh, finished=KEEP_RESULTS - timedelta(minutes=1))
    assert expire_results(now=timezone.now()) == 1
    assert expire_results(now=timezone.now()) == 0
    assert [path.parent.name for path in media.rglob("result.pdf")] == [str(fresh.pk)]
    assert (Job.objects.get(pk=old.pk).result.name, state_of(old)) == ("", JobState.DONE)


@pytest.mark.django_db
def test_files_of_a_worker_that_died_are_dropped_when_nobody_writes_them(media: Path) -> None:
    kept, died, works = running_job(), running_job(), running_job()
    finish(kept, b"x", file_name="x.pdf")
    fail(died, "处理中断")
    for name in (
        f"{kept.pk}/result_a.pdf",
        f"{died.pk}/result.pdf",
        f"{works.pk}/result.pdf",
        f"{uuid4()}/result.pdf",
    ):
        (media / "jobs" / name).parent.mkdir(exist_ok=True)
        (media / "jobs" / name).write_bytes(b"half")
    now = timezone.now()
    assert drop_leftovers(now=now) == 0
    assert drop_leftovers(now=now + STALE_AFTER * 2) == 3
    left = sorted(path.relative_to(media / "jobs").as_posix() for path in media.rglob("*.pdf"))
    assert left == sorted([f"{kept.pk}/result.pdf", f"{works.pk}/result.pdf"])
    assert {path.name for path in (media / "jobs").iterdir()} == {str(kept.pk), str(works.pk)}


@pytest.mark.django_db
def test_forgotten_jobs_are_those_that_wait_for_long() -> None:
    forgotten = aged(make_job(), created=FORGOTTEN_AFTER + timedelta(seconds=1))
    make_job()
    aged(running_job(), created=FORGOTTEN_AFTER * 2)
    assert list(Job.objects.forgotten(now=timezone.now())) == [forgotten]


@pytest.mark.django_db
def test_the_command_sweeps_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    aged(running_job(), heartbeat=STALE_AFTER * 2)
    done = running_job()
    finish(done, b"x", file_name="x.pdf")
    aged(done, finished=KEEP_RESULTS * 2)
    call_command("sweep_jobs")
    assert capsys.readouterr().out == "已收回中断的任务 1 个，已清理过期结果 1 个。\n"


@pytest.mark.django_db
def test_a_job_whose_result_is_in_rows_is_completed_without_a_file() -> None:
    job = running_job(total=7)
    progress(job, 3)
    complete(job)
    job.refresh_from_db()
    assert (job.state, job.done, job.result.name) == (JobState.DONE, 7, "")
    with pytest.raises(JobLostError):
        complete(job)


@pytest.mark.django_db
def test_a_job_asked_to_stop_is_not_completed() -> None:
    job = running_job()
    cancel(job)
    with pytest.raises(JobCancelledError):
        complete(job)
