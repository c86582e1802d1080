"""Dead letters are tried again by hand; old messages are forgotten; reading is noted."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from notices.actions.dead_letters import RetryRefused, retry_delivery
from notices.actions.delivery import Delivered
from notices.actions.inbox import CHUNK, forget_old_messages, mark_all_read, mark_read
from notices.models import Channel, Delivery, Line, Message
from notices.rules import KEPT_FOR, TRIES, DeliveryState
from tests.factories.branches import make_user
from tests.factories.notices import make_channel, make_letter, make_message
from tests.notices.scene import LATER, NEVER, NOW, SENT, Clock, answering, run, run_for, states

pytestmark = pytest.mark.django_db
AFTER = NOW + timedelta(hours=2)
LONG_AFTER = NOW + KEPT_FOR + timedelta(seconds=1)


@pytest.fixture
def staff() -> User:
    return make_user(name="干事")


@pytest.fixture
def dead() -> Delivery:
    make_message(make_channel().user, now=NOW)
    run(Clock(), answering(NEVER))
    return Delivery.objects.get(state=DeliveryState.DEAD)


def test_a_dead_letter_is_tried_again_and_arrives(dead: Delivery, staff: User) -> None:
    again = retry_delivery(dead, by=staff, now=AFTER)
    assert (again.state, again.attempts, again.next_try_at, again.settled_at) == (
        DeliveryState.WAITING,
        0,
        AFTER,
        None,
    )
    assert run(Clock(AFTER), answering(SENT)) == Delivered(sent=1)
    event = AuditEvent.objects.get(event="notices.delivery_retried")
    assert (event.by, event.target_id) == (staff, str(dead.pk))
    assert event.detail == {
        "event": "notices.channel_test",
        "recipient": dead.channel.user_id,
        "kind": "email",
    }


def test_all_tries_are_before_it_again(staff: User) -> None:
    make_message(make_channel().user, now=NOW)
    clock = Clock()
    run_for(clock, answering(LATER), step=timedelta(hours=1), times=24 * 9)
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == (DeliveryState.DEAD, TRIES)
    retry_delivery(row, by=staff, now=clock.now)
    assert run(clock, answering(LATER)) == Delivered(later=1)


def test_tried_again_at_night_it_leaves_in_the_morning(dead: Delivery, staff: User) -> None:
    again = retry_delivery(dead, by=staff, now=NOW.replace(hour=22))
    assert again.next_try_at == (NOW + timedelta(days=1)).replace(hour=7, minute=30)


def test_what_is_settled_meanwhile_is_not_sent_by_trying_again(staff: User) -> None:
    user = make_channel().user
    make_message(user, now=NOW, series="weekly")
    run(Clock(), answering(NEVER))
    make_message(user, now=AFTER, series="weekly")
    old = Delivery.objects.get(state=DeliveryState.DEAD)
    retry_delivery(old, by=staff, now=AFTER)
    assert run(Clock(AFTER), answering(SENT)) == Delivered(sent=1, cancelled=1)
    old.refresh_from_db()
    assert old.state == DeliveryState.CANCELLED


def test_trying_again_twice_is_refused(dead: Delivery, staff: User) -> None:
    retry_delivery(dead, by=staff, now=AFTER)
    with pytest.raises(RetryRefused) as refused:
        retry_delivery(dead, by=staff, now=AFTER)
    assert str(refused.value) == "这条通知现在是“等待发送”，不需要重新发送。"
    assert AuditEvent.objects.filter(event="notices.delivery_retried").count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"active": False}, "收件人已停用或删除这个通知方式，请联系本人重新设置后再通知。"),
        ({"removed_at": NOW}, "收件人已停用或删除这个通知方式，请联系本人重新设置后再通知。"),
    ],
)
def test_an_address_nobody_uses_is_not_tried_again(
    dead: Delivery, staff: User, fields: dict[str, object], words: str
) -> None:
    Channel.objects.update(**fields)
    with pytest.raises(RetryRefused) as refused:
        retry_delivery(dead, by=staff, now=AFTER)
    assert str(refused.value) == words


def test_who_cannot_sign_in_is_not_written_to_again(dead: Delivery, staff: User) -> None:
    User.objects.filter(pk=dead.channel.user_id).update(is_active=False)
    with pytest.raises(RetryRefused) as refused:
        retry_delivery(dead, by=staff, now=AFTER)
    assert str(refused.value) == "收件人的账号已停用，不能再发送。"
    assert states() == [DeliveryState.DEAD]


def test_the_first_reading_is_noted() -> None:
    message = make_message(make_user(), now=NOW)
    assert [mark_read(message, now=AFTER), mark_read(message, now=LONG_AFTER)] == [True, False]
    message.refresh_from_db()
    assert message.read_at == AFTER


def test_everything_told_so_far_is_read_at_once() -> None:
    user, other = make_user(), make_user()
    for who, when in ((user, NOW), (user, AFTER), (user, LONG_AFTER), (other, NOW)):
        make_message(who, now=when)
    assert [mark_all_read(user, now=AFTER), mark_all_read(user, now=AFTER)] == [2, 0]
    read = Message.objects.exclude(read_at=None)
    assert {(message.recipient, message.read_at) for message in read} == {(user, AFTER)}


def old_message(state: DeliveryState, user: User | None = None) -> Message:
    message = make_message(make_channel(user).user, now=NOW)
    leased = {"lease": message.uid, "leased_until": NOW} if state == DeliveryState.SENDING else {}
    message.deliveries.update(state=state, sent_at=NOW, settled_at=NOW, **leased)
    return message


def test_what_was_told_long_ago_is_forgotten_with_its_lines_and_deliveries() -> None:
    for state in (DeliveryState.SENT, DeliveryState.CANCELLED):
        old_message(state)
    make_message(make_user(), now=NOW)
    young = make_message(make_channel().user, now=NOW + timedelta(seconds=1))
    assert forget_old_messages(now=LONG_AFTER) == 3
    assert [message.pk for message in Message.objects.all()] == [young.pk]
    assert (Line.objects.count(), Delivery.objects.count()) == (1, 1)
    assert forget_old_messages(now=LONG_AFTER) == 0


def test_what_somebody_still_waits_for_is_kept() -> None:
    kept = [
        old_message(state) for state in (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.DEAD)
    ]
    old_message(DeliveryState.DEAD, make_user(is_active=True))
    seen = Message.objects.latest("pk")
    mark_read(seen, now=AFTER)
    gone = old_message(DeliveryState.DEAD)
    User.objects.filter(pk=gone.recipient_id).update(is_active=False)
    assert forget_old_messages(now=LONG_AFTER) == 2
    assert sorted(Message.objects.values_list("pk", flat=True)) == [message.pk for message in kept]


@pytest.mark.parametrize(("count", "statements"), [(1, 10), (3, 10), (CHUNK + 1, 21)])
def test_forgetting_goes_by_chunks(
    count: int, statements: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Each chunk in a transaction of its own, and an empty one at the end."""
    user = make_user()
    first: datetime = NOW - timedelta(days=1)
    Message.objects.bulk_create(
        Message(
            recipient=user, event="e", level="due", key=str(n), title="旧", outside_title="旧", made_at=first
        )
        for n in range(count)
    )
    with django_assert_num_queries(statements):
        assert forget_old_messages(now=LONG_AFTER) == count


def test_a_person_told_again_of_something_forgotten_hears_of_it() -> None:
    user = make_user()
    letter = make_letter(user, "week:47")
    make_message(user, now=NOW, key="week:47")
    forget_old_messages(now=LONG_AFTER)
    assert make_message(user, now=LONG_AFTER, key=letter.key).made_at == LONG_AFTER
