"""A refresh while somebody settles the same items: what is being settled is left alone (PostgreSQL)."""

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from branches.models import MemberEvent, Organisation
from branches.rules import EventKind, MemberStatus
from periods.months import Month
from records.actions import RecordData
from records.rules import RecordKind
from reminders.actions.items import close_item
from reminders.actions.refresh import refresh
from reminders.actions.refresh_steps import RefreshResult
from reminders.models import Action, Adoption, ListChange, ReminderItem
from reminders.rules import ChangeKind, ItemState
from tests.factories.branches import make_member, make_organisation
from tests.factories.reminders import make_action, make_version

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MAY = Month(2026, 5)
TODAY = date(2026, 5, 12)
FIRST_WORKDAY = {"kind": "periodic", "period": "month", "due": "first_workday_of_period"}
TALK = {"kind": "event_offset", "anchor": "application_received", "due_offset": {"months": 1}}
NOTED = [ChangeKind.MOVED, ChangeKind.WITHDRAWN, ChangeKind.RESTORED, ChangeKind.DONE]


def refreshed_during(work: Callable[[], object]) -> RefreshResult:
    """What a refresh does while the work is done but not yet written."""
    settled, refreshed = threading.Event(), threading.Event()
    found: list[Any] = []

    def settle() -> None:
        try:
            with transaction.atomic():
                work()
                settled.set()
                refreshed.wait(5)
        finally:
            connections.close_all()

    def run() -> None:
        try:
            settled.wait(5)
            found.append(refresh(MAY, on=TODAY))
        finally:
            refreshed.set()
            connections.close_all()

    callers = [threading.Thread(target=settle), threading.Thread(target=run)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    (result,) = found
    assert isinstance(result, RefreshResult)
    return result


def two_items() -> tuple[Action, ReminderItem, ReminderItem]:
    """The one that is settled meanwhile, and another one of the same action."""
    branches = [make_organisation(), make_organisation()]
    action = make_action()
    refresh(MAY, on=TODAY)
    ListChange.objects.all().delete()
    first, second = (ReminderItem.objects.get(organisation=branch) for branch in branches)
    return action, first, second


def close(item: ReminderItem) -> None:
    close_item(item, data=RecordData(kind=RecordKind.DATE_ONLY, held_on=TODAY), by=None, on=TODAY)


def switch_off(action: Action) -> None:
    for place in Organisation.objects.all():
        Adoption.objects.create(
            action=action, organisation=place, valid_from=TODAY, adopted=False, reason="停用"
        )


def noted() -> list[tuple[int, str]]:
    return list(ListChange.objects.filter(kind__in=NOTED).values_list("item", "kind"))


def test_a_close_under_way_is_not_withdrawn() -> None:
    action, item, other = two_items()
    switch_off(action)
    result = refreshed_during(lambda: close(item))
    for each in (item, other):
        each.refresh_from_db()
    assert (item.state, item.done_on, item.reason) == (ItemState.DONE, TODAY, "")
    assert other.state == ItemState.WITHDRAWN
    assert (result.withdrawn, noted()) == (1, [(other.pk, ChangeKind.WITHDRAWN)])


def test_a_close_under_way_is_not_moved() -> None:
    action, item, other = two_items()
    due_on = item.due_on
    make_version(action, valid_from=TODAY, due_rule=FIRST_WORKDAY)
    result = refreshed_during(lambda: close(item))
    for each in (item, other):
        each.refresh_from_db()
    assert (item.state, item.due_on, item.version.due_rule == FIRST_WORKDAY) == (
        ItemState.DONE,
        due_on,
        False,
    )
    assert (other.due_on, other.version.due_rule) == (date(2026, 5, 6), FIRST_WORKDAY)
    assert (result.moved, noted()) == (1, [(other.pk, ChangeKind.MOVED)])


def test_a_close_under_way_is_not_done_by_a_fact() -> None:
    """Somebody types the record while the fact is registered: the record stays, and nobody waits."""
    action = make_action("talk", due_rule=TALK)
    for code in ("A", "B"):
        branch = make_organisation(code)
        member = make_member(branch, status=MemberStatus.APPLICANT)
        for kind, on in ((EventKind.APPLIED, date(2026, 4, 20)), (EventKind.TALKED, TODAY)):
            MemberEvent.objects.create(member=member, kind=kind, on=on, organisation=branch)
    MemberEvent.objects.filter(kind=EventKind.TALKED).update(corrected_at=timezone.now())
    refresh(MAY, on=date(2026, 5, 11))
    MemberEvent.objects.update(corrected_at=None)
    item, other = ReminderItem.objects.filter(action=action).order_by("pk")
    result = refreshed_during(lambda: close(item))
    for each in (item, other):
        each.refresh_from_db()
    assert (item.state, item.settled_by, item.record is not None) == (ItemState.DONE, "", True)
    assert (other.state, other.settled_by.partition(":")[0]) == (ItemState.DONE, "event")
    assert (result.done, noted()) == (1, [(other.pk, ChangeKind.DONE)])


def test_a_close_that_changes_facts_and_a_refresh_never_wait_for_each_other() -> None:
    """The refresh holds the organisation's row, the close its item: neither may want what the other has."""
    action, item, _ = two_items()
    switch_off(action)
    Organisation.objects.update(facts_changed=True)
    held = threading.Event()
    errors: list[Exception] = []

    def settle() -> None:
        try:
            with transaction.atomic():
                ReminderItem.objects.select_for_update(no_key=True).get(pk=item.pk)
                held.set()
                time.sleep(1)
                election = RecordData(kind=RecordKind.ELECTION, held_on=TODAY)
                close_item(item, data=election, by=None, on=TODAY)
        except Exception as error:  # the assertion names it
            errors.append(error)
        finally:
            connections.close_all()

    caller = threading.Thread(target=settle)
    caller.start()
    held.wait(5)
    assert refresh(MAY, on=TODAY).withdrawn == 1
    caller.join()
    item.refresh_from_db()
    assert (errors, item.state) == ([], ItemState.DONE)
    assert list(Organisation.objects.stale()) == [item.organisation]
