"""Whatever happens to items, in whatever order: the counted months are those of a recount."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from branches.actions.facts import mark_changed
from branches.models import MemberEvent, Organisation
from branches.rules import EventKind, MemberStatus
from periods.months import Month
from records.actions import RecordData
from records.rules import RecordKind
from reminders.actions.items import ItemRefusal, close_items, mark_not_applicable, return_item, undo_item
from reminders.actions.refresh import refresh
from reminders.actions.summaries import rebuild, recount_stale
from reminders.actions.summaries_check import check_summaries
from reminders.actions.tasks_special import TaskData, TaskRefusal, send_task, withdraw_task
from reminders.models import Action, Adoption, LeadDays, MonthSummary, ReminderItem, SpecialTask
from tests.factories.branches import make_member, make_tree, make_user
from tests.factories.reminders import make_action, make_version

FIRST = date(2026, 5, 1)
TALK = {"kind": "event_offset", "anchor": "application_received", "due_offset": {"months": 1}}
RULES = (
    {"kind": "periodic", "period": "month", "due": "first_workday_of_period"},
    {"kind": "periodic", "period": "month", "remind_days_before": [10]},
    {"kind": "periodic", "period": "quarter", "min_count": 1, "due": "last_workday_of_period"},
)


@dataclass
class World:
    """Two branches with a monthly and a quarterly demand and a talk that a registered fact settles."""

    general: Organisation
    branches: list[Organisation]
    monthly: Action
    by: User
    on: date = FIRST
    sent: int = 0

    def item(self, n: int) -> ReminderItem | None:
        rows = ReminderItem.objects.order_by("pk")
        count = rows.count()
        return rows[n % count] if count else None


def make_world() -> World:
    _, general, branches = make_tree()
    monthly = make_action("monthly", minutes=25)
    make_action("quarterly", due_rule=RULES[2])
    make_action("talk", due_rule=TALK)
    member = make_member(branches[0], status=MemberStatus.APPLICANT)
    for kind, on in ((EventKind.APPLIED, FIRST), (EventKind.TALKED, FIRST + timedelta(days=3))):
        MemberEvent.objects.create(member=member, kind=kind, on=on, organisation=branches[0])
    MemberEvent.objects.filter(kind=EventKind.TALKED).update(corrected_at=timezone.now())
    world = World(general, branches, monthly, make_user())
    refresh(Month.of(FIRST), on=FIRST)
    return world


def close(world: World, n: int) -> None:
    """One item, and whatever else is open beside it for an even number."""
    if item := world.item(n):
        beside = ReminderItem.objects.unsettled().filter(organisation=item.organisation)[: 1 - n % 2]
        held_on = max(world.on - timedelta(days=n % 9), item.opens_on)
        data = RecordData(kind=RecordKind.DATE_ONLY, held_on=min(held_on, world.on))
        close_items([item, *beside], data=data, by=None, on=world.on)


def leave_out(world: World, n: int) -> None:
    if item := world.item(n):
        mark_not_applicable(item, reason="没有", by=None, on=world.on)


def take_back(world: World, n: int) -> None:
    if item := world.item(n):
        undo_item(item, by=None, on=world.on)


def send_back(world: World, n: int) -> None:
    if item := world.item(n):
        return_item(item, checklist_line="签到", reason="不全", by=world.by)


def days_pass(world: World, n: int) -> None:
    world.on += timedelta(days=3 * n)
    refresh(Month.of(world.on), on=world.on)


def change_rule(world: World, n: int) -> None:
    world.on += timedelta(days=1)
    make_version(world.monthly, valid_from=world.on, due_rule=RULES[n % 3], minutes=10 + n)


def switch(world: World, n: int) -> None:
    world.on += timedelta(days=1)
    Adoption.objects.create(
        action=world.monthly,
        organisation=world.general,
        valid_from=world.on,
        adopted=bool(n % 2),
        reason="调整",
    )


def dissolve(world: World, n: int) -> None:
    gone = None if n % 3 == 0 else world.on
    Organisation.objects.filter(pk=world.branches[1].pk).update(dissolved_on=gone)


def register(world: World, n: int) -> None:
    """The talk is registered, or what was registered is corrected."""
    corrected = None if n % 2 else timezone.now()
    MemberEvent.objects.filter(kind=EventKind.TALKED).update(corrected_at=corrected)
    mark_changed(world.branches)


def redate(world: World, n: int) -> None:
    """The day of the application was mistyped: its item moves, to another month where n is large."""
    day = FIRST - timedelta(days=10 * n)
    MemberEvent.objects.filter(kind=EventKind.APPLIED).update(on=day)
    mark_changed(world.branches)


def send(world: World, n: int) -> None:
    world.sent += 1
    task = TaskData(f"t{world.sent}", "摸底", "通知", world.on, world.on + timedelta(days=n), 20, "date_only")
    send_task(world.general, data=task, targets=world.branches, by=world.by, on=world.on)


def withdraw(world: World, n: int) -> None:
    tasks = SpecialTask.objects.order_by("pk")
    if count := tasks.count():
        withdraw_task(tasks[n % count], reason="合并", by=world.by, at=timezone.now())


def recount_one(world: World, n: int) -> None:
    recount_stale(Organisation.objects.filter(pk=world.branches[n % 2].pk))


DEEDS: tuple[Callable[[World, int], None], ...] = (
    *(close, leave_out, take_back, send_back, days_pass, change_rule),
    *(switch, dissolve, register, redate, send, withdraw, recount_one),
)
Deeds = list[tuple[Callable[[World, int], None], int]]
deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 12)), min_size=1, max_size=14)


def counted() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    months = MonthSummary.objects.order_by("organisation", "month").values_list()
    leads = LeadDays.objects.order_by("organisation", "month", "days").values_list()
    return [row[1:] for row in months], [row[1:] for row in leads]


@pytest.mark.django_db
@settings(max_examples=30, deadline=None)
@given(deeds)
def test_the_months_are_those_of_a_recount(done: Deeds) -> None:
    live(done)


@pytest.mark.postgres
@pytest.mark.django_db
@settings(max_examples=30, deadline=None)
@given(deeds)
def test_the_months_are_those_of_a_recount_on_postgresql(done: Deeds) -> None:
    live(done)


def live(done: Deeds) -> None:
    """Everything one after the other, and then taken back."""
    with transaction.atomic():
        world = make_world()
        for deed, n in done:
            try:
                deed(world, n)
            except (ItemRefusal, TaskRefusal):
                continue
            assert check_summaries().differences == ()
        refresh(Month.of(world.on), on=world.on)
        recount_stale()
        checked = check_summaries()
        assert (checked.differences, checked.waiting) == ((), 0)
        before = counted()
        rebuild()
        assert counted() == before
        assert before[0]
        transaction.set_rollback(True)
