"""Recruiting as people meet it: a worker on the phone, staff at the desk, and a browser without scripts."""

import re
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from accounts.models import User
from branches.actions.development import refresh_case
from branches.models import DevelopmentCase, MemberEvent, Membership, Organisation
from branches.rules import EventKind, MemberStatus, Role
from periods.months import Month
from records.rules import RecordKind
from reminders.actions.refresh import refresh
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture, small_targets
from tests.browser.looks import EVERY_LOOK
from tests.clock import stop_clock
from tests.factories.accounts import PASSWORD
from tests.factories.branches import make_member, make_organisation, make_post, make_tree
from tests.factories.development import make_applicant, make_case
from tests.factories.reminders import make_action

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 22)
BOARD = "/w/organisations/development/"


@dataclass
class Scene:
    branch: Organisation
    committee: Organisation
    case: DevelopmentCase


def _account(username: str, organisation: Organisation, role: Role) -> User:
    user = User.objects.create_user(username, password=PASSWORD, name=username)
    make_post(organisation, role, user=user)
    return user


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    stop_clock(monkeypatch, TODAY)
    committee, general, _ = make_tree(0)
    Organisation.objects.filter(pk=committee.pk).update(approves_members=True)
    committee.refresh_from_db()
    branch = make_organisation("BR03", parent=general, name="红土坡党支部")
    people = [make_member(branch, name=name) for name in ("雷彩霞", "冯立群", "段晓红")]
    _account("worker", branch, Role.WORKER)
    _account("staff", general, Role.GENERAL_BRANCH_STAFF)
    case = make_case(branch, upto=12, committee=committee, people=people, name="许文杰")
    return Scene(branch, committee, case)


def test_from_the_application_to_the_pre_review(scene: Scene, open_page: OpenPage) -> None:
    phone = open_page("phone")
    login(phone, "worker")
    phone.goto(BOARD)
    phone.get_by_role("link", name="新增入党申请人").tap()
    phone.get_by_label("姓名").fill("陶小芸")
    phone.get_by_label("出生日期").fill("1999-05-04")
    phone.get_by_label("申请日期").fill("2026-11-02")
    phone.get_by_role("button", name="建立档案").tap()
    expect(phone.get_by_role("heading", level=2).first).to_contain_text(
        "12 月 2 日 周三前，由党支部办理“党组织派人谈话”。"
    )
    phone.get_by_label("办理日期").fill("2026-11-20")
    phone.get_by_role("button", name="登记", exact=True).tap()
    expect(
        phone.get_by_text("已登记“党组织派人谈话”。下一步由支部党员大会办理“推荐和确定入党积极分子”。")
    ).to_be_visible()
    picture(phone, "recruiting_case_phone")
    assert_accessible(phone)
    desk = open_page("desktop")
    login(desk, "staff")
    desk.goto(BOARD)
    expect(desk.get_by_role("link", name="陶小芸")).to_be_visible()
    desk.get_by_role("link", name="许文杰").click()
    desk.get_by_label("办理日期").fill("2026-11-20")
    desk.get_by_role("button", name="登记", exact=True).click()
    expect(desk.get_by_role("heading", level=2).first).to_contain_text("由本人完成“填写入党志愿书”")
    step = scene.case.steps.get(number=13)
    assert (step.decided_by, step.done_on) == (scene.committee, date(2026, 11, 20))


def test_a_step_is_recorded_from_the_month_list(scene: Scene, open_page: OpenPage) -> None:
    """Two taps: to the form of the step, and to record it. Back on the list it is done, and says by what."""
    _wait_for_the_talk(scene.branch)
    phone = open_page("phone")
    login(phone, "worker")
    phone.goto("/w/reminders/")
    phone.get_by_role("link", name="办理：入党申请人谈话（陶小芸）").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("第 2 步：党组织派人谈话")
    phone.get_by_role("button", name="登记", exact=True).tap()
    expect(phone.get_by_text("已登记“党组织派人谈话”。")).to_be_visible()
    phone.get_by_role("link", name="本月清单").last.tap()
    item = phone.locator(".item.done")
    expect(item).to_contain_text("入党申请人谈话（陶小芸）")
    expect(item).to_contain_text("11 月 22 日 完成")
    expect(item).to_contain_text("已登记“入党申请人谈话”，自动办结")
    assert (small_targets(phone), phone.locator(".item .act a").count()) == ([], 0)


def _wait_for_the_talk(branch: Organisation) -> None:
    """An application of this month, and the month's list with the talk that follows it."""
    applied = date(2026, 11, 2)
    member = make_applicant(branch, name="陶小芸")
    MemberEvent.objects.create(member=member, kind=EventKind.APPLIED, on=applied, organisation=branch)
    Membership.objects.create(
        member=member, organisation=branch, status=MemberStatus.APPLICANT, since=applied
    )
    case = DevelopmentCase.objects.create(member=member, opened_on=applied)
    case.steps.create(number=1, done_on=applied)
    refresh_case(case, on=TODAY)
    due = {"kind": "event_offset", "anchor": "application_received", "due_offset": {"months": 1}}
    make_action("applicant_talk", name="入党申请人谈话", due_rule=due, record_kind=RecordKind.DATE_ONLY)
    refresh(Month.of(TODAY), on=TODAY)


def test_everything_works_without_scripts(scene: Scene, open_page: OpenPage) -> None:
    page = open_page("phone", javascript=False)
    login(page, "worker")
    page.goto(f"{BOARD}{scene.case.pk}/")
    expect(page.get_by_text("这一步由上级党委决定，办理后由党总支或党委的党务干部登记")).to_be_visible()
    page.get_by_text("2. 入党积极分子的确定和培养教育").tap()
    page.get_by_role("link", name=re.compile("更正：指定培养联系人")).tap()
    page.get_by_label("段晓红").check()
    page.get_by_label("雷彩霞").uncheck()
    page.get_by_label("更正原因").fill("联系人记错")
    page.get_by_role("button", name="更正").tap()
    expect(page.get_by_text("“指定培养联系人”已更正，原来的一条保留备查。")).to_be_visible()
    names = scene.case.steps.standing().get(number=5).people.order_by("code").values_list("name", flat=True)
    assert list(names) == ["冯立群", "段晓红"]


def test_a_late_step_asks_why_and_keeps_what_was_typed(scene: Scene, open_page: OpenPage) -> None:
    late = make_case(scene.branch, upto=1, committee=scene.committee, people=[], name="沈立新")
    page = open_page("phone")
    login(page, "worker")
    page.goto(f"{BOARD}{late.pk}/")
    page.get_by_label("材料或文号").fill("谈话登记表一份")
    page.get_by_role("button", name="登记", exact=True).tap()
    expect(page.get_by_text("请在“说明”中写明原因后再登记。")).to_be_visible()
    expect(page.get_by_label("材料或文号")).to_have_value("谈话登记表一份")
    picture(page, "recruiting_why_late")
    page.get_by_label("说明").fill("当时没有及时安排")
    page.get_by_role("button", name="登记", exact=True).tap()
    expect(page.get_by_text("已登记“党组织派人谈话”。")).to_be_visible()


def test_the_list_of_papers_comes_as_a_file(scene: Scene, open_page: OpenPage) -> None:
    page = open_page("desktop")
    login(page, "worker")
    page.goto(f"{BOARD}{scene.case.pk}/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="材料清单").click()
    assert waiting.value.suggested_filename == "发展党员材料清单_许文杰_2026-11-22.pdf"
    text = PdfReader(BytesIO(Path(waiting.value.path()).read_bytes())).pages[0].extract_text()
    assert "发展党员材料清单" in text


@EVERY_LOOK
def test_the_pages_are_accessible(scene: Scene, open_page: OpenPage, size: str, dark: bool) -> None:
    make_case(scene.branch, upto=1, committee=scene.committee, people=[], name="沈立新")
    page = open_page(size, dark=dark)
    login(page, "staff")
    case = scene.case
    correct = case.steps.get(number=9)
    for name, path in {
        "board": BOARD,
        "late": f"{BOARD}?state=late",
        "nobody": f"{BOARD}?q=没有",
        "case": f"{BOARD}{case.pk}/",
        "record": f"{BOARD}{case.pk}/steps/15/",
        "earlier": f"{BOARD}{case.pk}/earlier/",
        "close": f"{BOARD}{case.pk}/close/",
        "add": f"{BOARD}add/",
        "correct": f"{BOARD}steps/{correct.pk}/correct/",
    }.items():
        answer = page.goto(path)
        assert answer is not None
        assert (path, answer.status) == (path, 200)
        page.evaluate("document.querySelectorAll('details.panel').forEach(panel => { panel.open = true })")
        picture(page, f"recruiting_{name}_{size}_{'dark' if dark else 'light'}")
        assert_accessible(page)
