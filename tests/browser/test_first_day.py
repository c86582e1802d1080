"""The demo as a newcomer meets it: a worker finishes something, staff see it, the ledger is opened."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command
from django.db.models import F
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from branches.demo import PASSWORD
from reminders.models import ReminderItem
from reminders.rules import ItemState
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.clock import stop_clock
from tests.database import LoadedDemo
from training.tasks import settle_past_sessions

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 22)
PAGES_OF: dict[str, tuple[str, ...]] = {
    "worker03": ("/w/reminders/", "/w/reminders/?upcoming=1", "/w/reminders/actions/", "/w/account/"),
    "secretary09": ("/w/reminders/", "/w/organisations/", "/w/ledgers/reminders/"),
    "staff": (
        "/w/reminders/overview/",
        "/w/reminders/missing/",
        "/w/reminders/tasks/add/",
        "/w/reminders/packs/",
        "/w/reminders/actions/branch_general_meeting/",
        "/w/organisations/",
        "/w/organisations/calendar/",
        "/w/organisations/accounts/",
        "/w/ledgers/",
    ),
    "committee": ("/w/reminders/overview/", "/w/organisations/"),
    "admin": ("/w/", "/w/organisations/accounts/"),
}


@pytest.fixture
def demo(transactional_db: None, monkeypatch: pytest.MonkeyPatch, loaded_demo: LoadedDemo) -> Iterator[None]:
    stop_clock(monkeypatch, TODAY)
    with loaded_demo():
        yield


def overview_count(page: Page, branch: str, column: str) -> int:
    page.goto("/w/reminders/overview/")
    cell = page.get_by_role("row", name=branch).locator(f"[data-label={column}]")
    return int(cell.inner_text())


@pytest.mark.usefixtures("demo")
def test_what_a_worker_finishes_reaches_staff_and_the_ledger(open_page: OpenPage, tmp_path: Path) -> None:
    staff = open_page("desktop")
    login(staff, "staff", PASSWORD)
    before = overview_count(staff, "红土坡烟站党支部", "已完成")
    phone = open_page("phone")
    login(phone, "worker03", PASSWORD)
    phone.goto("/w/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("2026 年 11 月")
    picture(phone, "first_day_list")
    phone.get_by_role("link", name="完成并登记：主题党日").tap()
    phone.get_by_role("textbox", name="主题").fill("到烟农家中听意见")
    phone.get_by_role("button", name="登记并完成").tap()
    expect(phone.locator("#month-live")).to_have_text("已完成：主题党日")
    assert overview_count(staff, "红土坡烟站党支部", "已完成") == before + 1
    rows = ledger_rows(phone)
    assert ("红土坡烟站党支部", "主题党日", "按时完成", TODAY) in rows
    assert len(rows) == before + 1
    text = ledger_pdf_text(phone)
    assert "提醒事项台账" in text
    assert "红土坡烟站党支部" in text
    assert "松林口" not in text


def download(page: Page, label: str) -> bytes:
    page.goto("/w/ledgers/reminders/?period=2026-11")
    page.locator("details.menu summary", has_text="导出").tap()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=label).tap()
    return Path(waiting.value.path()).read_bytes()


def ledger_rows(page: Page) -> list[tuple[object, ...]]:
    """Branch, action, state and day done of each finished row of the Excel ledger."""
    sheet = openpyxl.load_workbook(BytesIO(download(page, "Excel"))).worksheets[0]
    table = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    heads = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "序号")
    place, action, state, done = (heads.index(n) for n in ("组织", "事项", "状态", "完成日期"))
    return [(r[place], r[action], r[state], r[done].date()) for r in table if r[done] is not None]  # type: ignore[union-attr]  # a cell of a date column


def ledger_pdf_text(page: Page) -> str:
    return "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(download(page, "PDF"))).pages)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_main_pages_of_every_role_are_accessible(open_page: OpenPage, size: str) -> None:
    for username, paths in PAGES_OF.items():
        page = open_page(size)
        login(page, username, PASSWORD)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert (path, answer.status) == (path, 200)
            expect(page.get_by_text("本系统为非涉密系统，不得录入涉密和敏感内容")).to_be_visible()
            assert_accessible(page)


@pytest.mark.usefixtures("demo")
def test_december_of_a_four_person_branch_fits_one_and_a_half_screens(
    phone: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day on which everything due in December is listed; the themed Party day was held on its day."""
    call_command("refresh_reminders", "--month", "2026-12", verbosity=0)
    stop_clock(monkeypatch, date(2026, 12, 21))
    settle_past_sessions()  # as every night
    ReminderItem.objects.filter(state=ItemState.OPEN, due_on__lt=date(2026, 12, 11)).update(
        state=ItemState.DONE, done_on=F("due_on")
    )
    login(phone, "worker01", PASSWORD)
    phone.goto("/w/reminders/")
    picture(phone, "december_four_people")
    assert phone.evaluate("document.documentElement.scrollHeight") <= 844 * 3 // 2
