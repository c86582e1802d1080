"""Kill -9 of real processes: the web server and its workers, the Celery worker and its children, beat."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone

from audit.models import AuditEvent
from branches.models import Member, MemberEvent, Membership, Organisation
from branches.rules import Role
from jobs.models import JobRun, RunState
from partyaffairs.actions import reconcile, run_entry
from partyaffairs.celery import app
from partyaffairs.periodic import PERIODIC, RECONCILE, RUN_ENTRY
from tests.backups.office import installation_at
from tests.box.installation import Installation, Site, serving
from tests.effort import tries
from tests.factories.branches import make_holder, make_tree
from tests.faults.machines import begun, own_redis
from tests.faults.office import settle
from tests.faults.person import SERVER, Person, here, signed_in
from tests.faults.rows import Rows, business_rows, differences
from tests.services import wait_until

WEB_KILLS = tries(4, 40)
WORKER_KILLS = tries(4, 30)
BEAT_KILLS = tries(1, 10)
SEED = 20261123


def processes_of(folder: Path) -> dict[int, int]:
    """By process of this installation: its parent."""
    wanted, found = f"VAR_DIR={folder}".encode(), {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
    return found


def killed(folder: Path, *, child: bool) -> None:
    found = processes_of(folder)
    chosen = [pid for pid, parent in found.items() if (parent in found) == child]
    if chosen:
        with suppress(ProcessLookupError):
            os.kill(max(chosen), signal.SIGKILL)


class Posting:
    """Somebody who registers people one after the other, and presses again until the page says it is done."""

    def __init__(self, person: Person, branch: Organisation) -> None:
        self.person, self.path = person, f"/w/organisations/{branch.pk}/members/add/"
        self.over, self.done = threading.Event(), 0
        self.thread = threading.Thread(target=self.post)

    def passed(self, number: int) -> bool:
        return self.done > number

    def post(self) -> None:
        while not self.over.is_set():
            code = f"K{self.done:04}"
            form = {"code": code, "name": f"党员{code}", "status": "full", "since": "2026-01-05"}
            with suppress(OSError):  # nobody listens until the server is back
                status, page = self.person.post(self.path, form)
                if status == 302 or (status == 422 and "编号" in page):
                    self.done += 1
            time.sleep(0.005)


@pytest.mark.django_db(transaction=True)
def test_the_web_server_and_its_workers(tmp_path: Path) -> None:
    chance = Random(SEED)
    _, general, (branch, _) = make_tree()
    absent = signed_in(Site(0), make_holder(general, Role.GENERAL_BRANCH_STAFF))
    portal, kills = here(tmp_path / "portal"), 0
    posting = Posting(absent, branch)
    for turn in range(2):
        with serving(portal, SERVER) as site:
            posting.person = Person(site, absent.session, absent.token)
            if not turn:
                posting.thread.start()
            for n in range(WEB_KILLS // 2):
                before = posting.done
                wait_until(partial(posting.passed, before), seconds=60)
                time.sleep(chance.random() * 0.05)
                # The last one of a turn ends the server itself.
                killed(portal.folder, child=n < WEB_KILLS // 2 - 1)
                kills += 1
    with serving(portal, SERVER) as site:
        posting.person = Person(site, absent.session, absent.token)
        before = posting.done
        wait_until(partial(posting.passed, before + 1), seconds=60)
        posting.over.set()
        posting.thread.join()
    done = posting.done
    told = AuditEvent.objects.filter(event="branches.member_added").count()
    rows = [model.objects.count() for model in (Member, MemberEvent, Membership)]
    print(kills, "kills of the web server,", done, "forms")
    assert (rows, told) == ([done] * 3, done)
    assert Member.objects.values("code").distinct().count() == done


@contextmanager
def kept_running(portal: Installation, role: str, *options: str) -> Iterator[None]:
    """Started again whenever it is gone, as a container is."""
    with ExitStack() as held:
        process = begun(portal, role, *options)
        held.callback(lambda: process.wait())
        held.callback(lambda: process.kill())
        over = threading.Event()

        def watch() -> None:
            nonlocal process
            while not over.wait(0.1):
                if process.poll() is not None:
                    process = begun(portal, role, *options, ready=False)

        guard = threading.Thread(target=watch)
        guard.start()
        held.callback(guard.join)
        held.callback(over.set)
        yield


def undisturbed() -> Rows:
    """What the whole timetable leaves behind, taken back."""
    with transaction.atomic():
        every_entry(lambda name: run_entry(name, now=timezone.now()))
        found = business_rows(days=False)
        transaction.set_rollback(True)
    return found


def every_entry(send: Callable[[str], object]) -> None:
    for name in sorted(PERIODIC, key=lambda name: (PERIODIC[name].hour, PERIODIC[name].minute)):
        send(name)


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_the_worker_and_its_children(tmp_path: Path) -> None:
    chance = Random(SEED)
    settle()
    wanted = undisturbed()
    with own_redis(tmp_path) as queue:
        portal = here(tmp_path / "portal", broker=queue.url)

        def send(name: str) -> None:
            with app.connection_for_write(queue.url) as line:
                app.send_task(RUN_ENTRY, [name], connection=line)

        with kept_running(portal, "worker", "--pool", "prefork", "--concurrency", "2"):
            for n in range(WORKER_KILLS):
                every_entry(send)
                time.sleep(chance.random() * 2)
                killed(portal.folder, child=n % 4 > 0)
            wait_until(lambda: queue.client.llen("celery") == 0, seconds=120)
            time.sleep(1)
    assert reconcile(now=timezone.now()).failed == 0
    # Two entries run side by side there: a brief may be of the moment before the refresh.
    found = differences(wanted, business_rows(days=False))
    found.pop("jobs.JobRun", None)  # the hour may have turned meanwhile
    assert found == {}
    keys = JobRun.objects.filter(state=RunState.DONE).exclude(job=RECONCILE).values_list("job", "period")
    assert {name for name, job in PERIODIC.items() if not job.proof} <= {job for job, _ in keys}


def test_beat(tmp_path: Path) -> None:
    """Its file of times may be cut in two by the kill; it begins again and goes on sending."""
    chance, portal = Random(SEED), installation_at(tmp_path / "portal")
    for _ in range(BEAT_KILLS):
        process = begun(portal, "beat")
        time.sleep(chance.random() * 6)
        process.kill()
        process.wait()
    log = portal.folder / "beat.log"
    before = log.stat().st_size
    process = begun(portal, "beat")
    try:
        wait_until(lambda: b"Sending due task" in log.read_bytes()[before:], seconds=90)
    finally:
        process.terminate()
        process.wait()
