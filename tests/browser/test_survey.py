"""A phone answers the survey without cookies or a script; staff print, close and show the results."""

import io
from datetime import date
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from branches.rules import Role
from burden.actions.surveys import BaselineData, enter_baseline, open_round
from burden.box.ballots import Ballots, ballot_box
from burden.models import SurveyRound
from burden.rules.survey_codes import grouped, read_code
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.burden.survey_scene import counts_like, give_codes
from tests.clock import stop_clock
from tests.factories.accounts import make_account
from tests.factories.branches import make_post, make_tree

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 18)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> SurveyRound:
    settings.VAR_DIR = tmp_path
    stop_clock(monkeypatch, TODAY)
    _, general, (branch, _) = make_tree()
    staff = make_account("staff")
    make_post(general, Role.GENERAL_BRANCH_STAFF, user=staff)
    make_post(branch, user=make_account("worker03"))
    counts = counts_like({"load": (9, 12, 8, 3, 1), "stance": (17, 11, 5)})
    enter_baseline(general, data=BaselineData("论文调查", "某论文", 33, counts), by=staff, on=TODAY)
    return open_round(general, closes_on=date(2026, 11, 30), by=staff, on=TODAY)


def answer(page: Page, code: str) -> None:
    page.get_by_label("纸条上的码").fill(code)
    for group in page.locator("fieldset").all():
        group.get_by_role("radio").last.check()
    page.get_by_role("button", name="交答卷").click()


@pytest.mark.parametrize(("size", "dark"), [("phone", True), ("small", False), ("desktop", False)])
def test_an_answer_without_cookies_and_script(
    open_page: OpenPage, running: SurveyRound, size: str, dark: bool
) -> None:
    code = give_codes(running, 3)[0]
    page = open_page(size, dark=dark, javascript=False)
    page.goto("/box/survey/")
    picture(page, f"survey_{size}")
    answer(page, grouped(code)[:-1])
    expect(page.get_by_text("这个码抄得不对").first).to_be_visible()
    picture(page, f"survey_wrong_{size}")
    for group in page.locator("fieldset").all():
        expect(group.get_by_role("radio").last).to_be_checked()
    page.get_by_label("纸条上的码").fill(grouped(code).lower())
    page.get_by_role("button", name="交答卷").click()
    expect(page.get_by_text("答卷已收下，谢谢。")).to_be_visible()
    assert page.context.cookies() == []
    with ballot_box() as box:
        assert box.read(running.pk).people == 1


@pytest.mark.parametrize(("size", "dark"), [("phone", True), ("desktop", False)])
def test_the_public_pages_are_accessible(
    open_page: OpenPage, running: SurveyRound, size: str, dark: bool
) -> None:
    page = open_page(size, dark=dark)
    page.goto("/box/survey/")
    page.get_by_text("哪些人看不到，哪些挡不住").click()
    assert_accessible(page)
    page.get_by_role("button", name="交答卷").click()
    assert_accessible(page)
    page.goto("/box/survey/done/")
    assert_accessible(page)
    assert page.context.cookies() == []


@pytest.mark.parametrize(("size", "dark"), [("phone", True), ("desktop", False)])
def test_staff_print_close_and_everybody_reads(
    open_page: OpenPage, running: SurveyRound, size: str, dark: bool
) -> None:
    page = open_page(size, dark=dark)
    login(page, "staff")
    page.goto("/w/burden/surveys/")
    assert_accessible(page)
    page.get_by_role("link", name="印码、看进度、结束这一轮").click()
    assert_accessible(page)
    page.get_by_role("link", name="现在印").click()
    assert_accessible(page)
    page.get_by_label("邀请多少人").fill("10")
    page.get_by_label("印多少个码").fill("20")
    # A busy machine takes its time over the paper.
    with page.expect_download(timeout=60_000) as slips:
        page.get_by_role("button", name="印码（下载 PDF）").click(timeout=60_000)
    words = pypdf.PdfReader(io.BytesIO(Path(slips.value.path()).read_bytes())).pages[0].extract_text().split()
    assert len([word for word in words if read_code(word)]) == 10
    counts = counts_like({"load": (1, 6, 12, 11, 6), "stance": (6, 12, 18)})
    with ballot_box() as box:
        box.write(Ballots(running.pk, 36, counts))
    page.goto(f"/w/burden/surveys/{running.pk}/close/")
    assert_accessible(page)
    page.get_by_role("button", name="结束这一轮").click()
    expect(page.get_by_text("约 35 人作答")).to_be_visible()
    assert_accessible(page)
    picture(page, f"survey_results_{size}")
    page.goto("/w/burden/surveys/baseline/")
    assert_accessible(page)
    reader = open_page(size, dark=dark)
    login(reader, "worker03")
    reader.goto("/w/burden/surveys/")
    expect(reader.get_by_text("选“主动作为”的从 17% 到 57%")).to_be_visible()
    assert_accessible(reader)
    picture(reader, f"survey_list_{size}")
