"""The tasks of the channel: which day is due, and what the queue sees of them."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.utils import timezone

from burden.box.actions import TICK
from burden.box.sealing import dummy
from burden.box.spool import Entry, Spool
from burden.tasks import box_beat, box_tick
from jobs.models import JobRun, RunState
from partyaffairs.schedule import BEAT_SCHEDULE
from tests.box.channel import waiting
from tests.services import WorkerProcess, service_url, wait_until


def stop_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    zoned = timezone.make_aware(moment)
    monkeypatch.setattr(timezone, "localtime", lambda value=None, tz=None: zoned)
    monkeypatch.setattr(timezone, "localdate", lambda value=None, tz=None: zoned.date())


def done() -> list[str]:
    return sorted(JobRun.objects.filter(job=TICK, state=RunState.DONE).values_list("period", flat=True))


@pytest.mark.parametrize(("hour", "minute", "due"), [(2, 39, 23), (2, 40, 24), (23, 59, 24)])
@pytest.mark.parametrize("task", [box_tick, box_beat])
def test_a_day_is_due_at_twenty_to_three(
    db: None,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    task: object,
    hour: int,
    minute: int,
    due: int,
) -> None:
    assert callable(task)
    stop_clock(monkeypatch, datetime(2026, 11, 24, hour, minute))  # noqa: DTZ001 - zoned in stop_clock
    task()
    assert done() == [date(2026, 11, due).isoformat()]


def test_the_beat_makes_up_a_tick_and_only_rewrites_afterwards(
    db: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_clock(monkeypatch, datetime(2026, 11, 24, 9, 0))  # noqa: DTZ001 - zoned in stop_clock
    box_beat()
    entry = Entry("ab" * 32, dummy())
    Spool(folder).accept(entry)
    before = [(folder / name).read_bytes() for name in ("spool", "keys")]
    box_beat()
    spool, keys = [(folder / name).read_bytes() for name in ("spool", "keys")]
    assert (spool == before[0], keys == before[1]) == (False, True)
    assert waiting().entries == (entry,)
    assert done() == ["2026-11-24"]


def test_the_timetable_sends_the_same_message_every_time() -> None:
    entries = {
        name: entry for name, entry in BEAT_SCHEDULE.items() if entry["task"].startswith("burden.tasks.box")
    }
    assert {name: sorted(entry) for name, entry in entries.items()} == {
        "box-tick": ["options", "schedule", "task"],
        "box-beat": ["options", "schedule", "task"],
    }
    tick = entries["box-tick"]["schedule"]
    assert (tick.hour, tick.minute, entries["box-beat"]["schedule"]) == ({2}, {40}, 60.0)


def body_of(message: dict[str, object]) -> str:
    """A message of Celery without what is random in every message."""
    return json.dumps({name: message[name] for name in ("body", "content-type", "content-encoding")})


def test_on_the_filesystem_broker_every_message_says_the_same(tmp_path: Path) -> None:
    folders = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out", "control_folder")}
    app = Celery("files", broker="filesystem://", set_as_current=False)
    app.conf.update(broker_transport_options=folders, task_serializer="json")
    for _ in range(2):
        app.send_task("burden.tasks.box_beat")
    messages = [json.loads(file.read_text()) for file in tmp_path.glob("*celery*.msg")]
    app.close()
    assert len(messages) == 2
    assert len({body_of(message) for message in messages}) == 1


@pytest.mark.redis
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_through_the_real_queue_two_beats_are_one_tick(
    celery_worker_process: WorkerProcess,
) -> None:
    for _ in range(2):
        box_beat.delay()
    wait_until(lambda: bool(done()))
    assert len(done()) == 1
    assert "Traceback" not in celery_worker_process.log.read_text()


@pytest.mark.redis
@pytest.mark.postgres
@pytest.mark.django_db
def test_on_redis_every_message_says_the_same(empty_redis: redis.Redis) -> None:
    app = Celery("redis", broker=service_url("TEST_REDIS_URL"), set_as_current=False)
    app.conf.update(task_serializer="json")
    for _ in range(2):
        app.send_task("burden.tasks.box_beat")
    messages = [json.loads(one) for one in empty_redis.lrange("celery", 0, -1)]
    app.close()
    assert len(messages) == 2
    assert len({body_of(message) for message in messages}) == 1
