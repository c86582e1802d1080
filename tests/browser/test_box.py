"""The anonymous channel as people meet it: without a script, on a phone, beside a signed-in tab."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from burden.box.limits import Level
from tests.box.recipients import add_recipients
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.browser.looks import EVERY_LOOK
from tests.factories.accounts import make_account

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "同一张表每月要报三次。\n能不能只报一次？"


@pytest.fixture(autouse=True)
def channel(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    add_recipients(Level.OWN, Level.OWN, Level.SUPERIOR, Level.SUPERIOR)


def watched(page: Page) -> list[Request]:
    """What the page asks for from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))
    return sent


def fill_in(page: Page, text: str) -> None:
    page.get_by_label("哪一类").select_option("multi_form_filling")
    page.get_by_label("写什么").fill(text)
    page.get_by_role("button", name="下一步").click()


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_letter_is_written_copied_and_looked_up_without_a_script(open_page: OpenPage, size: str) -> None:
    page = open_page(size, javascript=False)
    page.goto("/")
    page.get_by_role("link", name="匿名直通车").click()
    expect(page).to_have_title("意见")
    fill_in(page, "我们支部" + TEXT)
    expect(page.locator(".note.warning")).to_contain_text("我们支部")
    page.get_by_role("button", name="回去改").click()
    expect(page.get_by_label("写什么")).to_have_value("我们支部" + TEXT)
    fill_in(page, TEXT)
    expect(page.locator(".letter")).to_have_text(TEXT, use_inner_text=True)
    page.get_by_role("button", name="现在发出").click()
    receipt = page.locator(".receipt").inner_text()
    assert re.fullmatch(r"(?:[0-9A-Z]{3}\s*){9}", receipt)
    page.get_by_label("再输一遍查询号").fill(receipt[:-2])
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("alert")).to_contain_text("和上面的查询号不一样")
    page.get_by_label("再输一遍查询号").fill(receipt.lower())
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_text("抄对了。")).to_be_visible()
    assert receipt.split()[0] not in page.content()
    page.get_by_role("link", name="查答复").click()
    page.get_by_label("查询号").fill(receipt)
    page.get_by_role("button", name="查答复").click()
    expect(page.get_by_role("heading", name="还没有答复")).to_be_visible()
    page.get_by_role("link", name="再查一次").click()
    page.get_by_label("查询号").fill(receipt)
    page.get_by_role("button", name="撤回这条意见").click()
    page.get_by_role("button", name="撤回", exact=True).click()
    expect(page.get_by_role("heading", name="撤回已收到")).to_be_visible()
    assert urlsplit(page.url).path == "/box/receipt/"


def test_who_is_signed_in_next_door_sends_no_cookie_and_no_page(open_page: OpenPage) -> None:
    make_account()
    desk = open_page("desktop")
    login(desk, "worker03")
    desk.goto("/w/account/")
    assert len(desk.context.cookies()) > 0
    tab = desk.context.new_page()
    tab.goto("/w/account/")
    tab.wait_for_load_state("networkidle")
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(tab.url))
    sent = watched(tab)
    tab.get_by_role("link", name="匿名直通车").click()
    expect(tab).to_have_title("意见")
    fill_in(tab, TEXT)
    tab.get_by_role("button", name="现在发出").click()
    expect(tab.locator(".receipt")).to_be_visible()
    headers = [(request, request.all_headers()) for request in sent]
    pages = [
        (request.method, own.get("referer"), own.get("origin"))
        for request, own in headers
        if request.resource_type == "document"
    ]
    # The way in says nothing; each form says our address and no page, which is what the door asks for.
    assert pages == [("GET", None, None), *[("POST", f"{origin}/", origin)] * 2]
    assert [request.url for request, own in headers if "cookie" in own] == []
    elsewhere = [r.url for r, own in headers if own.get("referer") not in {None, f"{origin}/"}]
    assert elsewhere == []
    assert len(desk.context.cookies()) == len(tab.context.cookies())
    desk.goto("/w/account/")
    expect(desk).not_to_have_title("登录 · 党务工作台")


def test_what_the_pages_load_the_first_page_loads_too(open_page: OpenPage) -> None:
    loaded: dict[str, set[str]] = {}
    for path in ("/", "/box/"):
        page = open_page("phone")
        sent = watched(page)
        page.goto(path)
        page.wait_for_load_state("networkidle")
        loaded[path] = {urlsplit(request.url).path for request in sent} - {path}
    assert loaded["/box/"] <= loaded["/"]
    assert len(loaded["/box/"]) > 0


def test_the_way_back_says_no_page(open_page: OpenPage) -> None:
    page = open_page("phone")
    page.goto("/box/receipt/")
    with page.expect_request(lambda request: request.resource_type == "document") as asked:
        page.get_by_role("link", name="党务工作台").click()
    assert asked.value.all_headers().get("referer") is None


@EVERY_LOOK
def test_every_page_is_for_everybody(open_page: OpenPage, size: str, dark: bool) -> None:
    page = open_page(size, dark=dark)
    look = f"{size}_{'dark' if dark else 'light'}"

    def look_at(name: str) -> None:
        assert_accessible(page)
        picture(page, f"box_{name}_{look}")

    page.goto("/box/")
    page.get_by_text("哪些人看不到，哪些挡不住").click()
    look_at("write")
    fill_in(page, "")
    look_at("empty")
    fill_in(page, "我们支部的电话是 13800138000。")
    look_at("check")
    page.get_by_role("button", name="不改，现在发出").click()
    look_at("sent")
    receipt = page.locator(".receipt").inner_text()
    page.get_by_role("button", name="核对").click()
    look_at("sent_wrong")
    page.get_by_label("再输一遍查询号").fill(receipt)
    page.get_by_role("button", name="核对").click()
    look_at("copied")
    for path, name in (("/box/receipt/", "receipt"), ("/box/wall/", "wall"), ("/box/nowhere/", "problem")):
        page.goto(path)
        look_at(name)


def test_the_receipt_prints_on_paper_without_what_surrounds_it(open_page: OpenPage) -> None:
    page = open_page("desktop", javascript=False)
    page.goto("/box/")
    fill_in(page, TEXT)
    page.get_by_role("button", name="现在发出").click()
    page.emulate_media(media="print")
    expect(page.locator(".receipt")).to_be_visible()
    for surrounding in (".bar", ".foot", "form"):
        expect(page.locator(surrounding)).to_be_hidden()
