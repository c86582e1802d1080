"""Redis down, emptied, full, slow or silent: pages answer, and what was asked for waits and is done later."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone

from branches.rules import Role
from jobs.models import FORGOTTEN_AFTER, Job, JobState
from partyaffairs.celery import app
from tests.box.installation import Installation, serving
from tests.factories.branches import make_holder, make_tree
from tests.faults.machines import OwnRedis, own_redis, running, slow
from tests.faults.person import SERVER, Person, here, signed_in
from tests.services import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]
ASK = "/w/ledgers/members/jobs/xlsx/"
WORKER = ("--pool", "prefork", "--concurrency", "1")


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[OwnRedis]:
    with own_redis(tmp_path) as server:
        yield server


@contextmanager
def desk(installation: Installation) -> Iterator[Person]:
    """A web server, and a member of staff at it."""
    _, general, _ = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    with serving(installation, SERVER) as site:
        yield signed_in(site, staff)


def asks_for_a_file(person: Person) -> Job:
    """The answer is the page of the job, whatever the queue does."""
    before = set(Job.objects.values_list("pk", flat=True))
    status, _ = person.post(ASK)
    assert status == 302
    job = Job.objects.exclude(pk__in=before).get()
    status, page = person.get(f"/w/ledgers/jobs/{job.pk}/")
    assert (status, "党员名册" in page) == (200, True)
    return job


def state_of(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def swept(queue: OwnRedis, job: Job) -> None:
    """What beat sends every minute, two minutes later: the worker finds the row and does it."""
    Job.objects.update(created=timezone.now() - FORGOTTEN_AFTER * 2)
    with app.connection_for_write(queue.url) as line:
        app.send_task("partyaffairs.tasks.run_entry", ["sweep-jobs"], connection=line)
    wait_until(lambda: state_of(job) == JobState.DONE, seconds=30)
    assert job.attempt == 1


def test_emptied_full_and_down_below_a_running_worker(queue: OwnRedis, tmp_path: Path) -> None:
    portal = here(tmp_path / "portal", broker=queue.url)
    with running(portal, "worker", *WORKER), desk(portal) as person:
        queue.client.flushall()
        swept(queue, asks_for_a_file(person))
        queue.client.config_set("maxmemory-policy", "noeviction")
        queue.client.config_set("maxmemory", "1")
        waits = asks_for_a_file(person)
        assert state_of(waits) == JobState.QUEUED
        queue.client.config_set("maxmemory", "0")
        # A worker that had to note something in the full queue has ended; containers start it again.
        with running(portal, "worker", *WORKER, "--hostname", "again@%h") as worker:
            swept(queue, waits)
            queue.stop()
            waits = asks_for_a_file(person)
            assert state_of(waits) == JobState.QUEUED
            queue.start()  # knows nothing of before
            swept(queue, waits)
            assert worker.poll() is None


@pytest.mark.parametrize(
    ("delay", "silent"),
    [pytest.param(0.3, False, id="slow"), pytest.param(0, True, id="silent")],
)
def test_slow(queue: OwnRedis, tmp_path: Path, delay: float, silent: bool) -> None:
    """A queue that takes the connection and says nothing is the worst: nothing but patience ends it."""
    with slow(queue.port, delay=delay, silent=silent) as proxy:
        portal = here(tmp_path / "portal", broker=proxy.url)
        with desk(portal) as person:
            job = asks_for_a_file(person)
    assert state_of(job) == JobState.QUEUED
    assert queue.client.llen("celery") == (0 if silent else 1)
