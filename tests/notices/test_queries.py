"""What a person, a matter's page and the staff see of messages."""

from collections.abc import Callable, Collection
from datetime import date, time, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.models import Organisation
from branches.rules import Role
from notices.actions.inbox import mark_read
from notices.events import Event, all_events
from notices.models import Channel, Delivery, Message, NoticePreference
from notices.queries.about import Told, told_about
from notices.queries.dead_letters import RETRYING, DeadLetter, dead_letter_rows, dead_letters
from notices.queries.inbox import LineRow, Sending, inbox, label_of, message_page, unread_count
from notices.queries.preferences import preferences_of
from notices.rules import ChannelKind, DeliveryState, Level
from tests.factories.branches import (
    make_holder,
    make_member,
    make_organisation,
    make_post,
    make_tree,
    make_user,
)
from tests.factories.notices import make_channel, make_line, make_message
from tests.notices.scene import NEVER, NOW, SENT, Clock, answering, run

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)
LATER_ON = NOW + timedelta(hours=1)


@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_is_ones_own_and_newest_first(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = make_user()
    make_message(make_user(), now=NOW)
    made = [make_message(user, now=NOW + timedelta(hours=n)) for n in range(count)]
    with django_assert_num_queries(2):
        rows = [(message, len(message.lines.all())) for message in inbox(user)]
    assert rows == [(message, 1) for message in reversed(made)]


def test_the_inbox_narrows_to_unread_and_to_a_level() -> None:
    user = make_user()
    old, new = make_message(user, now=NOW), make_message(user, now=LATER_ON, level=Level.DUE)
    mark_read(old, now=LATER_ON)
    assert [*inbox(user, unread=True)] == [new]
    assert [*inbox(user, level=Level.URGENT)] == [old]
    assert [*inbox(user, unread=True, level=Level.URGENT)] == []


def test_unread_messages_are_counted_in_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_user()
    make_message(make_user(), now=NOW)
    for _ in range(3):
        message = make_message(user, now=NOW)
    mark_read(message, now=NOW)
    with django_assert_num_queries(1):
        assert unread_count(user) == 2


def still_open_but(settled: str) -> Callable[[Collection[str], date], set[str]]:
    return lambda subjects, on: {*subjects} - {settled}


def test_the_page_of_a_message_says_what_is_settled_and_what_became_of_it(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setitem(
        all_events(),
        "test.matter",
        Event("test.matter", "测试事项", Level.DUE, still_open=still_open_but("item:1")),
    )
    user = make_user()
    robot = make_channel(user, ChannelKind.WECOM, label="我的机器人")
    lines = (make_line("item:1", "甲"), make_line("item:2", "乙"), make_line("", "丙"))
    made = make_message(user, now=NOW, event="test.matter", lines=lines)
    run(Clock(LATER_ON), answering(SENT))
    with django_assert_num_queries(2):
        page = message_page(made, on=ON)
    assert (page.message, page.label) == (made, "测试事项")
    url = "/w/reminders/"
    assert page.lines == (LineRow("甲", url, True), LineRow("乙", url, False), LineRow("丙", url, False))
    assert page.sendings == (
        Sending("我的机器人", "企业微信机器人", DeliveryState.SENT, LATER_ON, "对方已收到。"),
    )
    assert robot.kind == ChannelKind.WECOM


def test_what_waits_says_when_it_leaves() -> None:
    user = make_user()
    make_channel(user, label="邮箱")
    evening = NOW.replace(hour=21)
    page = message_page(make_message(user, now=evening), on=ON)
    morning = (NOW + timedelta(days=1)).replace(hour=7, minute=30)
    assert page.sendings == (Sending("邮箱", "电子邮件", DeliveryState.WAITING, morning, ""),)


def test_what_an_app_that_is_gone_told_of_stays_readable() -> None:
    message = make_message(make_user(), now=NOW)
    message.event = "gone.app"
    assert (label_of(message), len(message_page(message, on=ON).lines)) == ("其他通知", 1)


@pytest.mark.parametrize("count", [1, 3])
def test_a_matter_says_who_was_told_when_and_where(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [make_user(name=f"某人{n}") for n in range(count)]
    for n, user in enumerate(people):
        make_channel(user, label="邮箱")
        lines = (make_line("item:12"), make_line("item:12"))
        made = make_message(user, now=NOW + timedelta(minutes=n), lines=lines)
    make_message(make_user(), now=NOW, lines=(make_line("item:120"),))
    mark_read(made, now=LATER_ON)
    run(Clock(LATER_ON), answering(SENT), limit=1)
    with django_assert_num_queries(3):
        told = told_about("item:12")
    sent = Sending("邮箱", "电子邮件", DeliveryState.SENT, LATER_ON, "对方已收到。")
    waits = [
        Sending("邮箱", "电子邮件", DeliveryState.WAITING, NOW + timedelta(minutes=n), "")
        for n in range(count)
    ]
    assert told == [
        Told(
            recipient=f"某人{n}",
            title="有一件事需要办理",
            made_at=NOW + timedelta(minutes=n),
            read_at=LATER_ON if n == count - 1 else None,
            sendings=(waits[n] if n else sent,),
        )
        for n in reversed(range(count))
    ]
    assert told_about("item:1") == []


def test_who_said_nothing_is_told_by_the_defaults() -> None:
    user = make_user()
    usual = preferences_of(user)
    assert (usual.user, usual._state.adding, usual.quiet_from) == (user, True, time(20))
    saved = NoticePreference.objects.create(user=user, quiet_from=time(22))
    assert preferences_of(User.objects.get(pk=user.pk)) == saved


# dead letters


def dead_letter_of(user: User) -> Delivery:
    channel = make_channel(user, label="我的邮箱")
    message = make_message(user, now=NOW, lines=(make_line(text="不可外传的内容"),))
    Channel.objects.exclude(pk=channel.pk).update(active=False)
    run(Clock(LATER_ON), answering(NEVER))
    Channel.objects.update(active=True)
    return Delivery.objects.get(message=message, channel=channel)


@pytest.fixture
def tree() -> tuple[Organisation, Organisation, Organisation]:
    committee, general, (branch, _) = make_tree()
    return committee, general, branch


@pytest.mark.parametrize("count", [1, 3])
def test_staff_see_what_did_not_reach_their_people(
    count: int,
    tree: tuple[Organisation, Organisation, Organisation],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _, general, branch = tree
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    dead = [dead_letter_of(make_holder(branch)) for _ in range(count)]
    dead_letter_of(make_holder(make_organisation()))  # a foreign branch
    dead_letter_of(make_user())  # belongs nowhere
    with django_assert_num_queries(1):
        rows = dead_letter_rows(dead_letters(staff, on=ON))
    assert [row.pk for row in rows] == [each.pk for each in reversed(dead)]
    first = dead[0]
    assert rows[-1] == DeadLetter(
        pk=first.pk,
        recipient=str(first.channel.user),
        event="试发一条",
        kind="电子邮件",
        channel="我的邮箱",
        told_at=NOW,
        failed_at=LATER_ON,
        tries=1,
        why="机器人已被删除。",
        read_at=None,
        can_retry=True,
    )
    assert "不可外传" not in str(rows)


def test_people_count_through_their_member_and_while_the_post_runs(
    tree: tuple[Organisation, Organisation, Organisation],
) -> None:
    _, general, branch = tree
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    user = make_user()
    make_post(branch, Role.SECRETARY, member=make_member(branch, user=user))
    here = dead_letter_of(user)
    dead_letter_of(make_holder(branch, until=ON - timedelta(days=1)))
    assert [*dead_letters(staff, on=ON)] == [here]


def test_who_sees_dead_letters_and_who_does_not(
    tree: tuple[Organisation, Organisation, Organisation],
) -> None:
    committee, general, branch = tree
    worker = make_holder(branch)
    dead = dead_letter_of(worker)
    administrator = make_holder(committee, Role.ADMINISTRATOR)
    overseer = make_holder(committee, Role.COMMITTEE_STAFF)
    foreign = make_holder(
        make_organisation(kind=general.kind, name="外单位党总支"), Role.GENERAL_BRANCH_STAFF
    )
    seen = {
        user: [*dead_letters(user, on=ON, permission=permission)]
        for user in (administrator, overseer, foreign, worker)
        for permission in (RETRYING, "notices.view_failed")
    }
    assert seen == {administrator: [dead], overseer: [], foreign: [], worker: []}


def test_a_dead_letter_says_when_it_was_read_in_the_portal_and_that_its_address_is_gone(
    tree: tuple[Organisation, Organisation, Organisation],
) -> None:
    _, general, branch = tree
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    dead = dead_letter_of(make_holder(branch))
    Message.objects.update(read_at=LATER_ON)
    Channel.objects.update(removed_at=LATER_ON)
    (row,) = dead_letter_rows(dead_letters(staff, on=ON))
    assert (row.pk, row.read_at, row.can_retry) == (dead.pk, LATER_ON, False)
