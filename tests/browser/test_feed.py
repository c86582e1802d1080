"""A worker puts the due dates into a calendar and takes a sheet along, on a phone and without a script."""

import io
from datetime import date
from urllib.parse import urlsplit

import pypdf
import pytest
from playwright.sync_api import Page, expect

from branches.models import Organisation
from reminders.models import CalendarFeed
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture, small_targets
from tests.clock import stop_clock
from tests.factories.accounts import make_account
from tests.factories.branches import make_organisation, make_post
from tests.factories.items import make_item
from tests.reminders.feed_scene import read

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 18)


@pytest.fixture
def branch(monkeypatch: pytest.MonkeyPatch) -> Organisation:
    stop_clock(monkeypatch, TODAY)
    branch = make_organisation(name="红土坡烟站党支部", facts_changed=False)
    make_post(branch, user=make_account("worker03"))
    make_item(branch, name="党费收缴", due=date(2026, 11, 20))
    return branch


def titles(page: Page, address: str) -> list[str]:
    """Fetched as a calendar program does: what the browser would send along ends at /w/."""
    answer = page.request.get(urlsplit(address).path)
    return [str(event["SUMMARY"]) for event in read(answer.body())] if answer.ok else [str(answer.status)]


def make_link(page: Page, label: str) -> str:
    page.get_by_label("用在哪里").fill(label)
    page.get_by_role("button", name="新建链接").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"“{label}”的日历链接")
    return page.get_by_label("日历链接").first.inner_text()


@pytest.mark.parametrize(("size", "dark"), [("small", False), ("phone", True), ("desktop", False)])
def test_the_due_dates_follow_into_the_calendar(
    open_page: OpenPage, branch: Organisation, size: str, dark: bool
) -> None:
    page = open_page(size, dark=dark)
    login(page, "worker03")
    page.goto("/w/reminders/")
    assert_accessible(page)
    page.get_by_label("更多").first.click()
    assert small_targets(page) == []
    picture(page, f"month_more_{size}")
    page.get_by_role("link", name="订阅日历").click()
    assert_accessible(page)
    address = make_link(page, "我的手机")
    assert_accessible(page)
    picture(page, f"feed_made_{size}")
    assert page.get_by_role("link", name="在苹果设备上添加").get_attribute("href") == (
        "webcal://" + address.partition("://")[2]
    )
    assert titles(page, address) == ["党费收缴"]
    page.goto("/w/reminders/")
    page.get_by_role("button", name="完成：党费收缴").click()
    expect(page.locator("#month-live")).to_have_text("已完成：党费收缴")
    assert titles(page, address) == ["已完成：党费收缴"]
    page.goto("/w/reminders/feeds/")
    expect(page.get_by_text("最近读取 2026 年 11 月 18 日")).to_be_visible()
    page.get_by_text("怎样加到日历").click()
    assert_accessible(page)
    picture(page, f"feed_list_{size}")
    page.get_by_role("link", name="停用：我的手机").click()
    assert_accessible(page)
    page.get_by_role("button", name="停用“我的手机”").click()
    expect(page.get_by_text("“我的手机”的日历链接已停用。")).to_be_visible()
    assert titles(page, address) == ["404"]


def test_a_lost_link_is_replaced_without_a_script(open_page: OpenPage, branch: Organisation) -> None:
    page = open_page("phone", javascript=False)
    login(page, "worker03")
    page.goto("/w/account/")
    page.get_by_role("link", name="日历订阅").click()
    old = make_link(page, "办公室电脑")
    page.get_by_role("link", name="已经加好，返回日历订阅").click()
    page.get_by_role("link", name="换新链接：办公室电脑").click()
    page.get_by_role("button", name="换新“办公室电脑”的链接").click()
    new = page.get_by_label("日历链接").first.inner_text()
    assert (titles(page, old), titles(page, new)) == (["404"], ["党费收缴"])
    assert CalendarFeed.objects.in_use().count() == 1


def test_the_month_is_taken_along_on_paper(open_page: OpenPage, branch: Organisation) -> None:
    page = open_page("phone")
    login(page, "worker03")
    page.goto("/w/reminders/")
    page.get_by_label("更多").first.click()
    href = page.get_by_role("link", name="打印一页清单").get_attribute("href")
    answer = page.request.get(str(href))
    sheet = pypdf.PdfReader(io.BytesIO(answer.body()))
    text = "".join(sheet.pages[0].extract_text().split())
    assert (len(sheet.pages), "红土坡烟站党支部" in text, "党费收缴" in text) == (1, True, True)
