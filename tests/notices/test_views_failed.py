"""What could not be delivered, and sending it once more."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from accounts.models import User
from notices.models import Channel, Delivery
from notices.rules import DeliveryState
from tests.branches.conftest import signed_in
from tests.factories.notices import make_channel, make_message
from tests.notices.scene import NOW
from tests.reminders.scene import Scene, make_scene

pytestmark = pytest.mark.django_db
PAGE = "/w/notices/failed/"
Counter = Callable[[int], AbstractContextManager[object]]


def failed(user: User, why: str = "机器人已被移出群。") -> Delivery:
    channel = Channel.objects.of(user).first() or make_channel(user, "wecom")
    message = make_message(user, now=NOW, title="谁也不该看见的标题")
    row = Delivery.objects.get(message=message, channel=channel)
    Delivery.objects.filter(pk=row.pk).update(
        state=DeliveryState.DEAD, settled_at=NOW, attempts=13, answer=why
    )
    return row


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def test_staff_see_whose_what_why_and_nothing_said(scene: Scene) -> None:
    failed(scene.worker)
    failed(scene.foreign_staff, "外单位的原因")
    page = signed_in(scene.staff).get(PAGE).content.decode()
    for words in (scene.worker.name, "试发一条", "企业微信机器人", "11 月 23 日 10:00", "机器人已被移出群。"):
        assert words in page
    assert [w in page for w in ("谁也不该看见的标题", "外单位的原因", scene.foreign_staff.name)] == [
        False,
        False,
        False,
    ]


def test_an_empty_list_says_so(scene: Scene) -> None:
    assert "没有未送达的通知。" in signed_in(scene.staff).get(PAGE).content.decode()


def test_it_is_sent_once_more(scene: Scene) -> None:
    row, client = failed(scene.worker), signed_in(scene.staff)
    page = client.post(f"{PAGE}{row.pk}/retry/", follow=True).content.decode()
    assert f"给{scene.worker}的这条通知会再发一次" in page
    row.refresh_from_db()
    assert (row.state, row.attempts) == (DeliveryState.WAITING, 0)
    again = client.post(f"{PAGE}{row.pk}/retry/", follow=True).content.decode()
    assert "这条通知现在是“等待发送”，不需要重新发送。" in again


def test_a_paused_channel_is_left_alone(scene: Scene) -> None:
    row, client = failed(scene.worker), signed_in(scene.staff)
    Channel.objects.update(active=False)
    page = client.get(PAGE).content.decode()
    assert ("已停用，请联系本人" in page, "再发一次</button>" in page) == (True, False)
    page = client.post(f"{PAGE}{row.pk}/retry/", follow=True).content.decode()
    assert "收件人已停用或删除这个通知方式" in page


def test_the_list_costs_the_same_for_one_and_three(scene: Scene, django_assert_num_queries: Counter) -> None:
    client = signed_in(scene.staff)
    for wanted in (1, 3):
        while Delivery.objects.count() < wanted:
            failed(scene.worker)
        client.get(PAGE)
        with django_assert_num_queries(5):
            client.get(PAGE)


def test_others_are_refused_and_foreign_letters_not_there(scene: Scene) -> None:
    row = failed(scene.foreign_staff)
    url = f"{PAGE}{row.pk}/retry/"
    assert [signed_in(scene.worker).get(PAGE).status_code, signed_in(scene.worker).post(url).status_code] == [
        403,
        403,
    ]
    assert signed_in(scene.staff).post(url).status_code == 404
    assert [signed_in(scene.staff).post(PAGE).status_code, signed_in(scene.staff).get(url).status_code] == [
        405,
        405,
    ]


def test_the_way_there_is_shown_to_staff_only(scene: Scene) -> None:
    for user, shown in ((scene.staff, True), (scene.worker, False)):
        pages = [signed_in(user).get(url).content.decode() for url in ("/w/notices/", "/w/notices/settings/")]
        assert [f'href="{PAGE}"' in page for page in pages] == [shown, shown]
