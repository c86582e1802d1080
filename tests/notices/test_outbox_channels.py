"""A person's channels and hours: added, changed, tried out, removed."""

from datetime import time

import pytest

from accounts.models import User
from audit.models import AuditEvent
from notices.actions.channels import (
    CHANNELS_PER_PERSON,
    ChannelRefused,
    Hours,
    Wishes,
    add_channel,
    change_channel,
    remove_channel,
    save_hours,
    try_channel,
)
from notices.models import Channel, NoticePreference
from notices.notice_events import CHANNEL_TEST
from notices.rules import ChannelKind, Level
from notices.senders import Answer, Outcome, TargetRefused, open_target
from tests.factories.branches import make_user
from tests.factories.notices import make_channel
from tests.notices.scene import NOW

pytestmark = pytest.mark.django_db
EVERYTHING = Wishes("我的邮箱", (Level.DIGEST, Level.DUE, Level.URGENT))
SECRET = "SEC" + "0a1b2c3d" * 8
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=" + "0a1b2c3d" * 8


def add(user: User, address: str = "lei@example.com", **given: str) -> Channel:
    kind = ChannelKind(given.pop("kind", ChannelKind.EMAIL))
    return add_channel(user, kind=kind, address=address, secret=given.pop("secret", ""), wishes=EVERYTHING)


def told(event: str) -> list[tuple[User | None, str, dict[str, object]]]:
    found = AuditEvent.objects.filter(event=event).order_by("pk")
    return [(row.by, row.target_id, row.detail) for row in found]


def test_an_address_is_kept_sealed() -> None:
    user = make_user()
    made = add(user, DINGTALK, kind=ChannelKind.DINGTALK, secret=SECRET)
    row = Channel.objects.get()
    assert (row, row.user, row.kind, row.label, row.active, row.levels, row.muted) == (
        made,
        user,
        ChannelKind.DINGTALK,
        "我的邮箱",
        True,
        ["digest", "due", "urgent"],
        [],
    )
    assert b"0a1b2c3d" not in bytes(row.target_sealed) + bytes(row.secret_sealed or b"")
    assert (open_target(row.target_sealed), open_target(row.secret_sealed or b"")) == (DINGTALK, SECRET)
    assert told("notices.channel_added") == [(user, str(user.pk), {"channel": made.pk, "kind": "dingtalk"})]


def test_the_same_address_is_added_once_and_again_after_it_was_removed() -> None:
    user, other = make_user(), make_user()
    made = add(user)
    with pytest.raises(ChannelRefused) as refused:
        add(user, " lei@EXAMPLE.com ")
    assert str(refused.value) == "这个地址已经在您的通知方式里，无需重复添加。"
    add(other)
    remove_channel(made, by=user, now=NOW)
    add(user)
    assert (Channel.objects.count(), Channel.objects.of(user).count()) == (3, 1)


@pytest.mark.parametrize(
    ("address", "secret"), [("", ""), ("not an address", ""), ("lei@example.com", "a-secret-for-mail")]
)
def test_what_is_no_address_is_refused_and_writes_nothing(address: str, secret: str) -> None:
    with pytest.raises(TargetRefused):
        add(make_user(), address, secret=secret)
    assert (Channel.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_a_person_keeps_only_so_many() -> None:
    user = make_user()
    for _ in range(CHANNELS_PER_PERSON):
        make_channel(user)
    with pytest.raises(ChannelRefused) as refused:
        add(user)
    assert str(refused.value) == "最多保留 8 个通知方式，请先删除不用的。"


def test_wishes_are_changed_and_changed_again() -> None:
    user = make_user()
    made = add(user)
    wishes = Wishes("工作邮箱", {Level.URGENT}, muted={CHANNEL_TEST}, active=False)
    for _ in range(2):
        change_channel(made, wishes=wishes, by=user)
    row = Channel.objects.get()
    assert (row.label, row.levels, row.muted, row.active) == ("工作邮箱", ["urgent"], [CHANNEL_TEST], False)
    assert told("notices.channel_changed") == [(user, str(user.pk), {"channel": made.pk})] * 2


def test_what_is_removed_cannot_be_changed_and_is_removed_once() -> None:
    user = make_user()
    made = add(user, DINGTALK, kind=ChannelKind.DINGTALK, secret=SECRET)
    assert [remove_channel(made, by=user, now=NOW), remove_channel(made, by=user, now=NOW)] == [True, False]
    assert (made.removed_at, made.active, made.target_digest, made.secret_sealed) == (NOW, False, "", None)
    assert open_target(made.target_sealed) == ""
    with pytest.raises(ChannelRefused):
        change_channel(made, wishes=EVERYTHING, by=user)
    assert len(told("notices.channel_removed")) == 1


@pytest.mark.parametrize(
    ("outcome", "tested", "failing"),
    [(Outcome.SENT, NOW, None), (Outcome.LATER, None, NOW), (Outcome.NEVER, None, NOW)],
)
def test_a_trial_that_arrives_ends_the_trouble(outcome: Outcome, tested: object, failing: object) -> None:
    channel = make_channel(failing_since=NOW, trouble="机器人已被删除。")
    answer = Answer(outcome, "话")
    assert try_channel(channel, now=NOW, send=lambda _: answer) == answer
    assert (channel.tested_at, channel.failing_since) == (tested, failing)
    assert channel.trouble == ("" if tested else "机器人已被删除。")


def test_hours_are_kept_once_per_person() -> None:
    user = make_user()
    for until in (time(6), time(7)):
        save_hours(
            user,
            hours=Hours(
                quiet_from=time(21),
                quiet_until=until,
                digest_weekday=4,
                digest_at=time(9),
                spare_busy_season=False,
            ),
        )
    row = NoticePreference.objects.get()
    assert (row.user, row.quiet_from, row.quiet_until, row.digest_weekday, row.digest_at) == (
        user,
        time(21),
        time(7),
        4,
        time(9),
    )
    assert row.spare_busy_season is False
