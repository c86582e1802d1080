"""Two refreshes at the same time, on both databases; and the whole refresh on PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, connections, transaction

from branches.models import Organisation
from periods.months import Month
from reminders.actions.catalogue_load import load_catalogue
from reminders.actions.refresh import refresh, refresh_if_stale
from reminders.models import ListChange, ReminderItem
from reminders.rules import ChangeKind, ItemState
from tests.factories.branches import make_organisation
from tests.factories.reminders import grow_tree, make_action

MAY = Month(2026, 5)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run each work in a thread with a connection of its own; gives results or errors."""
    gate, results = threading.Barrier(len(works)), list[object]([None] * len(works))

    def run(place: int, work: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[place] = work()
        except Exception as error:  # the assertion names it
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def make_the_same_month_twice() -> None:
    load_catalogue(on=MAY.first)
    grow_tree(40)

    def work() -> int:
        return refresh(MAY, on=MAY.first).created

    results = at_once(work, work)
    assert sorted(results, key=str)[0] == 0
    items = ReminderItem.objects.values_list("organisation", "period", "action", "subject")
    assert max(Counter(items).values()) == 1
    assert sorted(results, key=str)[1] == len(items)
    assert ListChange.objects.filter(kind=ChangeKind.NEW).count() == len(items)


@pytest.mark.django_db(transaction=True)
def test_two_refreshes_at_once_on_sqlite() -> None:
    make_the_same_month_twice()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_refreshes_at_once_on_postgresql() -> None:
    make_the_same_month_twice()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_wait_for_a_refresh() -> None:
    branch = make_organisation()
    make_action()
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            refresh(MAY, on=MAY.first)
            inside.set()
            done.wait(10)

    def ask() -> object:
        inside.wait(10)
        try:
            return refresh_if_stale(branch, on=MAY.first)
        finally:
            done.set()

    assert at_once(hold, ask) == [None, None]
    assert ReminderItem.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_fact_that_changes_meanwhile_is_not_forgotten() -> None:
    """The flag is cleared before facts are read: a change after that raises it again."""
    branch = make_organisation()
    cleared, changed = threading.Event(), threading.Event()

    def refreshing() -> None:
        with transaction.atomic():
            refresh(MAY, on=MAY.first)
            cleared.set()

    def changing() -> None:
        cleared.wait(10)
        Organisation.objects.filter(pk=branch.pk).update(facts_changed=True)
        changed.set()

    assert at_once(refreshing, changing) == [None, None]
    assert Organisation.objects.stale().count() == 1


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_year_is_the_same_on_postgresql() -> None:
    """Every step of the refresh once, on the other database."""
    assert connection.vendor == "postgresql"
    load_catalogue(on=MAY.first)
    grow_tree(12)
    made = [refresh(Month(2026, number), on=date(2026, number, 1)) for number in range(1, 7)]
    assert all(result.created for result in made)
    again = refresh(Month(2026, 6), on=date(2026, 6, 1))
    assert (again.created, again.moved, again.withdrawn, again.restored, again.carried_over) == (
        0,
        0,
        0,
        0,
        0,
    )
    branch = Organisation.objects.get(code="B000000")
    Organisation.objects.filter(pk=branch.pk).update(dissolved_on=date(2026, 6, 5), party_day=20)
    open_items = ReminderItem.objects.unsettled().filter(organisation=branch).count()
    gone = refresh(Month(2026, 6), organisation=branch, on=date(2026, 6, 5))
    assert gone.withdrawn == open_items
    Organisation.objects.filter(pk=branch.pk).update(dissolved_on=None)
    back = refresh(Month(2026, 6), on=date(2026, 6, 6))
    assert back.restored > 0
    assert not ReminderItem.objects.filter(state=ItemState.WITHDRAWN, reason="").exists()
