"""One form sent by many at the same moment makes one row."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.models import User
from branches.models import Member, Organisation
from branches.rules import Role
from errorbank.models import Finding
from jobs.models import Job
from records.models import Record
from tests.effort import tries
from tests.factories.branches import make_holder, make_tree
from tests.factories.items import make_item

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 50
ROUNDS = tries(1, 50)  # of each of the four forms
Form = tuple[type[Model], User, str, dict[str, str]]


def forms(n: int, general: Organisation, branch: Organisation, staff: User, worker: User) -> Iterator[Form]:
    """What it makes, who sends it, where, and what stands in it."""
    today = timezone.localdate()
    week = timedelta(days=7)
    item = make_item(branch, due=today + week, opens=today - week)
    yield Record, worker, f"/w/reminders/items/{item.pk}/close/", {"quick": "1"}
    person = {"code": f"D{n}", "name": f"新党员{n}", "status": "full", "since": "2026-01-05"}
    yield Member, staff, f"/w/organisations/{branch.pk}/members/add/", person
    problem = {"problem": f"第{n}次记录不全", "category": "meetings", "happened_on": "2026-01-05"}
    yield Finding, worker, "/w/errors/findings/add/", {"organisation": str(branch.pk), **problem}
    yield Job, staff, f"/w/ledgers/members/jobs/xlsx/?period={today - timedelta(days=n)}", {}


def sent_by_many(user: User, path: str, fields: dict[str, str]) -> list[int]:
    """The answers' status, in no order."""
    browser = Client()
    browser.force_login(user)
    gate, answers = threading.Barrier(THREADS), list[int]()

    def send() -> None:
        mine = Client()
        mine.cookies.update(browser.cookies)
        gate.wait()
        try:
            answers.append(mine.post(path, fields).status_code)
        finally:
            connections.close_all()

    together(send)
    return answers


def together(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_row_each() -> None:
    _, general, (branch, _) = make_tree()
    staff, worker = make_holder(general, Role.GENERAL_BRANCH_STAFF), make_holder(branch, Role.WORKER)
    made: dict[str, int] = {}
    for n in range(ROUNDS):
        for model, user, path, fields in forms(n, general, branch, staff, worker):
            before = model._default_manager.count()
            answers = sent_by_many(user, path, fields)
            assert len(answers) == THREADS
            assert {status for status in answers if status not in (200, 302, 422)} == set()
            made[model.__name__] = made.get(model.__name__, 0) + model._default_manager.count() - before
    assert made == dict.fromkeys(["Record", "Member", "Finding", "Job"], ROUNDS)
