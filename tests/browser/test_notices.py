"""A worker lets the portal tell a group, chooses what, and reads what arrives; also without scripts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import User
from branches.rules import Role
from notices.actions.delivery import deliver_due
from notices.models import Channel, Delivery
from notices.rules import ChannelKind, DeliveryState
from reminders.notice_events import ITEM_RETURNED, TASK_WITHDRAWN
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.browser.looks import EVERY_LOOK
from tests.factories.accounts import make_account
from tests.factories.branches import make_post, make_tree
from tests.factories.notices import make_channel, make_message, never_quiet
from tests.notices.robots import Robot, says

pytestmark = pytest.mark.django_db(transaction=True)
INBOX, SETTINGS = "/w/notices/", "/w/notices/settings/"


@pytest.fixture
def worker() -> User:
    _, general, [branch, _] = make_tree()
    user = make_account("worker03")
    make_post(branch, Role.WORKER, user=user)
    make_post(general, Role.GENERAL_BRANCH_STAFF, user=make_account("staff", name="段晓红"))
    never_quiet(user)
    return user


@pytest.fixture
def robot(settings: Settings) -> Iterator[Robot]:
    with Robot() as robot:
        settings.NOTICE_WEBHOOK_HOSTS = [robot.origin]
        yield robot


def add_hook(page: Page, robot: Robot) -> None:
    page.goto(SETTINGS)
    page.get_by_role("link", name=ChannelKind.WEBHOOK.label).click()
    page.get_by_label("接口地址").fill(robot.address(ChannelKind.WEBHOOK))
    page.get_by_label("名称").fill("值班群")
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_role("status").first).to_contain_text("已添加“值班群”。请点“试发”")


def tell(user: User, title: str, event: str) -> None:
    """Told, and sent where it is wanted."""
    before = timezone.now() - timedelta(minutes=1)
    make_message(user, now=before, title=title, outside_title=title, event=event)
    deliver_due()


@pytest.mark.parametrize(("size", "dark"), [("phone", False), ("phone", True), ("desktop", False)])
def test_from_the_first_channel_to_the_last_unread_message(
    worker: User, robot: Robot, open_page: OpenPage, size: str, dark: bool
) -> None:
    page = open_page(size, dark=dark)
    login(page, "worker03")
    add_hook(page, robot)
    robot.answers(says("", status=500), says("{}"))
    page.get_by_role("button", name="试发：值班群").click()
    expect(page.locator(".trial")).to_contain_text("试发没有成功：")
    expect(page.locator(".trial")).to_be_focused()
    Channel.objects.update(tried_at=None)
    page.get_by_role("button", name="试发：值班群").click()
    expect(page.locator(".trial")).to_contain_text("试发成功：")
    expect(page.locator(".way .tag")).to_have_text("正常")
    page.get_by_label("事项退回发到值班群").uncheck()
    page.get_by_role("button", name="保存事项").click()
    expect(page.get_by_role("status").first).to_contain_text("已保存：哪些事项发到哪里。")
    expect(page.get_by_label("事项退回发到值班群")).not_to_be_checked()
    picture(page, f"notice_settings_{size}_{'dark' if dark else 'light'}")
    tell(worker, "一项工作被退回", ITEM_RETURNED)
    tell(worker, "一项专项工作已撤回", TASK_WITHDRAWN)
    assert [call.text.splitlines()[0] for call in robot.calls[2:]] == ["【党务工作台】一项专项工作已撤回"]
    page.goto("/w/reminders/")
    expect(page.locator(".bell-number")).to_contain_text("2")
    picture(page, f"bell_{size}_{'dark' if dark else 'light'}")
    page.get_by_role("link", name="消息").first.click()
    assert_accessible(page)
    picture(page, f"inbox_{size}_{'dark' if dark else 'light'}")
    page.get_by_role("link", name="一项专项工作已撤回").click()
    expect(page.get_by_text("已送达")).to_be_visible()
    expect(page.locator(".bell-number")).to_contain_text("1")
    page.locator(".crumbs").get_by_role("link", name="消息").click()
    page.get_by_role("button", name="全部标为已读").click()
    expect(page.get_by_text("没有未读的消息")).to_be_visible()
    expect(page.locator(".bell-number")).to_have_count(0)


def test_everything_works_without_scripts(worker: User, robot: Robot, open_page: OpenPage) -> None:
    page = open_page("phone", javascript=False)
    login(page, "worker03")
    add_hook(page, robot)
    page.get_by_role("button", name="试发：值班群").click()
    expect(page.get_by_role("status").first).to_contain_text("“值班群”试发成功：")
    page.get_by_role("button", name="暂停：值班群").click()
    expect(page.locator(".way .tag")).to_have_text("已暂停")
    page.get_by_label("免打扰开始").fill("21:30")
    page.get_by_role("button", name="保存时间").click()
    expect(page.get_by_label("免打扰开始")).to_have_value("21:30")
    page.get_by_role("link", name="删除：值班群").click()
    page.get_by_role("button", name="删除“值班群”").click()
    expect(page.get_by_role("status").first).to_contain_text("“值班群”已删除")
    tell(worker, "一项工作被退回", ITEM_RETURNED)
    page.goto("/w/account/")
    page.get_by_role("link", name="消息").first.click()
    page.get_by_role("button", name="全部标为已读").click()
    expect(page.get_by_role("status").first).to_contain_text("1 条消息已标为已读。")


@EVERY_LOOK
def test_the_pages_are_accessible(worker: User, open_page: OpenPage, size: str, dark: bool) -> None:
    mail = make_channel(worker, label="我的邮箱", tested_at=timezone.now())
    make_channel(worker, "wecom", label="工作群", failing_since=timezone.now(), trouble="机器人已被移出群。")
    message = make_message(worker, now=timezone.now() - timedelta(minutes=1), event=TASK_WITHDRAWN)
    dead = {"state": DeliveryState.DEAD, "settled_at": timezone.now(), "answer": "机器人已被移出群。"}
    Delivery.objects.update(**dead)
    pages = {
        "worker03": {
            "inbox": INBOX,
            "inbox_none": f"{INBOX}?level=digest",
            "message": f"{INBOX}{message.pk}/",
            "settings": SETTINGS,
            "add": f"{INBOX}channels/add/feishu/",
            "edit": f"{INBOX}channels/{mail.pk}/edit/",
            "remove": f"{INBOX}channels/{mail.pk}/remove/",
        },
        "staff": {"failed": f"{INBOX}failed/"},
    }
    for username, paths in pages.items():
        page = open_page(size, dark=dark)
        login(page, username)
        for name, path in paths.items():
            answer = page.goto(path)
            assert answer is not None
            assert (path, answer.status) == (path, 200)
            picture(page, f"notices_{name}_{size}_{'dark' if dark else 'light'}")
            assert_accessible(page)
