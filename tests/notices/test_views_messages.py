"""The inbox, one message, and the number beside the bell."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from branches.rules import Role
from notices.actions.outbox import LineData
from notices.models import Delivery, Message
from notices.rules import DeliveryState, Level
from reminders.notice_events import DUE_TODAY, TASK_WITHDRAWN, item_subject
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder, make_tree, make_user
from tests.factories.items import make_item
from tests.factories.notices import make_channel, make_line, make_message
from tests.notices.scene import NOW

pytestmark = pytest.mark.django_db
BASE = "/w/notices/"
HOSTILE = "<script>alert(1)</script>"
# Before the moment a view reads from the clock.
BEFORE = timezone.now() - timedelta(days=2)
Counter = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def reader() -> User:
    return make_user(name="雷彩霞")


def told(user: User, title: str, *, hours: int = 0, **fields: object) -> Message:
    return make_message(user, now=BEFORE + timedelta(hours=hours), title=title, **fields)


def page_of(client: Client, path: str = "", status: int = 200) -> str:
    answer = client.get(BASE + path)
    assert answer.status_code == status
    return answer.content.decode()


def titles_in(page: str, *titles: str) -> list[str]:
    """Those of the titles that stand there, from above to below."""
    return sorted((title for title in titles if f"{title}</a>" in page), key=page.index)


def test_what_is_unread_stands_first_then_the_newest(reader: User) -> None:
    told(reader, "最早的")
    told(reader, "读过的", hours=2)
    told(reader, "最新的", hours=1)
    told(make_user(), "别人的", hours=3)
    Message.objects.filter(title="读过的").update(read_at=NOW)
    page = page_of(signed_in(reader))
    assert titles_in(page, "最早的", "读过的", "最新的", "别人的") == ["最新的", "最早的", "读过的"]
    assert ("2 条未读" in page, page.count("未读：</span>")) == (True, 2)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["今天到期", "专项撤回"]),
        ("?show=unread", ["今天到期"]),
        ("?level=due", ["今天到期"]),
        ("?level=urgent", ["专项撤回"]),
        ("?level=digest", []),
        ("?level=nonsense", ["今天到期", "专项撤回"]),
        ("?page=99", ["今天到期", "专项撤回"]),
    ],
)
def test_the_list_is_narrowed(reader: User, query: str, titles: list[str]) -> None:
    told(reader, "今天到期", event=DUE_TODAY, level=Level.DUE)
    told(reader, "专项撤回", event=TASK_WITHDRAWN, level=Level.URGENT)
    Message.objects.filter(title="专项撤回").update(read_at=NOW)
    page = page_of(signed_in(reader), query)
    assert titles_in(page, "今天到期", "专项撤回") == titles
    assert ("没有这样的消息。" in page) is not bool(titles)


def test_who_was_told_nothing_reads_what_will_come(reader: User) -> None:
    page = page_of(signed_in(reader))
    assert ("还没有消息。" in page, "全部标为已读" in page, "没有未读的消息" in page) == (True, False, True)


def test_the_list_costs_the_same_for_one_and_three(reader: User, django_assert_num_queries: Counter) -> None:
    client = signed_in(reader)
    for wanted in (1, 3):
        while Message.objects.count() < wanted:
            told(reader, f"第 {Message.objects.count()} 条")
        client.get(BASE)
        with django_assert_num_queries(7):
            client.get(BASE)


def test_a_long_list_has_pages(reader: User) -> None:
    for number in range(31):
        told(reader, f"第 {number} 条", hours=number)
    client = signed_in(reader)
    assert "共 31 条，第 1 / 2 页" in page_of(client)
    assert titles_in(page_of(client, "?page=2"), "第 0 条", "第 1 条") == ["第 0 条"]


def test_opening_a_message_reads_it_once(reader: User) -> None:
    message, client = told(reader, HOSTILE, lines=(make_line(text=HOSTILE),)), signed_in(reader)
    page = page_of(client, f"{message.pk}/")
    message.refresh_from_db()
    first = message.read_at
    assert first is not None
    page_of(client, f"{message.pk}/")
    message.refresh_from_db()
    assert (message.read_at, HOSTILE in page) == (first, False)
    assert "这条消息只在站内。" in page


def test_a_message_marks_what_is_settled_and_says_where_it_went() -> None:
    _, _, [branch, _] = make_tree()
    reader = make_holder(branch, Role.WORKER)
    open_item, done_item = make_item(branch), make_item(branch)
    type(done_item).objects.filter(pk=done_item.pk).update(state="done", done_on=NOW.date())
    mail, robot = make_channel(reader, label="我的邮箱"), make_channel(reader, "wecom", label="工作群")
    lines = (
        LineData("还没办的", "外", item_subject(open_item.pk), "/w/reminders/"),
        LineData("办完了的", "外", item_subject(done_item.pk)),
    )
    message = told(reader, "两件事", event=DUE_TODAY, lines=lines, more=4, url="/w/reminders/")
    sent = {"state": DeliveryState.SENT, "sent_at": NOW, "settled_at": NOW, "answer": "邮件服务器已接收。"}
    Delivery.objects.filter(channel=mail).update(**sent)
    dead = {"state": DeliveryState.DEAD, "settled_at": NOW, "answer": "机器人已被移出群。"}
    Delivery.objects.filter(channel=robot).update(**dead)
    page = page_of(signed_in(reader), f"{message.pk}/")
    assert '<a href="/w/reminders/">还没办的</a></li>' in page
    assert '<span>办完了的</span> <span class="tag ok">已办结</span>' in page
    assert "另有 4 项" in page
    for words in ("电子邮件“我的邮箱”", "已送达", "邮件服务器已接收。", "企业微信机器人“工作群”", "未能送达"):
        assert words in page
    assert "机器人已被移出群。" in page


def test_the_page_of_a_message_costs_the_same_for_one_and_three_channels(
    reader: User, django_assert_num_queries: Counter
) -> None:
    client = signed_in(reader)
    for wanted in (1, 3):
        while reader.channels.count() < wanted:
            make_channel(reader)
        message = told(reader, "一件事", lines=tuple(make_line() for _ in range(wanted)))
        client.get(f"{BASE}{message.pk}/")
        with django_assert_num_queries(7):
            client.get(f"{BASE}{message.pk}/")


def test_everything_is_marked_as_read_with_and_without_scripts(reader: User) -> None:
    other = told(make_user(), "别人的")
    told(reader, "一")
    client = signed_in(reader)
    page = client.post(f"{BASE}read/", follow=True).content.decode()
    assert ("1 条消息已标为已读。" in page, page.count("未读：</span>")) == (True, 0)
    assert "没有未读的消息。" in client.post(f"{BASE}read/", follow=True).content.decode()
    told(reader, "二")
    answer = client.post(f"{BASE}read/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, '{"messages-read": {}}')
    other.refresh_from_db()
    assert (Message.objects.of(reader).unread().count(), other.read_at) == (0, None)


@pytest.mark.parametrize(("number", "shown"), [(0, ""), (1, "1"), (99, "99"), (100, "99+")])
def test_the_number_beside_the_bell(reader: User, number: int, shown: str) -> None:
    told(make_user(), "别人的")
    Message.objects.bulk_create(
        Message(recipient=reader, event="x", level=Level.DUE, key=str(n), title="题", made_at=NOW)
        for n in range(number)
    )
    page = page_of(signed_in(reader), "unread/").strip()
    hidden = '<span class="visually-hidden"> 条未读</span></span>'
    assert page == (f'<span class="bell-number">{shown}{hidden}' if shown else "")


def test_the_bell_costs_other_pages_nothing_and_is_a_plain_link(
    reader: User, django_assert_num_queries: Counter
) -> None:
    client = signed_in(reader)
    client.get(f"{BASE}unread/")
    with django_assert_num_queries(3):
        client.get(f"{BASE}unread/")
    page = client.get("/w/account/").content.decode()
    assert f'<a class="bar-tool bell" href="{BASE}">' in page
    assert f'hx-get="{BASE}unread/" hx-trigger="load, messages-read from:body"' in page


def test_messages_of_others_are_not_there_and_methods_are_kept(reader: User) -> None:
    mine, foreign = told(reader, "一"), told(make_user(), "别人的")
    client = signed_in(reader)
    assert client.get(f"{BASE}{foreign.pk}/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.read_at is None
    wrong = [client.post(BASE), client.post(f"{BASE}{mine.pk}/"), client.post(f"{BASE}unread/")]
    assert [answer.status_code for answer in wrong] == [405, 405, 405]
    assert client.get(f"{BASE}read/").status_code == 405
    assert Client(enforce_csrf_checks=True).get(BASE).headers["Location"].startswith("/w/account/login/")
