"""The board on a phone, a tablet and a desk, in both themes; from a number to its list and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from branches.rules import Role
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.browser.looks import every_look
from tests.dashboards.board_scene import Scene, make_scene
from tests.factories.accounts import make_account
from tests.factories.branches import make_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Three branches with two months of work; staff and a worker with passwords."""
    scene = make_scene(monkeypatch)
    make_post(scene.general, Role.GENERAL_BRANCH_STAFF, user=make_account("staff"))
    make_post(scene.branches[0], Role.WORKER, user=make_account("worker03"))
    return scene


def whole(page: Page) -> None:
    """The part that is asked for on its own is there."""
    expect(page.get_by_role("list", name="各种情况的支部数")).to_be_visible()


@every_look(["phone", "tablet", "desktop"])
def test_the_board_is_accessible(open_page: OpenPage, size: str, dark: bool) -> None:
    page, look = open_page(size, dark=dark), f"{size}_{'dark' if dark else 'light'}"
    login(page, "staff")
    page.goto("/w/dashboard/?compare=2026-10")
    whole(page)
    assert_accessible(page)
    picture(page, f"board_{look}")
    for panel in page.locator("main summary:visible").all():
        panel.click()
    assert_accessible(page)
    picture(page, f"board_open_{look}")


@every_look(["phone"])
def test_the_lists_behind_the_numbers_are_accessible(open_page: OpenPage, size: str, dark: bool) -> None:
    page, look = open_page(size, dark=dark), f"{size}_{'dark' if dark else 'light'}"
    login(page, "staff")
    for name, address in (
        ("list", "items/?figure=due&month=2026-10"),
        ("findings", "findings/?figure=found"),
        ("unreadable", "items/?figure=x"),
    ):
        page.goto(f"/w/dashboard/{address}")
        assert_accessible(page)
        picture(page, f"board_{name}_{look}")


@pytest.mark.parametrize("size", ["phone", "small"])
def test_a_worker_reads_what_to_do_first_and_is_one_tap_from_it(open_page: OpenPage, size: str) -> None:
    page = open_page(size)
    login(page, "worker03")
    page.goto("/w/dashboard/")
    first = page.locator(".board-first a").first
    expect(first).to_contain_text("已逾期")
    # Above the fold, whatever else the page says.
    box, height = first.bounding_box(), page.viewport_size
    assert box is not None
    assert height is not None
    assert box["y"] + box["height"] < height["height"] / 2
    assert_accessible(page)
    picture(page, f"board_worker_{size}")
    first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("已逾期")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("navigation", name="看板").or_(page.locator(".crumbs")).get_by_role(
        "link", name="看板"
    ).first.tap()
    page.get_by_role("link", name="打开本月清单").tap()
    expect(page).to_have_url(re.compile(r"/w/reminders/\?organisation="))


def test_a_cell_of_the_map_opens_its_month_by_keyboard(desktop: Page, scene: Scene) -> None:
    login(desktop, "staff")
    desktop.goto("/w/dashboard/")
    cell = desktop.get_by_role("link", name=re.compile(f"^{scene.branches[0].name} 2026 年 10 月")).first
    cell.focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator(".head p")).to_contain_text(f"{scene.branches[0].name} · 2026 年 10 月 · 共 2 项")


def test_without_scripts_the_months_turn_and_the_outlook_is_a_page(open_page: OpenPage) -> None:
    page = open_page("desktop", javascript=False)
    login(page, "staff")
    page.goto("/w/dashboard/")
    page.get_by_text("换月份、对比").click()
    page.get_by_label("和哪个月比").select_option("2026-10")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_role("heading", name="2026 年 11 月和 2026 年 10 月相比")).to_be_visible()
    page.get_by_role("link", name="看各支部今后 12 个月的党员人数").click()
    whole(page)
