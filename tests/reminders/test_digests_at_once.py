"""Composers at the same moment, on PostgreSQL: SQLite lets one writer in at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from notices.models import Delivery, Line, Message
from reminders.actions.digests import compose_digests
from tests.factories.branches import make_holder, make_organisation, make_tree
from tests.factories.items import make_item
from tests.reminders.digest_scene import MONDAY, TUESDAY, moment

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
COMPOSERS = 4


def _compose(start: Barrier) -> int:
    start.wait(10)
    try:
        return sum(compose_digests(now=moment(day)) for day in (MONDAY, TUESDAY))
    finally:
        connections.close_all()


def test_four_composers_at_once_tell_everybody_once() -> None:
    _, general, _ = make_tree(0)
    people = []
    for _ in range(30):
        branch = make_organisation(parent=general)
        people.append(make_holder(branch))
        make_item(branch, due=MONDAY)
        make_item(branch, due=TUESDAY)
    start = Barrier(COMPOSERS)
    with ThreadPoolExecutor(COMPOSERS) as pool:
        made = sum(pool.map(_compose, [start] * COMPOSERS))
    told = sorted(Message.objects.values_list("recipient", "key"))
    expected = [(user.pk, key) for user in people for key in ("digest:2026-W47", "due:2026-11-17")]
    assert (made, told) == (60, sorted(expected))
    assert (Line.objects.count(), Delivery.objects.count()) == (90, 0)
