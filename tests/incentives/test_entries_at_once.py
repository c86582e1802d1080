"""Two nightly runs at the same moment, on PostgreSQL; and rows that the database keeps from deletion."""

import threading

import pytest
from django.db import DatabaseError, connections, transaction

from incentives.models import ContributionEntry
from reminders.rules import ItemState
from tests.incentives.entry_scene import closed_item, pull, total
from tests.reminders.scene import make_scene

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def twice_at_once() -> None:
    """The second run begins before the first has committed."""

    def follow() -> None:
        try:
            pull()
        finally:
            connections.close_all()

    follower = threading.Thread(target=follow)
    with transaction.atomic():
        pull()
        follower.start()
        follower.join(1)
    follower.join(10)
    assert not follower.is_alive()


def test_runs_at_once_write_everything_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    item = closed_item(scene.first, scene.worker)
    twice_at_once()
    assert (ContributionEntry.objects.count(), total(scene.worker)) == (1, "1.00")
    item.state, item.done_on = ItemState.RETURNED, None
    item.save()
    twice_at_once()
    assert (ContributionEntry.objects.count(), total(scene.worker)) == (2, "0.00")
    with pytest.raises(DatabaseError, match="does not change"):
        ContributionEntry.objects.filter(corrects__isnull=False).delete()
