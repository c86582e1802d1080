"""Recounts beside writers and the refresh, on PostgreSQL: nothing is lost, nobody waits for a writer."""

import threading
from datetime import date

import pytest
from django.db import transaction

from branches.models import Organisation
from periods.months import Month
from records.actions import RecordData
from records.rules import RecordKind
from reminders.actions.items import close_item, mark_not_applicable
from reminders.actions.refresh import refresh
from reminders.actions.summaries import rebuild, recount_stale
from reminders.actions.summaries_check import check_summaries
from reminders.models import ReminderItem, SummaryMark
from reminders.queries.summaries import Figures, by_month
from tests.branches.test_at_once import first_then
from tests.factories.branches import make_organisation
from tests.factories.reminders import make_action
from tests.reminders.test_refresh_at_once import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MAY = Month(2026, 5)
TODAY = date(2026, 5, 12)
EVERYWHERE = Organisation.objects.all()
# What no test waits for longer.
PATIENCE = 10


def close(item: ReminderItem) -> None:
    close_item(item, data=RecordData(kind=RecordKind.DATE_ONLY, held_on=TODAY), by=None, on=TODAY)


def may() -> Figures:
    return by_month(EVERYWHERE, [MAY], on=MAY.last)[MAY]


def make_items(count: int = 2) -> list[ReminderItem]:
    """So many items of one branch, counted, with a mark that waits."""
    branch = make_organisation()
    for _ in range(count):
        make_action()
    refresh(MAY, on=TODAY)
    SummaryMark.objects.create(organisation=branch)
    return list(ReminderItem.objects.order_by("pk"))


def test_a_writer_who_commits_during_a_recount_is_counted_by_the_next() -> None:
    """The recount reads between the writer's change and its commit."""
    first, _ = make_items()
    assert first_then(lambda: close(first), recount_stale) == [None, 1]
    assert (may().open, SummaryMark.objects.count()) == (2, 1)
    assert recount_stale() == 1
    assert (may().open, may().on_time) == (1, 1)
    assert check_summaries().differences == ()


def test_a_writer_who_begins_during_a_recount_does_not_wait_for_it() -> None:
    first, _ = make_items()
    written = threading.Event()

    def recount() -> tuple[int, bool]:
        with transaction.atomic():
            found = recount_stale()
            began.set()
            return found, written.wait(PATIENCE)

    def write() -> None:
        began.wait(PATIENCE)
        close(first)
        written.set()

    began = threading.Event()
    assert at_once(recount, write) == [(1, True), None]
    assert (may().open, SummaryMark.objects.count()) == (2, 1)
    recount_stale()
    assert (may().open, may().on_time) == (1, 1)


def test_a_refresh_and_a_writer_at_once_end_in_the_right_counts() -> None:
    """The refresh counts its own changes, and the mark of the writer stays for what it could not see."""
    first, second = make_items()
    recount_stale()
    make_action()
    held, refreshed = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            close(first)
            held.set()
            refreshed.wait(PATIENCE)

    def run() -> int:
        held.wait(PATIENCE)
        created = refresh(MAY, on=TODAY).created
        refreshed.set()
        return created

    assert at_once(write, run) == [None, 1]
    assert (may().asked, may().open) == (3, 3)
    assert SummaryMark.objects.get().organisation_id == second.organisation_id
    recount_stale()
    assert (may().asked, may().open, may().on_time) == (3, 2, 1)


def test_a_recount_waits_for_the_refresh_and_sees_what_it_made() -> None:
    make_items()
    make_action()
    assert first_then(lambda: refresh(MAY, on=TODAY).created, recount_stale) == [1, 1]
    assert may().asked == 3
    assert check_summaries().differences == ()


def test_many_writers_and_recounts_at_once_lose_nothing() -> None:
    items = make_items(6)

    def write(mine: list[ReminderItem]) -> None:
        for item in mine[::2]:
            close(item)
            recount_stale()
        for item in mine[1::2]:
            mark_not_applicable(item, reason="没有", by=None, on=TODAY)
            recount_stale(EVERYWHERE)

    found = at_once(lambda: write(items[:3]), lambda: write(items[3:]), lambda: rebuild() and None)
    assert found == [None, None, None]
    recount_stale()
    assert (may().on_time, may().not_applicable, may().open) == (4, 2, 0)
    assert check_summaries().differences == ()
