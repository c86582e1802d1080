"""Delivery with the product's own senders, over real connections to fake robots and a fake mail server."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from notices.actions.delivery import Delivered, deliver_due
from notices.models import Channel, Delivery
from notices.rules import TRIES, ChannelKind, DeliveryState
from notices.senders import seal_target, send
from tests.factories.notices import make_channel, make_message, never_quiet
from tests.notices.post_office import PostOffice, mail_goes_to
from tests.notices.robots import (
    Behaviour,
    Robot,
    answers_after,
    closed_port,
    errcode,
    hangs_up,
    keeps_silent,
    says,
)
from tests.notices.scene import NOW, Clock

pytestmark = pytest.mark.django_db
LOOKED = timedelta(minutes=10)


def wecom_at(robot: Robot) -> Channel:
    channel = make_channel(
        kind=ChannelKind.WECOM, target_sealed=seal_target(robot.address(ChannelKind.WECOM))
    )
    never_quiet(channel.user)
    return channel


def deliver(clock: Clock, robot: Robot) -> Delivered:
    return deliver_due(clock=clock, send=partial(send, providers=robot.providers))


@pytest.mark.parametrize(
    ("behaviour", "fate", "words"),
    [
        (errcode(0, "ok"), "sent", "对方已收到。"),
        (answers_after(0.3, errcode(0, "ok")), "sent", "对方已收到。"),
        (
            errcode(93000, "invalid webhook url"),
            "dead",
            "这个机器人的地址已失效（机器人已被移出群，或地址已重置），请重新添加机器人并更新这里的地址。",
        ),
        (errcode(45009, "api freq out of limit"), "later", "发送太频繁，对方要求稍后再发，系统会自动重试。"),
        (errcode(99, "odd"), "later", "对方答复错误 99：odd；系统会自动重试。"),
        (says("", status=500), "later", "对方暂时不能接收（HTTP 500）；系统会自动重试。"),
        (says("<html>"), "later", "对方的答复无法识别，可能没有送达；系统会自动重试。"),
    ],
)
def test_what_the_robot_answers_decides_whatever_its_status(
    behaviour: Behaviour, fate: str, words: str
) -> None:
    with Robot(behaviour) as robot:
        channel = wecom_at(robot)
        make_message(channel.user, now=NOW)
        assert deliver(Clock(), robot) == Delivered(**{fate: 1})
    row = Delivery.objects.get(channel=channel)
    assert (row.answer, row.attempts, len(robot.calls)) == (words, 1, 1)


@pytest.mark.parametrize("behaviour", [keeps_silent(), hangs_up()])
def test_a_robot_that_says_nothing_is_tried_again(behaviour: Behaviour) -> None:
    with Robot(behaviour, deadline=0.5) as robot:
        make_message(wecom_at(robot).user, now=NOW)
        clock = Clock()
        assert deliver(clock, robot) == Delivered(later=1)
        robot.answers(errcode(0, "ok"))
        assert deliver(clock.forward(minutes=2), robot) == Delivered(sent=1)


def test_a_failing_robot_keeps_nobody_else_waiting() -> None:
    with Robot(keeps_silent(), deadline=0.3) as silent, Robot() as works:
        first, second = wecom_at(silent), wecom_at(works)
        for channel in (first, second):
            make_message(channel.user, now=NOW)
        tables = {first.pk: silent.providers, second.pk: works.providers}
        done = deliver_due(
            clock=Clock(), send=lambda channel, out: send(channel, out, providers=tables[channel.pk])
        )
        assert (done, len(works.calls)) == (Delivered(sent=1, later=1), 1)


def mailbox() -> Channel:
    channel = make_channel(target_sealed=seal_target("lei@example.com"))
    never_quiet(channel.user)
    return channel


def test_smtp_down_for_a_day_is_one_mail_when_it_is_up(settings: Settings) -> None:
    channel = mailbox()
    message = make_message(channel.user, now=NOW)
    mail_goes_to(closed_port(), settings)
    clock = Clock()
    for _ in range(24 * 6):
        assert deliver_due(clock=clock).sent == 0
        clock.now += LOOKED
    row = Delivery.objects.get()
    assert (row.state, row.answer) == (DeliveryState.WAITING, "连接不上邮件服务器；系统会自动重试。")
    assert 5 < row.attempts < TRIES
    with PostOffice() as office:
        mail_goes_to(office.port, settings)
        done = [deliver_due(clock=clock.forward(minutes=10)).sent for _ in range(24 * 6)]
    assert (sum(done), len(office.messages)) == (1, 1)
    assert str(message.uid) in office.messages[0]["Message-ID"]


def test_mail_taken_but_not_confirmed_comes_again_under_the_same_name(settings: Settings) -> None:
    """The server took it and the answer was lost: the second one folds into the first."""
    make_message(mailbox().user, now=NOW)
    clock = Clock()
    with PostOffice(END="451 local error") as office:
        mail_goes_to(office.port, settings)
        assert deliver_due(clock=clock) == Delivered(later=1)
        office.replies["END"] = "250 taken"
        assert deliver_due(clock=clock.forward(minutes=2)) == Delivered(sent=1)
    names = [mail["Message-ID"] for mail in office.messages]
    assert (len(names), len(set(names))) == (2, 1)


def test_after_all_tries_nobody_is_promised_another(settings: Settings) -> None:
    make_message(mailbox().user, now=NOW)
    Delivery.objects.update(attempts=TRIES - 1)
    mail_goes_to(closed_port(), settings)
    assert deliver_due(clock=Clock()) == Delivered(dead=1)
    assert Delivery.objects.get().answer == "多次重试仍未送达。连接不上邮件服务器。"


def test_an_administrator_sends_by_command(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    make_message(mailbox().user, now=timezone.now())
    with PostOffice() as office:
        mail_goes_to(office.port, settings)
        call_command("deliver_notices")
        call_command("deliver_notices")
    assert len(office.messages) == 1
    rest = "稍后再试 0 条，未能送达 0 条，不必再发 0 条，免打扰时段内暂缓 0 条。"
    assert capsys.readouterr().out.splitlines() == [f"已送达 1 条，{rest}", f"已送达 0 条，{rest}"]
