"""What comes on which channel, and how often a trial goes out."""

from datetime import timedelta

import pytest

from notices.actions.channels import (
    ChannelRefused,
    choose_events,
    remove_channel,
    set_active,
    try_channel,
)
from notices.events import Event
from notices.models import Channel
from notices.rules import TRIAL_EVERY, Level
from tests.factories.branches import make_user
from tests.factories.notices import make_channel
from tests.notices.scene import NOW, SENT

pytestmark = pytest.mark.django_db
WEEKLY, DUE = Event("a.weekly", "汇总", Level.DIGEST), Event("a.due", "到期", Level.DUE)
RETURNED, SENT_TASK = Event("a.returned", "退回", Level.URGENT), Event("a.task", "专项", Level.URGENT)
ALL = (WEEKLY, DUE, RETURNED, SENT_TASK)


@pytest.mark.parametrize(
    ("wanted", "levels", "muted"),
    [
        ({"a.weekly", "a.due", "a.returned", "a.task"}, ["digest", "due", "urgent"], ["gone.event"]),
        ({"a.due", "a.task"}, ["due", "urgent"], ["a.returned", "a.weekly", "gone.event"]),
        (set(), [], ["a.due", "a.returned", "a.task", "a.weekly", "gone.event"]),
    ],
)
def test_boxes_become_levels_and_muted_events(wanted: set[str], levels: list[str], muted: list[str]) -> None:
    channel = make_channel(muted=["gone.event", "a.task"], levels=["due"])
    assert choose_events(channel.user, offered=ALL, wanted={channel.pk: wanted}) == [channel]
    channel.refresh_from_db()
    assert (channel.levels, channel.muted) == (levels, muted)
    assert choose_events(channel.user, offered=ALL, wanted={channel.pk: wanted}) == []


def test_levels_that_were_not_offered_stay() -> None:
    channel = make_channel(levels=["digest", "urgent"])
    choose_events(channel.user, offered=[DUE], wanted={channel.pk: {"a.due"}})
    channel.refresh_from_db()
    assert (channel.levels, channel.muted) == (["digest", "due", "urgent"], [])


def test_channels_of_others_are_not_chosen_for() -> None:
    foreign = make_channel()
    assert choose_events(make_user(), offered=ALL, wanted={foreign.pk: set()}) == []
    foreign.refresh_from_db()
    assert len(foreign.levels) == 3


def test_a_trial_rests_a_little() -> None:
    channel = make_channel()
    for moment in (NOW, NOW + TRIAL_EVERY):
        assert try_channel(channel, now=moment, send=lambda _: SENT) == SENT
        with pytest.raises(ChannelRefused) as refused:
            try_channel(channel, now=moment + TRIAL_EVERY - timedelta(seconds=1), send=lambda _: SENT)
        assert str(refused.value) == "刚刚试发过，请等 10 秒再试。"


def test_what_is_removed_is_neither_tried_nor_taken_into_use() -> None:
    channel = make_channel()
    remove_channel(channel, by=channel.user, now=NOW)
    with pytest.raises(ChannelRefused):
        try_channel(channel, now=NOW, send=lambda _: SENT)
    with pytest.raises(ChannelRefused):
        set_active(channel, active=True, by=channel.user)
    assert Channel.objects.get().active is False
