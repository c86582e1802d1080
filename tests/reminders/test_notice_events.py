"""Which of the told matters are still open."""

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from branches.models import AccessGrant, Organisation
from branches.roles import all_permissions
from branches.rules import GrantKind, OrganisationKind, Role
from notices.events import all_events
from notices.rules import Level
from reminders import notice_events as told
from reminders.handover_rules import HandoverCause, HandoverState
from reminders.models import Handover, ReminderItem, SpecialTask, StandIn
from reminders.rules import ItemState
from tests.factories.branches import make_organisation, make_post, make_tree, make_user
from tests.factories.items import make_done, make_item
from tests.factories.reminders import make_task

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 18)


def subjects(*items: ReminderItem) -> list[str]:
    return [told.item_subject(item.pk) for item in items]


@pytest.fixture
def branch() -> Organisation:
    return make_tree(1)[2][0]


def test_every_event_names_a_known_permission_and_is_found_by_its_code() -> None:
    assert [event.permission for event in told.EVENTS if event.permission not in all_permissions()] == []
    assert {event.code: all_events()[event.code] for event in told.EVENTS} == {
        event.code: event for event in told.EVENTS
    }


def test_the_level_says_how_soon_each_event_has_to_arrive() -> None:
    assert {event.code: event.level for event in told.EVENTS} == {
        told.WEEKLY_DIGEST: Level.DIGEST,
        told.DUE_TODAY: Level.DUE,
        told.ITEM_RETURNED: Level.URGENT,
        told.TASK_SENT: Level.URGENT,
        told.TASK_WITHDRAWN: Level.URGENT,
        told.HANDOVER_OPENED: Level.URGENT,
        told.HANDOVER_WAITS: Level.URGENT,
        told.STAND_IN_BEGINS: Level.URGENT,
    }


def test_open_and_returned_items_are_still_open_and_settled_ones_are_not(branch: Organisation) -> None:
    waiting = make_item(branch)
    returned = make_item(branch, state=ItemState.RETURNED)
    done = make_done(branch, done_on=ON)
    withdrawn = make_item(branch, state=ItemState.WITHDRAWN, reason="支部已撤销")
    asked = [*subjects(waiting, returned, done, withdrawn), told.item_subject(10**9)]
    assert told.list_still_open(asked, ON) == set(subjects(waiting, returned))


def test_only_what_is_asked_for_is_answered(branch: Organisation) -> None:
    first, _ = make_item(branch), make_item(branch)
    assert told.list_still_open(subjects(first), ON) == set(subjects(first))
    assert told.list_still_open([], ON) == set()


@pytest.mark.parametrize("count", [1, 3])
def test_many_items_are_one_query(
    branch: Organisation, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    asked = subjects(*(make_item(branch) for _ in range(count)))
    with django_assert_num_queries(1):
        assert told.list_still_open(asked, ON) == set(asked)


def test_the_number_of_a_general_branch_stands_while_a_branch_below_it_is_late() -> None:
    _, general, (branch, _) = make_tree(2)
    other = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    make_item(make_organisation(parent=other), due=ON)
    # Its own items are lines of their own.
    make_item(general, due=ON - timedelta(days=3))
    asked = [told.overdue_subject(general.pk), told.overdue_subject(other.pk)]
    assert told.list_still_open(asked, ON) == set()
    item = make_item(branch, due=ON - timedelta(days=1))
    assert told.list_still_open(asked, ON) == {told.overdue_subject(general.pk)}
    ReminderItem.objects.filter(pk=item.pk).update(state=ItemState.DONE, done_on=ON)
    assert told.list_still_open(asked, ON) == set()


def test_a_task_is_open_until_it_is_withdrawn(branch: Organisation) -> None:
    task, other = (make_task(branch, [branch], start=ON, end=ON) for _ in range(2))
    SpecialTask.objects.filter(pk=other.pk).update(withdrawn_at="2026-11-18T02:00:00Z")
    asked = [told.task_subject(task.pk), told.task_subject(other.pk)]
    assert told.task_still_open(asked, ON) == {told.task_subject(task.pk)}


def test_a_handover_is_open_while_it_runs(branch: Organisation) -> None:
    states = [*HandoverState]
    made = {
        state: Handover.objects.create(
            organisation=branch,
            role=Role.WORKER,
            cause=HandoverCause.POST_ENDED,
            last_day=ON,
            leaver_post=make_post(branch),
            leaver_name="雷彩霞",
            state=state,
            opened_on=ON,
            reason="误开",
            newcomer_post=make_post(branch),
            newcomer_name="杨立群",
            changed_hands_at="2026-11-18T02:00:00Z",
        )
        for state in states
    }
    running = {HandoverState.OPEN, HandoverState.CHECKED, HandoverState.CONFIRMED}
    assert told.handover_still_open([told.handover_subject(h.pk) for h in made.values()], ON) == {
        told.handover_subject(made[state].pk) for state in running
    }


def test_standing_in_is_open_to_its_last_day(branch: Organisation) -> None:
    grant = AccessGrant.objects.create(
        user=make_user(), organisation=branch, kind=GrantKind.STAND_IN, since=ON, until=ON, reason="请假代办"
    )
    stand_in = StandIn.objects.create(
        organisation=branch, absent_post=make_post(branch), grant=grant, arranged_by=make_user()
    )
    asked = [told.stand_in_subject(stand_in.pk)]
    assert told.stand_in_still_open(asked, ON) == set(asked)
    assert told.stand_in_still_open(asked, ON + timedelta(days=1)) == set()
