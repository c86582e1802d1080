"""The error bank in a real browser: a practised question, an entry proposed, a rotation finding mended."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from branches.models import Organisation
from branches.rules import OrganisationKind, Role
from errorbank.models import EntryVersion, PracticeCard
from errorbank.rules import FindingState, Source
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.clock import stop_clock
from tests.factories.accounts import make_account
from tests.factories.branches import make_organisation, make_post
from tests.factories.errorbank import make_entry, make_finding

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 18)
LOOKS = [("phone", True), ("desktop", False)]


@pytest.fixture
def branch(monkeypatch: pytest.MonkeyPatch) -> Organisation:
    stop_clock(monkeypatch, TODAY)
    general = make_organisation(name="烟叶党总支", kind=OrganisationKind.GENERAL_BRANCH)
    branch = make_organisation(name="红土坡烟站党支部", parent=general)
    make_post(branch, Role.WORKER, user=make_account("worker03", name="王同志"))
    make_post(general, Role.GENERAL_BRANCH_STAFF, user=make_account("staff", name="史干事"))
    return branch


def looked_at(page: Page, name: str, size: str) -> None:
    assert_accessible(page)
    picture(page, f"errors_{name}_{size}")


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_practice_puts_no_answer_into_the_address(
    open_page: OpenPage, branch: Organisation, size: str, dark: bool
) -> None:
    for why in ("没有写实到人数", "没有写表决结果", "没有写主持人"):
        make_entry(why_wrong=why, organisation=branch.parent)
    page = open_page(size, dark=dark)
    login(page, "worker03")
    page.goto("/w/errors/practice/")
    looked_at(page, "question", size)
    page.locator("button.choice").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("答案")
    assert re.search(r"/practice/\d+/$", page.url)
    looked_at(page, "answer", size)
    page.get_by_role("button", name="记得", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("本周五题")
    assert PracticeCard.objects.count() == 1


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_an_entry_is_proposed_and_published(
    open_page: OpenPage, branch: Organisation, size: str, dark: bool
) -> None:
    page = open_page(size, dark=dark)
    login(page, "worker03")
    page.goto("/w/errors/entries/add/")
    looked_at(page, "entry_add", size)
    page.get_by_label("问题表现").fill("会议没有签到，受处分的也没有写")
    page.get_by_label("类别").select_option("meetings")
    for label in ("错在哪里", "整改措施", "怎么复查"):
        page.get_by_label(label).fill("当场签到，会后核对")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_label("已核对")).to_be_visible()
    looked_at(page, "entry_touchy", size)
    page.get_by_label("问题表现").fill("会议没有签到")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("会议没有签到")
    looked_at(page, "entry", size)
    page.context.clear_cookies()
    login(page, "staff")
    page.goto(f"/w/errors/entries/waiting/{EntryVersion.objects.get().pk}/")
    looked_at(page, "review", size)
    page.get_by_role("button", name="发布").click()
    expect(page.locator(".note.success")).to_have_text("已发布，大家现在看到的是新的内容。")


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_a_rotation_finding_from_its_branch_to_staff(
    open_page: OpenPage, branch: Organisation, size: str, dark: bool
) -> None:
    inspector = make_account("worker01", name="轮训同志")
    finding = make_finding(branch, by=inspector, on=TODAY, source=Source.ROTATION)
    address = f"/w/errors/findings/{finding.pk}/"
    page = open_page(size, dark=dark)
    login(page, "worker03")
    page.goto(address)
    expect(page.get_by_text("轮训检查发现，轮训同志")).to_be_visible()
    looked_at(page, "finding", size)
    page.get_by_role("link", name="提交整改结果").click()
    page.get_by_label("整改结果").fill("已补写实到人数。")
    page.get_by_role("button", name="提交整改结果").click()
    page.context.clear_cookies()
    login(page, "staff")
    page.goto("/w/errors/findings/")
    looked_at(page, "findings", size)
    page.goto(address)
    expect(page.get_by_text("支部提交的整改结果")).to_be_visible()
    looked_at(page, "to_review", size)
    page.get_by_role("link", name="审核通过，销号").click()
    looked_at(page, "close", size)
    page.get_by_role("button", name="审核通过，销号").click()
    expect(page.locator(".note.success")).to_be_visible()
    finding.refresh_from_db()
    assert finding.state == FindingState.RECHECKING
