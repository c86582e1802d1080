"""The settings page: adding, trying out, choosing, pausing and removing ways out of the portal."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditEvent
from branches.rules import Role
from notices.actions.channels import Wishes, add_channel
from notices.models import Channel, NoticePreference
from notices.notice_events import CHANNEL_FAILING, CHANNEL_TEST
from notices.queries.preferences import events_for
from notices.rules import ChannelKind, Level
from notices.senders import open_target
from reminders.notice_events import DUE_TODAY, ITEM_RETURNED, WEEKLY_DIGEST
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder, make_tree, make_user
from tests.factories.notices import make_channel
from tests.notices.robots import KEYS, Robot, says
from tests.notices.scene import NOW

pytestmark = pytest.mark.django_db
BASE = "/w/notices/"
PAGE = f"{BASE}settings/"
HOSTILE = "<script>alert(1)</script>"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEYS[ChannelKind.WECOM]}"
SECRET = "SEC" + "0a1b2c3d" * 8
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={KEYS[ChannelKind.DINGTALK]}"
Counter = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def worker() -> User:
    _, _, [branch, _] = make_tree()
    return make_holder(branch, Role.WORKER)


@pytest.fixture
def robot(settings: Settings) -> Iterator[Robot]:
    with Robot() as robot:
        settings.NOTICE_WEBHOOK_HOSTS = [robot.origin]
        yield robot


def webhook(user: User, robot: Robot) -> Channel:
    wishes = Wishes("值班接口", list(Level))
    address = robot.address(ChannelKind.WEBHOOK)
    return add_channel(user, kind=ChannelKind.WEBHOOK, address=address, secret="", wishes=wishes)


def test_only_what_can_send_is_offered(worker: User, settings: Settings) -> None:
    client = signed_in(worker)
    page = client.get(PAGE).content.decode()
    kinds = ["email", "wecom", "dingtalk", "feishu", "webhook"]
    assert [kind for kind in kinds if f"channels/add/{kind}/" in page] == ["wecom", "dingtalk", "feishu"]
    assert [client.get(f"{BASE}channels/add/{kind}/").status_code for kind in (*kinds, "fax")] == [
        404,
        200,
        200,
        200,
        404,
        404,
    ]
    settings.EMAIL_ENABLED, settings.NOTICE_SENDER = True, "portal@example.com"
    settings.NOTICE_WEBHOOK_HOSTS = ["https://hooks.example.com"]
    page = client.get(PAGE).content.decode()
    assert [kind for kind in kinds if f"channels/add/{kind}/" in page] == kinds


def test_a_robot_is_added_with_a_plain_warning_and_never_shown_again(worker: User) -> None:
    client = signed_in(worker)
    form = client.get(f"{BASE}channels/add/wecom/").content.decode()
    assert ("群里的人都看得到。" in form, "签名密钥" in form) == (True, False)
    data = {"address": f" {WECOM} ", "label": HOSTILE}
    page = client.post(f"{BASE}channels/add/wecom/", data, follow=True).content.decode()
    made = Channel.objects.get()
    assert (open_target(made.target_sealed), made.levels, made.muted) == (WECOM, sorted(Level.values), [])
    assert (WECOM in page, HOSTILE in page, f"…{WECOM[-4:]}" in page, WECOM[-5:] in page) == (
        False,
        False,
        True,
        False,
    )
    assert ("请点“试发”" in page, "未试发" in page) == (True, True)
    event = AuditEvent.objects.get(event="notices.channel_added")
    assert (event.by, event.detail) == (worker, {"channel": made.pk, "kind": "wecom"})


def test_a_signing_secret_is_asked_for_where_there_is_one(worker: User) -> None:
    data = {"address": DINGTALK, "secret": SECRET, "label": "群"}
    answer = signed_in(worker).post(f"{BASE}channels/add/dingtalk/", data)
    assert answer.headers["Location"] == PAGE
    assert open_target(Channel.objects.get().secret_sealed or b"") == SECRET


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"address": "", "label": "群"}, "请填写Webhook 地址。"),
        ({"address": "https://example.com/x", "label": "群"}, "地址应以 https://qyapi.weixin.qq.com"),
        ({"address": DINGTALK, "label": "群"}, "这是钉钉机器人的地址"),
        ({"address": WECOM, "label": ""}, "请填写名称。"),
    ],
)
def test_what_is_wrong_is_said_and_kept(worker: User, data: dict[str, str], sentence: str) -> None:
    answer = signed_in(worker).post(f"{BASE}channels/add/wecom/", data)
    page = answer.content.decode()
    assert (answer.status_code, Channel.objects.count(), sentence in page) == (422, 0, True)
    assert (data["address"] or "群") in page


def test_the_same_address_twice_is_refused(worker: User) -> None:
    client, data = signed_in(worker), {"address": WECOM, "label": "群"}
    client.post(f"{BASE}channels/add/wecom/", data)
    answer = client.post(f"{BASE}channels/add/wecom/", data)
    assert (answer.status_code, "这个地址已经在您的通知方式里" in answer.content.decode()) == (422, True)


def test_after_eight_no_more_is_offered(worker: User) -> None:
    for _ in range(8):
        make_channel(worker)
    page = signed_in(worker).get(PAGE).content.decode()
    assert ("最多 8 个" in page, "channels/add/" in page) == (True, False)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "未试发"),
        ({"tested_at": NOW}, "正常"),
        ({"tested_at": NOW, "failing_since": NOW, "trouble": "机器人已被移出群。"}, "发不出去"),
        ({"failing_since": NOW, "active": False}, "已暂停"),
    ],
)
def test_the_state_of_a_channel(worker: User, fields: dict[str, Any], state: str) -> None:
    make_channel(worker, label="甲", **fields)
    page = signed_in(worker).get(PAGE).content.decode()
    assert [s for s in ("未试发", "正常", "发不出去", "已暂停") if f"{s}</span>" in page] == [state]
    assert ("机器人已被移出群。" in page) is (state == "发不出去")


def test_a_trial_shows_the_answer_in_place_and_rests(worker: User, robot: Robot) -> None:
    channel, client = webhook(worker, robot), signed_in(worker)
    url, htmx = f"{BASE}channels/{channel.pk}/try/", {"HX-Request": "true"}
    page = client.post(url, headers=htmx).content.decode()
    assert page.strip().startswith('<li class="item way"')
    assert ("试发成功：" in page, "正常" in page, len(robot.calls)) == (True, True, 1)
    again = client.post(url, headers=htmx).content.decode()
    assert ("刚刚试发过，请等 10 秒再试。" in again, len(robot.calls)) == (True, 1)
    Channel.objects.update(tried_at=timezone.now() - timedelta(seconds=11))
    robot.answers(says("", status=500))
    failed = client.post(url, follow=True).content.decode()
    assert (f"“{channel.label}”试发没有成功：" in failed, len(robot.calls)) == (True, 2)
    assert robot.address(ChannelKind.WEBHOOK) not in page + again + failed


def test_boxes_say_what_comes_where(worker: User) -> None:
    mail, group = make_channel(worker, label="甲"), make_channel(worker, label="乙", muted=["gone.event"])
    client = signed_in(worker)
    page = client.get(PAGE).content.decode()
    # The test of a channel goes where it is asked for.
    mine = {event.code for event in events_for(worker, on=timezone.localdate())} - {CHANNEL_TEST}
    assert page.count('name="take"') == page.count(" checked aria-label") == 2 * len(mine)
    take = [f"{mail.pk}:{DUE_TODAY}", f"{group.pk}:{WEEKLY_DIGEST}", f"{group.pk}:{ITEM_RETURNED}"]
    page = client.post(
        f"{PAGE}choices/", {"shown": [mail.pk, group.pk], "take": take}, follow=True
    ).content.decode()
    assert ("已保存：哪些事项发到哪里。" in page, page.count(" checked aria-label")) == (True, 3)
    mail.refresh_from_db()
    group.refresh_from_db()
    assert (mail.levels, group.levels) == (["due"], ["digest", "urgent"])
    assert (CHANNEL_FAILING in mail.muted, "gone.event" in group.muted) == (True, True)
    assert AuditEvent.objects.filter(event="notices.channel_changed").count() == 2
    client.post(f"{PAGE}choices/", {"shown": [mail.pk, group.pk], "take": take})
    assert AuditEvent.objects.filter(event="notices.channel_changed").count() == 2


def test_a_channel_the_page_did_not_know_keeps_its_choices(worker: User) -> None:
    known, newer = make_channel(worker), make_channel(worker)
    signed_in(worker).post(f"{PAGE}choices/", {"shown": [known.pk]})
    known.refresh_from_db()
    newer.refresh_from_db()
    assert (known.levels, len(newer.levels), newer.muted) == ([], 3, [])


def test_only_events_that_can_come_are_offered() -> None:
    nobody = make_user()
    mine, foreign = make_channel(nobody), make_channel()
    client = signed_in(nobody)
    page = client.get(PAGE).content.decode()
    assert ("通知方式发不出去" in page, "每周汇总发到" in page, page.count('name="take"')) == (True, False, 5)
    for take in (f"{foreign.pk}:{CHANNEL_FAILING}", f"{mine.pk}:{DUE_TODAY}"):
        answer = client.post(f"{PAGE}choices/", {"shown": [mine.pk], "take": [take]}, follow=True)
        assert "没有保存：通知方式有变化" in answer.content.decode()
    foreign.refresh_from_db()
    assert (foreign.muted, len(foreign.levels)) == ([], 3)


HOURS = {"quiet_from": "21:00", "quiet_until": "06:30", "digest_weekday": "4", "digest_at": "09:00"}


def test_hours_begin_with_defaults_and_are_saved(worker: User) -> None:
    client = signed_in(worker)
    page = client.get(PAGE).content.decode()
    assert [f'value="{shown}"' in page for shown in ("20:00", "07:30", "08:00")] == [True, True, True]
    assert "已保存：通知时间。" in client.post(f"{PAGE}hours/", HOURS, follow=True).content.decode()
    saved = NoticePreference.objects.get(user=worker)
    assert (saved.quiet_from, saved.quiet_until, saved.digest_weekday, saved.digest_at) == (
        time(21),
        time(6, 30),
        4,
        time(9),
    )
    assert saved.spare_busy_season is False
    answer = client.post(f"{PAGE}hours/", {**HOURS, "quiet_from": "晚上"})
    page = answer.content.decode()
    assert (answer.status_code, "请写成“20:00”这样的形式" in page, 'value="晚上"' in page) == (
        422,
        True,
        True,
    )


def test_rename_pause_and_remove(worker: User) -> None:
    channel, client = make_channel(worker, label="甲"), signed_in(worker)
    url = f"{BASE}channels/{channel.pk}/"
    assert "给“甲”改名" in client.get(f"{url}edit/").content.decode()
    assert "已改名为“乙”。" in client.post(f"{url}edit/", {"label": "乙"}, follow=True).content.decode()
    assert client.post(f"{url}edit/", {"label": ""}).status_code == 422
    for active, words in (("0", "“乙”已暂停。"), ("1", "“乙”已重新启用。")):
        assert words in client.post(f"{url}pause/", {"active": active}, follow=True).content.decode()
        channel.refresh_from_db()
        assert channel.active is (active == "1")
    assert "删除“乙”" in client.get(f"{url}remove/").content.decode()
    assert "“乙”已删除" in client.post(f"{url}remove/", follow=True).content.decode()
    assert client.post(f"{url}remove/").status_code == 404


def test_the_settings_cost_the_same_for_one_and_three(
    worker: User, django_assert_num_queries: Counter
) -> None:
    client = signed_in(worker)
    for wanted in (1, 3):
        while worker.channels.count() < wanted:
            make_channel(worker)
        client.get(PAGE)
        with django_assert_num_queries(5):
            client.get(PAGE)


@pytest.mark.parametrize("act", ["edit", "pause", "remove", "try"])
def test_channels_of_others_are_not_there(worker: User, act: str) -> None:
    foreign = make_channel(label="外人的")
    assert signed_in(worker).post(f"{BASE}channels/{foreign.pk}/{act}/").status_code == 404
    assert "外人的" not in signed_in(worker).get(PAGE).content.decode()


def test_only_forms_change_something(worker: User) -> None:
    channel, client = make_channel(worker), signed_in(worker)
    asked = [
        f"{PAGE}choices/",
        f"{PAGE}hours/",
        *(f"{BASE}channels/{channel.pk}/{a}/" for a in ("pause", "try")),
    ]
    assert [client.get(url).status_code for url in asked] == [405] * 4
    assert client.post(PAGE).status_code == 405
    assert client.put(f"{BASE}channels/{channel.pk}/remove/").status_code == 405


def test_ones_account_leads_to_the_settings(worker: User) -> None:
    assert f'href="{PAGE}"' in signed_in(worker).get("/w/account/").content.decode()
