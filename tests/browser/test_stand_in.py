"""Leave as people meet it: arranged on the phone, told to the one who stands in, ended at the desk."""

from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import expect

from accounts.models import User
from branches.models import Organisation
from branches.rules import Role
from notices.models import Message
from reminders.models import StandIn
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture, small_targets
from tests.clock import stop_clock
from tests.factories.accounts import PASSWORD
from tests.factories.branches import make_organisation, make_post, make_tree
from tests.factories.items import make_item

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 18)


@dataclass
class Scene:
    general: Organisation
    branch: Organisation
    secretary: User


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    stop_clock(monkeypatch, TODAY)
    _, general, _ = make_tree(0)
    branch = make_organisation("BR03", parent=general, name="红土坡党支部", facts_changed=False)
    people = (("worker", "雷彩霞", Role.WORKER), ("secretary", "冯立群", Role.SECRETARY))
    for username, name, role in people:
        user = User.objects.create_user(username, password=PASSWORD, name=name)
        make_post(branch, role, user=user)
    staff = User.objects.create_user("staff", password=PASSWORD, name="段晓红")
    make_post(general, Role.GENERAL_BRANCH_STAFF, user=staff)
    make_item(branch, name="主题党日", due=date(2026, 11, 20))
    return Scene(general, branch, User.objects.get(username="secretary"))


def test_leave_from_the_phone_to_its_early_end(scene: Scene, open_page: OpenPage) -> None:
    phone = open_page("phone")
    login(phone, "worker")
    phone.goto("/w/reminders/")
    phone.get_by_label("更多", exact=True).tap()
    phone.get_by_role("link", name="请假代办").tap()
    expect(phone.get_by_text("目前没有人请假。")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("link", name="安排代办").first.tap()
    phone.get_by_label("请假至").fill("2026-11-30")
    phone.get_by_label("由谁代办").select_option(label="冯立群（书记）")
    assert small_targets(phone) == []
    assert_accessible(phone)
    picture(phone, "stand_in_add_phone")
    phone.get_by_role("button", name="安排代办").tap()
    expect(phone.get_by_text("已安排冯立群代办，双方都会收到消息。")).to_be_visible()
    assert_accessible(phone)
    picture(phone, "stand_in_list_phone")
    phone.get_by_role("link", name="本月清单").first.tap()
    expect(phone.get_by_text("雷彩霞 11 月 18 日—30 日请假，由冯立群代办")).to_be_visible()
    assert Message.objects.of(scene.secretary).count() == 1

    desk = open_page("desktop")
    login(desk, "staff")
    desk.goto("/w/reminders/stand-ins/")
    picture(desk, "stand_in_list_desktop")
    desk.get_by_role("link", name="提前结束").click()
    desk.get_by_role("button", name="提前结束雷彩霞的代办").click()
    expect(desk.get_by_text("雷彩霞的请假代办已结束。")).to_be_visible()
    assert_accessible(desk)
    assert StandIn.objects.get().grant.until == TODAY


def test_what_was_typed_stays_when_it_is_refused_and_works_without_scripts(
    scene: Scene, open_page: OpenPage
) -> None:
    page = open_page("small", javascript=False, expected=("Failed to load resource",))
    login(page, "staff")
    page.goto("/w/reminders/stand-ins/add/")
    page.get_by_label("谁请假").select_option(label="雷彩霞（红土坡党支部 · 党务工作者）")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("请假自").fill("2026-11-10")
    page.get_by_label("请假至").fill("2026-11-20")
    page.get_by_label("由谁代办").select_option(label="冯立群（书记）")
    page.get_by_role("button", name="安排代办").click()
    expect(page.get_by_text("开始日期请选今天或以后的日期。").first).to_be_visible()
    expect(page.get_by_label("请假至")).to_have_value("2026-11-20")
    picture(page, "stand_in_refused_small")
    page.get_by_label("请假自").fill("2026-11-19")
    page.get_by_role("button", name="安排代办").click()
    expect(page.get_by_text("雷彩霞请假，由冯立群代办")).to_be_visible()
