"""Help where one stands, the first tour, and letters that suit the eyes."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from branches.models import Organisation
from branches.rules import OrganisationKind, Role
from guide.models import TourSeen
from records.rules import RecordKind
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.browser.looks import EVERY_LOOK
from tests.clock import stop_clock
from tests.factories.accounts import make_account
from tests.factories.branches import make_member, make_organisation, make_post
from tests.factories.items import make_done, make_item

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 18)
MONTH = "/w/reminders/"


@pytest.fixture(autouse=True)
def branch(monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """One worker, four people, one thing done and two to do."""
    stop_clock(monkeypatch, TODAY)
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="分公司党总支")
    branch = make_organisation(parent=general, name="红土坡烟站党支部", facts_changed=False)
    for name in ("雷彩霞", "冯立群", "段晓红", "唐志明"):
        make_member(branch, name=name)
    make_post(branch, Role.WORKER, user=make_account("worker03"))
    make_item(branch, name="党费收缴情况公示", due=TODAY)
    make_item(branch, name="支部（书记）年度工作报告及述职评议", kind=RecordKind.ACTIVITY)
    make_done(branch, name="党小组会", done_on=TODAY)
    return branch


def enlarge(page: Page) -> None:
    page.locator(".bar .menu > summary").click()
    page.locator(".bar").get_by_role("button", name="放大字号").click()
    expect(page.locator("html.large")).to_have_count(1)


def cut(page: Page) -> list[str]:
    """Words that stand half outside their own box, or beside the page."""
    return page.evaluate(  # type: ignore[no-any-return]  # the browser answers JSON
        """() => [...document.querySelectorAll('main *, .tabs *, .bar *')]
            .filter(node => node.childElementCount === 0 && node.textContent.trim())
            .filter(node => !node.closest('.visually-hidden, .table-wrap, .area'))
            .map(node => [node, node.getBoundingClientRect(), document.documentElement.clientWidth])
            .filter(([node, box, width]) => box.width > 1 && (box.right > width + 1 || box.left < -1))
            .map(([node]) => node)
            .map(node => node.outerHTML.slice(0, 80))"""
    )


@EVERY_LOOK
def test_the_first_sign_in_begins_with_a_tour(open_page: OpenPage, size: str, dark: bool) -> None:
    page = open_page(size, dark=dark)
    login(page, "worker03")
    expect(page).to_have_url(re.compile("/w/help/tour/worker/$"))
    expect(page.get_by_role("heading", level=2)).to_have_count(4)
    assert_accessible(page)
    picture(page, f"tour_{size}_{'dark' if dark else 'light'}")
    page.get_by_role("button", name="知道了，开始使用").click()
    expect(page).to_have_url(re.compile(f"{MONTH}$"))
    assert TourSeen.objects.count() == 1


def test_who_only_looks_around_is_not_led_back(phone: Page) -> None:
    login(phone, "worker03")
    phone.get_by_role("link", name="现在就去：每月看一次清单").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("2026 年 11 月")
    phone.get_by_role("link", name="党务工作台", exact=True).tap()
    expect(phone).to_have_url(re.compile(f"{MONTH}$"))
    assert TourSeen.objects.count() == 0


@EVERY_LOOK
def test_help_is_accessible(open_page: OpenPage, size: str, dark: bool) -> None:
    page = open_page(size, dark=dark)
    login(page, "worker03")
    look = f"{size}_{'dark' if dark else 'light'}"
    for name, path in (("list", ""), ("entry", "item_close/?back=/w/reminders/"), ("search", "?q=撤销")):
        page.goto(f"/w/help/{path}")
        assert_accessible(page)
        picture(page, f"help_{name}_{look}")
    page.goto(MONTH)
    page.get_by_role("link", name="帮助").click()
    expect(page.locator(".help-inline > summary")).to_be_focused()
    assert_accessible(page)
    picture(page, f"help_inline_{look}")


def test_help_opens_above_the_page_and_what_is_typed_stays(phone: Page) -> None:
    login(phone, "worker03")
    phone.goto(MONTH)
    phone.get_by_role("link", name="完成并登记：支部（书记）年度工作报告及述职评议").tap()
    phone.get_by_role("textbox", name="主题").fill("到烟农家中听意见")
    phone.get_by_role("link", name="帮助").tap()
    opened = phone.locator(".help-inline")
    expect(opened.locator("summary")).to_contain_text("帮助：看本月清单")
    expect(opened).to_contain_text("撤销重来")
    opened.locator("summary").tap()
    expect(opened.locator("p").first).to_be_hidden()
    assert phone.get_by_role("textbox", name="主题").input_value() == "到烟农家中听意见"
    expect(phone).to_have_url(re.compile(f"{MONTH}$"))


def test_without_scripts_help_is_a_page_with_a_way_back(open_page: OpenPage) -> None:
    page = open_page("phone", javascript=False)
    login(page, "worker03")
    page.goto(f"{MONTH}?month=2026-11")
    page.get_by_role("link", name="帮助").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("看本月清单")
    page.get_by_role("link", name="登记并完成一项").click()
    page.get_by_role("link", name="返回刚才的页面").click()
    expect(page).to_have_url(re.compile(r"/w/reminders/\?month=2026-11$"))


@pytest.mark.parametrize("javascript", [True, False])
def test_one_tap_makes_letters_larger_and_stays_on_the_page(open_page: OpenPage, javascript: bool) -> None:
    page = open_page("phone", javascript=javascript)
    login(page, "worker03")
    page.goto(f"{MONTH}?month=2026-10")
    enlarge(page)
    expect(page).to_have_url(re.compile(r"month=2026-10$"))
    page.locator(".bar .menu > summary").click()
    page.get_by_role("button", name="恢复标准字号").click()
    expect(page.locator("html.large")).to_have_count(0)


@pytest.mark.parametrize("size", ["small", "phone", "desktop"])
def test_large_letters_break_nothing(open_page: OpenPage, branch: Organisation, size: str) -> None:
    page = open_page(size)
    login(page, "worker03")
    enlarge(page)
    place = f"/w/organisations/{branch.pk}/"
    for path in (MONTH, place, "/w/ledgers/reminders/", "/w/organisations/tools/votes/", "/w/help/"):
        page.goto(path)
        assert (path, cut(page)) == (path, [])
        assert_accessible(page)
        picture(page, f"large_{size}_{path.strip('/').replace('/', '_')}")
    page.goto(MONTH)
    page.get_by_role("link", name="完成并登记：支部（书记）年度工作报告及述职评议").click()
    expect(page.get_by_role("textbox", name="主题")).to_be_visible()
    assert cut(page) == []
    assert_accessible(page)
    picture(page, f"large_{size}_form")


def test_text_at_twice_its_size_stays_inside_the_phone(phone: Page, branch: Organisation) -> None:
    login(phone, "worker03")
    for path in (MONTH, f"/w/organisations/{branch.pk}/", "/w/help/", "/w/help/tour/worker/"):
        phone.goto(path)
        phone.evaluate("document.documentElement.style.setProperty('font-size', '32px')")
        assert (path, cut(phone)) == (path, [])
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert (path, phone.evaluate(width)) == (path, 0)


def test_a_stroke_leads_to_the_box_and_is_a_letter_inside_it(desktop: Page) -> None:
    login(desktop, "worker03")
    desktop.goto("/w/help/")
    box = desktop.get_by_role("searchbox", name="想知道什么")
    desktop.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    desktop.keyboard.press("/")
    expect(box).to_have_value("/")
