"""The shells for the worker, and when the timetable starts them."""

from datetime import timedelta

import pytest
from celery import current_app
from celery.schedules import crontab
from django.utils import timezone
from pytest_django import Settings

from notices import tasks
from notices.actions.delivery import BUDGET
from notices.models import Delivery, Message
from notices.rules import KEPT_FOR, ChannelKind, DeliveryState
from notices.senders import seal_target
from partyaffairs.schedule import BEAT_SCHEDULE
from tests.factories.branches import make_user
from tests.factories.notices import make_channel, make_message, never_quiet
from tests.notices.robots import Robot

pytestmark = pytest.mark.django_db


def test_what_waits_leaves_with_the_next_beat(settings: Settings) -> None:
    """With the sender of the product: a webhook the administrator has listed."""
    with Robot() as robot:
        settings.NOTICE_WEBHOOK_HOSTS = [robot.origin]
        address = seal_target(robot.address(ChannelKind.WEBHOOK))
        channel = make_channel(kind=ChannelKind.WEBHOOK, target_sealed=address)
        never_quiet(channel.user)
        make_message(channel.user, now=timezone.now(), outside_title="一项工作今天到期")
        sent = [tasks.deliver_notices(), tasks.deliver_notices()]
    assert (sent, len(robot.calls)) == ([1, 0], 1)
    assert "一项工作今天到期" in robot.calls[0].text
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_old_messages_are_forgotten() -> None:
    make_message(make_user(), now=timezone.now() - KEPT_FOR - timedelta(minutes=1))
    make_message(make_user(), now=timezone.now())
    assert [tasks.forget_messages(), tasks.forget_messages()] == [1, 0]
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("entry", "task", "schedule"),
    [
        ("deliver-notices", tasks.deliver_notices, 60.0),
        ("forget-messages", tasks.forget_messages, crontab(minute="50", hour="3")),
    ],
)
def test_the_timetable_names_tasks_there_are(entry: str, task: object, schedule: object) -> None:
    row = BEAT_SCHEDULE[entry]
    assert (current_app.tasks[row["task"]], row["schedule"]) == (task, schedule)


def test_one_run_ends_before_the_next_begins() -> None:
    """A last message may take a sender's 15 seconds longer; two runs side by side harm nothing."""
    assert timedelta(seconds=BEAT_SCHEDULE["deliver-notices"]["schedule"]) > BUDGET
