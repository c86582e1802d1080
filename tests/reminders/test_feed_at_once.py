"""Calendar links on PostgreSQL: many pressing at once, and the statements of the refresh as it reads them."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connections
from django.utils import timezone

from branches.models import Organisation
from branches.rules import Refusal
from periods.months import Month
from reminders.actions.feeds import make_feed, remake_feed
from reminders.actions.refresh import refresh
from reminders.feed_rules import MOST_LINKS
from reminders.models import CalendarFeed
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_organisation, make_user
from tests.factories.reminders import make_action
from tests.reminders.feed_scene import address_of, events, fetch

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PARTY_DAY = {"kind": "periodic", "period": "month", "fixed_day": "per_branch_setting"}


def at_once(times: int, work: Callable[[], object]) -> list[type]:
    """What each of so many simultaneous calls came to, by its type."""
    start, results = threading.Barrier(times), list[type]()

    def run() -> None:
        start.wait()
        try:
            results.append(type(work()))
        except Refusal as refusal:
            results.append(type(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_many_links_made_at_once_as_many_stay_as_may() -> None:
    user = make_user()
    at_once(10, lambda: make_feed(user, label="手机", now=timezone.now()))
    assert CalendarFeed.objects.of(user).in_use().count() == MOST_LINKS


def test_one_of_many_replaces_a_link() -> None:
    user = make_user()
    feed = make_feed(user, label="手机", now=timezone.now()).feed
    at_once(6, lambda: remake_feed(feed, now=timezone.now()))
    assert CalendarFeed.objects.of(user).in_use().count() == 1
    assert CalendarFeed.objects.of(user).count() == 2


def test_a_refresh_raises_the_sequence_and_the_feed_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    branch = make_organisation("A", party_day=12)
    make_action("party_day", due_rule=PARTY_DAY)
    address = address_of(make_holder(branch))
    faces, tags = [], []
    for number, party_day in ((1, 12), (2, 20), (3, 20)):
        Organisation.objects.filter(pk=branch.pk).update(party_day=party_day)
        day = stop_clock(monkeypatch, date(2026, 5, number))
        refresh(Month(2026, 5), on=day)
        answer = fetch(address)
        (event,) = events(answer)
        faces.append((str(event["UID"]), event["DTSTART"].dt, int(event["SEQUENCE"])))
        tags.append(answer.headers["ETag"])
    uid = faces[0][0]
    assert faces == [
        (uid, date(2026, 5, 12), 0),
        (uid, date(2026, 5, 20), 1),
        (uid, date(2026, 5, 20), 1),
    ]
    assert (tags[0] != tags[1], tags[1] == tags[2]) == (True, True)
    assert fetch(address, if_none_match=tags[2]).status_code == 304
