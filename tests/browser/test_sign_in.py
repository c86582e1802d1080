"""The way in: the form, a wrong password, the lockout, the first password; and the look of the frame."""

import re

import pytest
from playwright.sync_api import expect

from accounts.actions import end_sessions
from accounts.models import User
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.browser.looks import EVERY_LOOK
from tests.factories.accounts import PASSWORD, make_account

pytestmark = [pytest.mark.urls("tests.accounts.urls"), pytest.mark.django_db(transaction=True)]

BOTH_SIZES = pytest.mark.parametrize("size", ["phone", "desktop"])


@EVERY_LOOK
def test_the_way_in_and_out(open_page: OpenPage, size: str, dark: bool) -> None:
    make_account()
    page = open_page(size, dark=dark)
    look = f"{size}_{'dark' if dark else 'light'}"
    page.goto("/")
    assert_accessible(page)
    picture(page, f"landing_{look}")
    page.get_by_role("link", name="进入工作台").click()
    expect(page).to_have_title("登录 · 党务工作台")
    expect(page.get_by_label("登录名")).to_be_focused()
    assert_accessible(page)
    picture(page, f"login_{look}")
    login(page, "worker03")
    page.goto("/w/account/")
    assert_accessible(page)
    picture(page, f"profile_{look}")
    page.get_by_text("雷彩霞").first.click()
    picture(page, f"menu_{look}")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("status")).to_have_text("已退出登录。")
    page.goto("/w/account/")
    expect(page).to_have_title("登录 · 党务工作台")


@BOTH_SIZES
def test_a_wrong_password_is_explained_until_the_lockout(open_page: OpenPage, size: str) -> None:
    make_account()
    page = open_page(size)
    login(page, "worker03", "wrong-password")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("登录名或密码不对，请核对后再试。")
    expect(summary).to_be_focused()
    expect(page.get_by_label("登录名")).to_have_value("worker03")
    assert_accessible(page)
    picture(page, f"login_wrong_{size}")
    for _ in range(4):
        login(page, "worker03", "wrong-password")
    expect(page.get_by_role("heading", name="请稍候再登录")).to_be_visible()
    assert re.search(r"暂停到 \d+ 月 \d+ 日 \d\d:\d\d，", page.inner_text("main"))
    assert_accessible(page)
    picture(page, f"lockout_{size}")


@BOTH_SIZES
def test_a_first_password_is_changed_before_anything_else(open_page: OpenPage, size: str) -> None:
    user = make_account(must_change_password=True)
    page = open_page(size)
    login(page, "worker03")
    page.goto("/w/account/")
    expect(page).to_have_title("修改密码 · 党务工作台")
    assert_accessible(page)
    picture(page, f"password_{size}")
    page.get_by_label("新密码", exact=False).first.fill("short")
    page.get_by_label("再输入一次新密码").fill("different")
    page.get_by_role("button", name="保存新密码").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_accessible(page)
    picture(page, f"password_wrong_{size}")
    page.get_by_role("alert").get_by_role("link", name="新密码").first.click()
    expect(page.locator("#id_new_password")).to_be_focused()
    page.locator("#id_new_password").fill("Another-2026-lamp")
    page.get_by_label("再输入一次新密码").fill("Another-2026-lamp")
    page.get_by_role("button", name="保存新密码").click()
    expect(page).to_have_url(re.compile(r"/w/(#.*)?$"))
    user.refresh_from_db()
    assert (user.must_change_password, user.check_password("Another-2026-lamp")) == (False, True)


def test_the_way_in_works_without_javascript(open_page: OpenPage) -> None:
    make_account()
    page = open_page("phone", javascript=False)
    login(page, "worker03")
    page.goto("/w/account/")
    page.locator(".bar .menu > summary").click()
    page.get_by_role("button", name="退出登录").click()
    assert page.title() == "登录 · 党务工作台"


def test_the_display_choice_is_kept(open_page: OpenPage) -> None:
    make_account()
    page = open_page("small")
    login(page, "worker03")
    page.goto("/w/account/")
    page.get_by_label("深色").check()
    page.get_by_label("大字模式").check()
    page.get_by_role("button", name="保存显示设置").click()
    expect(page.get_by_role("status")).to_contain_text("显示设置已保存")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    assert_accessible(page)
    picture(page, "profile_small_large")
    page.goto("/w/specimen/")
    assert_accessible(page)
    picture(page, "specimen_small_large")


@pytest.mark.parametrize(
    ("size", "dark"),
    [("small", False), ("phone", False), ("phone", True), ("desktop", False), ("desktop", True)],
)
def test_every_component_is_accessible(open_page: OpenPage, size: str, dark: bool) -> None:
    make_account()
    page = open_page(size, dark=dark)
    login(page, "worker03")
    page.goto("/w/specimen/")
    assert_accessible(page)
    picture(page, f"specimen_{size}_{'dark' if dark else 'light'}")


def test_the_phone_bar_holds_four_entries_and_the_rest_behind_more(open_page: OpenPage) -> None:
    make_account()
    page = open_page("phone")
    login(page, "worker03")
    page.goto("/w/specimen/")
    bar = page.get_by_role("navigation", name="底部导航")
    assert bar.locator("> a").all_inner_texts() == ["本月清单", "总览", "台账", "支部"]
    bar.get_by_text("更多").click()
    assert bar.locator("li").all_inner_texts() == ["事项库", "专项工作", "账号"]
    picture(page, "more_phone")
    page.keyboard.press("Escape")
    expect(bar.locator("li").first).to_be_hidden()


def test_fragments_swap_in_place_and_failures_are_said(open_page: OpenPage) -> None:
    make_account()
    page = open_page("phone", expected=("Response Status Error Code 500",))
    login(page, "worker03")
    page.goto("/w/fragment/")
    page.get_by_role("button", name="成功").click()
    expect(page.locator("#place")).to_have_text("已完成")
    page.get_by_role("button", name="退回").click()
    expect(page.locator("#place .error-summary")).to_be_focused()
    page.get_by_role("button", name="出错").click()
    expect(page.get_by_role("alert").filter(has_text="没有保存：系统暂时出错，请稍后再试。")).to_be_visible()
    assert page.locator("#place").inner_text() == "请核对"
    assert_accessible(page)
    picture(page, "fragment_phone")
    page.get_by_role("button", name="成功").click()
    expect(page.locator("#notice")).to_be_hidden()


def test_an_ended_session_moves_the_whole_window_to_the_login(open_page: OpenPage) -> None:
    user = make_account()
    page = open_page("phone")
    login(page, "worker03")
    page.goto("/w/fragment/")
    end_sessions(user)
    page.get_by_role("button", name="成功").click()
    expect(page).to_have_title("登录 · 党务工作台")


@pytest.mark.parametrize("address", ["/w/nowhere/", "/w/account/password/confirm/"])
def test_pages_for_trouble_are_accessible(open_page: OpenPage, address: str) -> None:
    make_account()
    page = open_page("phone")
    login(page, "worker03")
    page.goto(address)
    assert_accessible(page)
    picture(page, address.strip("/").replace("/", "_"))


def test_the_keyboard_reaches_the_content_first(open_page: OpenPage) -> None:
    User.objects.create_user("worker04", PASSWORD, name="某人")
    page = open_page("desktop")
    login(page, "worker04")
    page.goto("/w/specimen/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
