"""Monthly briefs on a phone and a desk, in both themes: read, word, release."""

import pytest
from playwright.sync_api import Page, expect

from branches.rules import Role
from dashboards.actions.briefs import word_section
from dashboards.models import Brief
from dashboards.rules.brief_words import BriefSection
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.browser.looks import EVERY_LOOK
from tests.dashboards.board_scene import Scene
from tests.dashboards.brief_scene import NOW, SEPTEMBER, make_brief_scene, prepared, released
from tests.factories.accounts import make_account
from tests.factories.branches import make_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def draft(monkeypatch: pytest.MonkeyPatch) -> Brief:
    """A released brief and a draft with one section worded by hand; staff and a worker with passwords."""
    scene: Scene = make_brief_scene(monkeypatch)
    make_post(scene.general, Role.GENERAL_BRANCH_STAFF, user=make_account("staff"))
    make_post(scene.branches[0], Role.WORKER, user=make_account("worker03"))
    released(scene, SEPTEMBER)
    return word_section(prepared(scene), BriefSection.LOAD, text="任务较集中。", by=scene.staff, now=NOW)


@EVERY_LOOK
def test_every_page_of_a_brief_is_accessible(
    open_page: OpenPage, draft: Brief, size: str, dark: bool
) -> None:
    page, look = open_page(size, dark=dark), f"{size}_{'dark' if dark else 'light'}"
    login(page, "staff")
    for name in ("", "add/", f"{draft.pk}/", f"{draft.pk}/load/", f"{draft.pk}/release/"):
        page.goto(f"/w/dashboard/briefs/{name}")
        assert_accessible(page)
        picture(page, f"brief_{name.replace('/', '_')}{look}")
    page.goto(f"/w/dashboard/briefs/{draft.pk}/")
    for panel in page.locator("main summary:visible").all():
        panel.click()
    assert_accessible(page)
    picture(page, f"brief_open_{look}")


def test_staff_word_a_section_and_release(desktop: Page, draft: Brief) -> None:
    login(desktop, "staff")
    desktop.goto("/w/dashboard/")
    desktop.get_by_role("link", name="月度通报").click()
    desktop.get_by_role("link", name="2026 年 10 月", exact=True).click()
    desktop.get_by_role("link", name="改文字：一、总体完成情况").click()
    box = desktop.get_by_label("文字")
    expect(box).to_have_value(draft.generated["whole"])
    box.fill("十月工作平稳。")
    desktop.get_by_role("button", name="保存").click()
    expect(desktop.locator("#whole .brief-text").first).to_have_text("十月工作平稳。")
    desktop.get_by_role("link", name="发布").click()
    expect(desktop.get_by_text("所属 3 个党支部的党务工作者和支部委员")).to_be_visible()
    desktop.get_by_role("button", name="发布").click()
    expect(desktop.get_by_text("已发布，编为 2026 年第 2 期")).to_be_visible()
    expect(desktop.get_by_role("link", name="改文字：一、总体完成情况")).to_have_count(0)
