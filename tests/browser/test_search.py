"""The search: one key, one box, answers while typing, and the same without scripts."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from branches.models import Organisation
from branches.rules import OrganisationKind, Role
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.browser.looks import EVERY_LOOK
from tests.clock import stop_clock
from tests.factories.accounts import make_account
from tests.factories.branches import make_member, make_organisation, make_post
from tests.factories.items import make_done, make_item

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def branch(monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """One worker, seven people of one surname, a thing done and one to do."""
    stop_clock(monkeypatch, TODAY)
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="分公司党总支")
    branch = make_organisation(parent=general, name="红土坡烟站党支部", facts_changed=False)
    for given in ("彩霞", "立群", "晓红", "志明", "建平", "春生", "秋实"):
        make_member(branch, name=f"雷{given}")
    make_post(branch, Role.WORKER, user=make_account("worker03"))
    make_item(branch, name="党费收缴情况公示", due=TODAY)
    make_done(branch, name="党小组会", done_on=TODAY)
    return branch


def box(page: Page) -> None:
    expect(page.locator("#search-q")).to_be_focused()


@EVERY_LOOK
def test_the_search_is_accessible(open_page: OpenPage, size: str, dark: bool) -> None:
    page = open_page(size, dark=dark)
    login(page, "worker03")
    look = f"{size}_{'dark' if dark else 'light'}"
    for name, query in (
        ("empty", ""),
        ("found", "?q=党"),
        ("nothing", "?q=绝无此词"),
        ("kind", "?q=雷&kind=members"),
    ):
        page.goto(f"/w/search/{query}")
        assert_accessible(page)
        picture(page, f"search_{name}_{look}")
    page.goto("/w/search/?q=a")
    assert_accessible(page)
    page.goto("/w/reminders/")
    assert_accessible(page)
    picture(page, f"search_bar_{look}")


def test_on_a_phone_one_tap_leads_to_the_box_and_answers_come_while_typing(phone: Page) -> None:
    login(phone, "worker03")
    phone.goto("/w/reminders/")
    phone.get_by_role("link", name="查找").tap()
    box(phone)
    length = phone.evaluate("history.length")
    phone.keyboard.type("雷")
    expect(phone.get_by_role("heading", name="党员")).to_be_visible()
    phone.keyboard.type("彩霞")
    expect(phone.locator(".hits .hit-title")).to_have_text(["雷彩霞"])
    expect(phone).to_have_url(re.compile(r"\?q=%E9%9B%B7%E5%BD%A9%E9%9C%9E$"))
    assert phone.evaluate("history.length") == length
    phone.get_by_role("link", name=re.compile("雷彩霞")).tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("雷彩霞")


def test_a_stroke_begins_the_search_unless_somebody_types(desktop: Page) -> None:
    login(desktop, "worker03")
    desktop.goto("/w/reminders/")
    desktop.keyboard.press("/")
    expect(desktop).to_have_url(re.compile("/w/search/$"))
    box(desktop)
    desktop.keyboard.type("雷/")
    expect(desktop.locator("#search-q")).to_have_value("雷/")
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#search-q")).not_to_be_focused()
    desktop.keyboard.press("/")
    box(desktop)


def test_a_wide_page_has_the_box_in_its_header(desktop: Page) -> None:
    login(desktop, "worker03")
    desktop.goto("/w/ledgers/reminders/")
    desktop.keyboard.press("/")
    expect(desktop.get_by_role("searchbox", name="查找")).to_be_focused()
    desktop.keyboard.type("雷")
    desktop.keyboard.press("Enter")
    expect(desktop).to_have_url(re.compile(r"/w/search/\?q="))
    expect(desktop.locator(".hits .hit-title")).to_have_count(5)


def test_without_scripts_it_is_a_plain_form_with_pages(open_page: OpenPage) -> None:
    page = open_page("phone", javascript=False)
    login(page, "worker03")
    page.goto("/w/search/")
    page.get_by_role("searchbox", name="查找内容").fill("雷")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="查看全部 7 条党员").click()
    expect(page.locator(".hits li")).to_have_count(7)
    page.get_by_role("link", name="全部结果").click()
    expect(page).to_have_url(re.compile(r"\?q=%E9%9B%B7$"))
