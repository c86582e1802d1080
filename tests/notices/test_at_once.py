"""Several workers and beats over the same rows, on PostgreSQL, with a robot that counts."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from notices.actions.channels import ChannelRefused, Wishes, add_channel
from notices.actions.dead_letters import RetryRefused, retry_delivery
from notices.actions.delivery import Delivered, deliver_due
from notices.actions.outbox import BATCH, Letter, tell, tell_all
from notices.models import Channel, Delivery, Line, Message
from notices.rules import CHANNEL_FAILING, LEASE, ChannelKind, DeliveryState, Level
from notices.senders import seal_target, send
from tests.branches.test_at_once import first_then
from tests.factories.branches import make_user
from tests.factories.notices import make_channel, make_letter, make_line, never_quiet
from tests.notices.robots import Robot, answers_after, errcode, keeps_silent
from tests.notices.scene import NEVER, NOW, SENT, Clock, answering, run, states
from tests.services import ROOT, current_database_url, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
WORKERS, BEATS = 4, 3


@pytest.fixture
def robot() -> Iterator[Robot]:
    """Slow enough for everybody to meet."""
    with Robot(answers_after(0.05, errcode(0, "ok"))) as made:
        yield made


def reachable(robot: Robot, user: User | None = None) -> Channel:
    address = seal_target(robot.address(ChannelKind.WECOM))
    return make_channel(user, ChannelKind.WECOM, target_sealed=address)


def deliver(robot: Robot) -> Delivered:
    return deliver_due(clock=Clock(), send=partial(send, providers=robot.providers))


def all_at_once(*works: Callable[[], object]) -> list[object]:
    """Run all in threads of their own that start together; results or errors in their order."""
    start, results = threading.Barrier(len(works)), list[object]([None] * len(works))

    def running(place: int, work: Callable[[], object]) -> None:
        start.wait()
        try:
            results[place] = work()
        except Exception as error:  # the assertion names it
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=running, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def sent_by(results: list[object]) -> int:
    return sum(result.sent for result in results if isinstance(result, Delivered))


def test_ten_times_the_same_by_four_workers_and_three_beats_is_sent_once(robot: Robot) -> None:
    user = reachable(robot).user

    def beat() -> object:
        told = [tell(make_letter(user, "week:47"), now=NOW) for _ in range(10)]
        return deliver(robot), len([message for message in told if message])

    results = all_at_once(*[beat] * BEATS, *[partial(deliver, robot)] * WORKERS)
    told = [result[1] for result in results if isinstance(result, tuple)]
    assert sum(told) == 1
    assert deliver(robot) == Delivered()
    assert (len(robot.calls), states()) == (1, [DeliveryState.SENT])
    assert (Message.objects.count(), Line.objects.count()) == (1, 1)


def test_each_of_many_rows_is_sent_once_whoever_takes_it(robot: Robot) -> None:
    letters = [make_letter(reachable(robot).user, outside_title=f"第 {n:02} 件") for n in range(60)]
    tell_all(letters, now=NOW)
    results = all_at_once(*[partial(deliver, robot)] * (WORKERS + BEATS))
    assert [type(result) for result in results] == [Delivered] * (WORKERS + BEATS)
    assert sent_by(results) == 60
    assert set(Counter(call.text for call in robot.calls).values()) == {1}
    assert (len(robot.calls), set(states())) == (60, {DeliveryState.SENT})
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_the_same_told_at_once_keeps_the_lines_of_the_first() -> None:
    user = make_channel().user
    first = make_letter(user, "week:47", lines=(make_line("item:1", "甲"),))
    second = make_letter(user, "week:47", lines=(make_line("item:2", "乙"), make_line("item:3", "丙")))
    results = first_then(lambda: tell_all([first], now=NOW), lambda: tell_all([second], now=NOW))
    assert results == [1, 0]
    assert list(Line.objects.values_list("text", flat=True)) == ["甲"]
    assert Delivery.objects.count() == 1


def test_what_the_first_takes_back_the_second_tells() -> None:
    user = make_channel().user
    told, may_end = threading.Event(), threading.Event()

    @transaction.atomic
    def undone() -> None:
        tell(make_letter(user, "week:47", title="收回的"), now=NOW)
        told.set()
        may_end.wait(1)
        raise LookupError

    def follower() -> object:
        told.wait(5)
        return tell_all([make_letter(user, "week:47")], now=NOW)

    results = all_at_once(undone, follower)
    assert [type(results[0]), results[1]] == [LookupError, 1]
    assert (Message.objects.get().title, Delivery.objects.count()) == ("有一件事需要办理", 1)


def test_two_lists_of_the_same_people_in_opposite_order_do_not_block_each_other() -> None:
    letters = [make_letter(make_channel().user, f"week:{n}") for n in range(50)]

    def telling(order: list[Letter]) -> Callable[[], object]:
        return lambda: tell_all(order, now=NOW)

    results = all_at_once(*[telling(letters), telling(letters[::-1])] * 2)
    assert sorted(str(result) for result in results) == ["0", "0", "0", "50"]
    assert (Message.objects.count(), Delivery.objects.count()) == (50, 50)


def test_of_a_series_written_at_once_only_the_newer_is_sent() -> None:
    user = make_channel().user

    def telling(key: str) -> Callable[[], object]:
        return lambda: tell_all([make_letter(user, key, series="weekly")], now=NOW)

    assert first_then(telling("46"), telling("47")) == [1, 1]
    postman = answering(SENT)
    run(Clock(), postman)
    sent = Delivery.objects.get(state=DeliveryState.SENT)
    assert (sent.message, len(postman.given)) == (Message.objects.latest("pk"), 1)


def test_a_worker_killed_while_sending_leaves_its_row_to_another(robot: Robot) -> None:
    """At least once: the provider may have got the first one, which is told from the second by nothing."""
    user = reachable(robot).user
    never_quiet(user)
    tell(make_letter(user), now=timezone.now())
    robot.answers(keeps_silent())
    environment = {**os.environ, "DATABASE_URL": current_database_url()}
    command = [sys.executable, "-m", "tests.notices.worker", str(robot.port)]
    worker = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", *command], cwd=ROOT, env=environment)
    try:
        wait_until(lambda: len(robot.calls) == 1, seconds=60)
    finally:
        worker.kill()
        worker.wait()
    robot.answers(errcode(0, "ok"))
    early, late = Clock(timezone.now()), Clock(timezone.now() + LEASE)
    sender = partial(send, providers=robot.providers)
    assert (states(), deliver_due(clock=early, send=sender)) == ([DeliveryState.SENDING], Delivered())
    assert deliver_due(clock=late, send=sender) == Delivered(sent=1)
    assert [call.text for call in robot.calls] == [robot.calls[0].text] * 2
    assert Delivery.objects.get().attempts == 2


def test_a_row_somebody_works_on_is_left_out_instead_of_waited_for() -> None:
    for _ in range(2):
        tell(make_letter(make_channel().user), now=NOW)

    def holding() -> object:
        return list(Delivery.objects.order_by("pk").select_for_update()[:1])

    results = first_then(holding, lambda: run(Clock(), answering(SENT)))
    assert results[1] == Delivered(sent=1)
    assert run(Clock(), answering(SENT)) == Delivered(sent=1)


def test_one_address_is_added_once() -> None:
    user = make_user()
    wishes = Wishes("邮箱", [Level.URGENT])

    def add() -> object:
        return add_channel(user, kind=ChannelKind.EMAIL, address="lei@example.com", secret="", wishes=wishes)

    assert [type(result) for result in first_then(add, add)] == [Channel, ChannelRefused]


def test_a_dead_letter_is_tried_again_once() -> None:
    staff = make_user()
    tell(make_letter(make_channel().user), now=NOW)
    run(Clock(), answering(NEVER))
    dead = Delivery.objects.get()

    def again() -> object:
        return retry_delivery(dead, by=staff, now=NOW)

    assert [type(result) for result in first_then(again, again)] == [Delivery, RetryRefused]
    assert AuditEvent.objects.count() == 1


def test_two_rows_that_die_at_once_tell_their_owner_once() -> None:
    user = make_channel().user
    for _ in range(2):
        tell(make_letter(user), now=NOW)
    meeting = threading.Barrier(2)
    postman = answering(NEVER)
    postman.meanwhile = lambda: meeting.wait(10)
    results = all_at_once(*[lambda: run(Clock(), postman, limit=1)] * 2)
    assert results == [Delivered(dead=1)] * 2
    assert Message.objects.filter(event=CHANNEL_FAILING).count() == 1


@pytest.mark.parametrize("batches", [1, 10])
def test_five_thousand_letters_take_nine_statements_for_each_five_hundred(
    batches: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Begin, commit, messages, which are new, lines, channels, hours, deliveries, overtaken."""
    users = [make_user() for _ in range(50)]
    for user in users:
        make_channel(user)
    letters = [
        make_letter(user, f"key:{n}", series="weekly")
        for n in range(batches * BATCH // len(users))
        for user in users
    ]
    with django_assert_num_queries(9 * batches):
        assert tell_all(letters, now=NOW) == batches * BATCH
    assert Delivery.objects.waiting().count() == len(users)
    assert Delivery.objects.filter(made_at__lt=NOW + timedelta(days=1)).count() == batches * BATCH
