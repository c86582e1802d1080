"""Two ticks and several writers at the same moment, on PostgreSQL."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from burden.box.actions import TICK, tick
from burden.box.limits import SLOTS_A_WEEK, Level
from burden.models.box import BoxLetter
from jobs.models import JobRun
from tests.box.channel import MONDAY, NEXT_MONDAY, TUESDAY, everywhere, send
from tests.box.recipients import add_recipients

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("folder"),
]
EACH = 6


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """Run them side by side; what went wrong."""
    errors: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # the assertion names it
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return errors


def sender(name: str) -> Callable[[], None]:
    def work() -> None:
        for n in range(EACH):
            send(f"{name} {n}")

    return work


def test_two_ticks_and_many_writers_lose_and_double_nothing() -> None:
    reader = add_recipients(Level.OWN, Level.OWN)[0]
    tick(MONDAY)
    assert at_once(sender("甲"), lambda: tick(TUESDAY), sender("乙"), lambda: tick(TUESDAY)) == []
    assert at_once(sender("丙"), lambda: tick(NEXT_MONDAY), lambda: tick(NEXT_MONDAY)) == []
    assert everywhere(reader) == sorted(f"{name} {n}" for name in "甲乙丙" for n in range(EACH))
    assert JobRun.objects.filter(job=TICK).count() == 3
    assert (BoxLetter.objects.open().count(), BoxLetter.objects.released().count()) == (SLOTS_A_WEEK,) * 2
