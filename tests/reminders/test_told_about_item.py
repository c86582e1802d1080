"""The page of an item says who was told of it and when."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notices.actions.outbox import LineData
from notices.models import Message
from reminders.notice_events import DUE_TODAY, item_subject
from tests.branches.conftest import signed_in
from tests.factories.branches import make_user
from tests.factories.notices import make_channel, make_message
from tests.reminders.scene import Scene, central_action, make_item, make_scene

pytestmark = pytest.mark.django_db
TOLD_AT = datetime(2026, 11, 18, 9, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
Counter = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def tell(scene: Scene, pk: int, *, name: str, minutes: int = 0) -> Message:
    person = make_user(name=name)
    make_channel(person, "wecom", label="自己起的名字")
    line = LineData("支部党员大会", "一项工作今天到期", item_subject(pk))
    now = TOLD_AT + timedelta(minutes=minutes)
    return make_message(person, now=now, event=DUE_TODAY, title="今天到期 1 项", lines=(line,))


def test_the_item_says_who_was_told(scene: Scene) -> None:
    action = central_action()
    item, other = make_item(scene.first, action), make_item(scene.first, action, period="2026-10")
    client, url = signed_in(scene.worker), f"/w/reminders/items/{item.pk}/"
    assert "提醒记录" not in client.get(url).content.decode()
    read = tell(scene, item.pk, name="雷彩霞")
    tell(scene, item.pk, name="谢建平", minutes=3)
    tell(scene, other.pk, name="别的事的人")
    Message.objects.filter(pk=read.pk).update(read_at=TOLD_AT + timedelta(hours=1))
    page = client.get(url).content.decode()
    assert "谁在什么时候收到过提醒（2）" in page
    assert page.index("谢建平") < page.index("雷彩霞")
    for words in ("11 月 18 日 09:05", "11 月 18 日 10:05 已读", "未打开", "企业微信机器人：等待发送"):
        assert words in page
    assert ("别的事的人" in page, "自己起的名字" in page) == (False, False)


def test_it_costs_the_same_for_one_and_three(scene: Scene, django_assert_num_queries: Counter) -> None:
    item = make_item(scene.first, central_action())
    client, url = signed_in(scene.worker), f"/w/reminders/items/{item.pk}/"
    for number in range(3):
        tell(scene, item.pk, name=f"党员{number}", minutes=number)
        if number in (0, 2):
            client.get(url)
            with django_assert_num_queries(13):
                client.get(url)
