"""The desk on PostgreSQL, and two recipients who answer one letter at the same moment."""

import threading
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from django.db import connections

from burden.actions.box_replies import AnsweredMeanwhile, reply
from burden.box.actions import look_up, tick
from burden.box.desk import Sheet, open_desk
from burden.box.limits import Outcome
from burden.models import BoxAnswer, BoxLetter, BoxMark, BoxRecipient
from tests.box.desk import make_scene, write
from tests.box.recipients import PASSPHRASE

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SUNDAY, MONDAY, NEXT = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 30)


def at_once(*works: Callable[[], object]) -> None:
    """Run them side by side; what one raises fails the test."""
    barrier, failed = threading.Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], object]) -> None:
        try:
            barrier.wait(5)
            work()
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []


def test_of_two_who_answer_one_letter_one_reply_and_one_answer_stay(folder: Path) -> None:
    scene = make_scene(folder)
    receipt = write()
    tick(SUNDAY)
    tick(MONDAY)
    sheets: list[Sheet] = []
    for user in (scene.one, scene.two):
        key = BoxRecipient.objects.select_related("user").get(user=user)
        sheets += open_desk(key, PASSPHRASE, on=MONDAY).sheets
    told: list[str] = []

    def answer(n: int, sheet: Sheet) -> None:
        try:
            reply(sheet, outcome=Outcome.ADOPTED, text=f"答复{n}", words=f"公开答复{n}")
        except AnsweredMeanwhile as meanwhile:
            told.append(meanwhile.words)

    at_once(*(partial(answer, n, sheet) for n, sheet in enumerate(sheets)))
    assert (BoxMark.objects.count(), BoxLetter.objects.exclude(pending_outcome="").count()) == (1, 1)
    tick(NEXT)
    found = look_up(receipt)
    assert found is not None
    [shown] = BoxAnswer.objects.values_list("words", flat=True)
    # What the writer reads and what the wall says come from the same of the two.
    assert ([shown], shown) == (told, f"公开{found.text}")
    assert BoxMark.objects.count() == 0
