"""The main journey: a worker with five minutes finishes what is due, with and without JavaScript."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from branches.models import Organisation
from branches.rules import Role
from periods.months import Month
from records.models import Record
from records.rules import RecordKind
from reminders.actions.catalogue_load import load_catalogue
from reminders.actions.refresh import refresh
from reminders.models import ReminderItem
from reminders.rules import ItemState
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.browser.looks import every_look
from tests.clock import stop_clock
from tests.factories.accounts import make_account
from tests.factories.branches import make_member, make_organisation, make_post
from tests.factories.items import make_done, make_item

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 18)
URL = "/w/reminders/"
ONE_AND_A_HALF_SCREENS = 844 * 3 // 2


@pytest.fixture
def branch(monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """Four people, one of them secretary, another one the worker."""
    stop_clock(monkeypatch, TODAY)
    branch = make_organisation(name="红土坡烟站党支部", facts_changed=False)
    people = [make_member(branch, code=str(n), name=name) for n, name in enumerate("甲乙丙丁")]
    make_post(branch, Role.SECRETARY, member=people[0])
    account: User = make_account("worker03")
    make_post(branch, Role.WORKER, user=account)
    return branch


def open_list(page: Page) -> Page:
    login(page, "worker03")
    page.goto(URL)
    return page


def monthly(days: int) -> dict[str, object]:
    return {
        "kind": "periodic",
        "period": "month",
        "due": "last_workday_of_period",
        "remind_days_before": [days],
    }


def row(page: Page, item: ReminderItem) -> str:
    return f"#item-{item.pk}"


def state(item: ReminderItem) -> str:
    item.refresh_from_db()
    return item.state


@every_look(["small", "phone", "desktop"])
def test_a_full_list_is_accessible(open_page: OpenPage, branch: Organisation, size: str, dark: bool) -> None:
    make_item(branch, name="党费收缴情况公示", due=date(2026, 10, 26))
    make_item(branch, name="主题党日", kind=RecordKind.ACTIVITY, due=date(2026, 11, 19))
    make_item(
        branch, name="支部（书记）年度工作报告及述职评议", kind=RecordKind.MEETING, calendar_known=False
    )
    make_item(branch, name="退回的", state=ItemState.RETURNED, due=date(2026, 11, 25))
    make_done(branch, name="党小组会", done_on=date(2026, 11, 16))
    page = open_list(open_page(size, dark=dark))
    expect(page.get_by_role("heading", level=1)).to_have_text("2026 年 11 月")
    assert_accessible(page)
    picture(page, f"month_{size}_{'dark' if dark else 'light'}")
    for summary in page.locator(".why > summary").all():
        summary.click()
    assert_accessible(page)


def test_one_tap_finishes_a_date_only_item_and_undo_brings_it_back(phone: Page, branch: Organisation) -> None:
    item = make_item(branch, name="党费收缴")
    open_list(phone)
    phone.get_by_role("button", name="完成：党费收缴").tap()
    expect(phone.locator("#month-live")).to_have_text("已完成：党费收缴")
    expect(phone.locator(".stat.ok b")).to_have_text("1")
    expect(phone.locator(row(phone, item)).locator("summary .tag")).to_have_text("11 月 18 日 完成")
    expect(phone.locator(row(phone, item)).locator("summary")).to_be_focused()
    assert_accessible(phone)
    assert state(item) == ItemState.DONE
    phone.get_by_role("button", name="撤销：党费收缴").tap()
    expect(phone.locator("#month-live")).to_have_text("已撤销：党费收缴")
    expect(phone.locator(".stat.ok b")).to_have_text("0")
    assert state(item) == ItemState.OPEN


def test_a_meeting_is_recorded_in_place(phone: Page, branch: Organisation) -> None:
    item = make_item(branch, name="支部党员大会", kind=RecordKind.MEETING)
    open_list(phone)
    phone.get_by_role("link", name="完成并登记：支部党员大会").tap()
    expect(phone.get_by_role("heading", name="登记：支部党员大会")).to_be_focused()
    assert_accessible(phone)
    picture(phone, "record_meeting_phone")
    expect(phone.get_by_label("乙的缺席原因")).to_be_hidden()
    phone.get_by_role("checkbox", name="乙").uncheck()
    phone.get_by_label("乙的缺席原因").fill("出差")
    phone.get_by_label("地点").fill("<script>alert(1)</script>")
    phone.get_by_role("button", name="登记并完成").tap()
    expect(phone.locator(".error-summary")).to_be_focused()
    expect(phone.get_by_label("乙的缺席原因")).to_have_value("出差")
    assert_accessible(phone)
    phone.get_by_label("议题").fill("讨论分工")
    phone.get_by_role("button", name="登记并完成").tap()
    expect(phone.locator("#month-live")).to_have_text("已完成：支部党员大会")
    assert state(item) == ItemState.DONE
    phone.goto(f"{URL}items/{item.pk}/")
    expect(phone.get_by_text("<script>alert(1)</script>")).to_be_visible()
    expect(phone.get_by_text("乙（出差）")).to_be_visible()
    assert_accessible(phone)


def test_one_themed_party_day_closes_three_items(phone: Page, branch: Organisation) -> None:
    items = [
        make_item(branch, name="主题党日", kind=RecordKind.ACTIVITY),
        make_item(branch, name="党课", kind=RecordKind.LECTURE),
        make_item(branch, name="集中学习", kind=RecordKind.HOURS),
    ]
    open_list(phone)
    phone.get_by_role("link", name="完成并登记：主题党日").tap()
    phone.get_by_role("textbox", name="主题").fill("烟叶收购廉洁教育")
    phone.get_by_label("学时").fill("2")
    phone.get_by_role("checkbox", name="党课", exact=True).check()
    phone.get_by_role("checkbox", name="集中学习", exact=True).check()
    phone.get_by_label("主讲人").fill("甲")
    assert_accessible(phone)
    picture(phone, "record_activity_phone")
    phone.get_by_role("button", name="登记并完成").tap()
    expect(phone.locator("#month-live")).to_have_text("已完成：主题党日、党课、集中学习")
    expect(phone.locator(".item.done")).to_have_count(3)
    expect(phone.locator(".stat.ok b")).to_have_text("3")
    assert [state(item) for item in items] == [ItemState.DONE] * 3
    assert Record.objects.count() == 1


def test_the_form_can_be_left_and_another_date_entered(phone: Page, branch: Organisation) -> None:
    item = make_item(branch, name="党费收缴")
    open_list(phone)
    phone.locator(row(phone, item)).locator("summary").tap()
    phone.get_by_role("link", name="补登其他日期").tap()
    phone.get_by_role("link", name="先不登记").tap()
    expect(phone.locator("form.record")).to_have_count(0)
    phone.locator(row(phone, item)).locator("summary").tap()
    phone.get_by_role("link", name="补登其他日期").tap()
    phone.get_by_label("日期").fill("2026-11-03")
    phone.get_by_role("button", name="登记并完成").tap()
    expect(phone.locator(row(phone, item)).locator("summary .tag")).to_have_text("11 月 3 日 完成")
    assert Record.objects.get().held_on == date(2026, 11, 3)


def test_not_applicable_names_its_reason(phone: Page, branch: Organisation) -> None:
    item = make_item(branch, name="流动党员联系")
    open_list(phone)
    phone.locator(row(phone, item)).locator("summary").tap()
    phone.get_by_role("link", name="不适用").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("不适用：流动党员联系")
    assert_accessible(phone)
    phone.get_by_label("不适用的原因").fill("本期没有此类情况")
    phone.get_by_role("button", name="登记不适用").tap()
    expect(phone.locator(row(phone, item)).locator("summary .tag")).to_have_text("不适用：本期没有此类情况")
    assert state(item) == ItemState.NOT_APPLICABLE


def test_upcoming_items_open_in_place(phone: Page, branch: Organisation) -> None:
    make_item(branch, name="月底的事", remind=date(2026, 11, 25))
    open_list(phone)
    phone.get_by_role("link", name="未到提醒日 1 项").tap()
    expect(phone.locator("#upcoming .item")).to_have_count(1)
    expect(phone.get_by_role("heading", name="未到提醒日")).to_be_focused()
    assert_accessible(phone)


def test_everything_works_by_keyboard(desktop: Page, branch: Organisation) -> None:
    item = make_item(branch, name="党费收缴")
    open_list(desktop)
    button = desktop.get_by_role("button", name="完成：党费收缴")
    for _ in range(30):
        desktop.keyboard.press("Tab")
        if button.evaluate("node => node === document.activeElement"):
            break
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#month-live")).to_have_text("已完成：党费收缴")
    assert state(item) == ItemState.DONE


def test_the_same_without_javascript(open_page: OpenPage, branch: Organisation) -> None:
    # Undoing asks for a refresh, so these items have rules that keep them where they are.
    dues = make_item(branch, name="党费收缴", due_rule=monthly(30))
    meeting = make_item(branch, name="支部党员大会", kind=RecordKind.MEETING, due_rule=monthly(30))
    later = make_item(branch, name="月底的事", remind=date(2026, 11, 25), due_rule=monthly(5))
    page = open_list(open_page("small", javascript=False))
    page.get_by_role("button", name="完成：党费收缴").tap()
    expect(page.locator(".note.success")).to_have_text("已完成：党费收缴")
    page.get_by_role("button", name="撤销：党费收缴").tap()
    expect(page.locator(".note.success")).to_have_text("已撤销：党费收缴")
    page.get_by_role("link", name="完成并登记：支部党员大会").tap()
    page.get_by_role("checkbox", name="乙").uncheck()
    page.get_by_label("乙的缺席原因").fill("出差")
    page.get_by_role("button", name="登记并完成").tap()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("议题").fill("讨论分工")
    page.get_by_role("button", name="登记并完成").tap()
    expect(page.locator(".note.success")).to_have_text("已完成：支部党员大会")
    page.get_by_role("link", name="未到提醒日 1 项").tap()
    expect(page.locator(row(page, later))).to_be_visible()
    assert [state(dues), state(meeting)] == [ItemState.OPEN, ItemState.DONE]


@pytest.mark.parametrize("dark", [False, True])
def test_every_form_and_the_other_pages_are_accessible(
    open_page: OpenPage, branch: Organisation, dark: bool
) -> None:
    kinds = [
        RecordKind.VOTE,
        RecordKind.TALK_COVERAGE,
        RecordKind.HOURS,
        RecordKind.CHECKLIST,
        RecordKind.ELECTION,
    ]
    page = open_page("small", dark=dark)
    login(page, "worker03")
    for kind in kinds:
        item = make_item(
            branch, name=kind.label, kind=kind, opens=date(2026, 1, 1), due_rule={"min_hours": 32}
        )
        page.goto(f"{URL}items/{item.pk}/close/")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"登记：{kind.label}")
        assert_accessible(page)
    make_post(branch, Role.GENERAL_BRANCH_STAFF, user=User.objects.get(username="worker03"))
    done = make_done(branch, name="党小组会", done_on=TODAY)
    for step, heading in (("", "党小组会"), ("return/", "退回：党小组会")):
        page.goto(f"{URL}items/{done.pk}/{step}")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert_accessible(page)


def test_staff_send_an_item_back_and_the_worker_sees_why(desktop: Page, branch: Organisation) -> None:
    staff = make_account("staff", name="史干事")
    make_post(branch, Role.GENERAL_BRANCH_STAFF, user=staff)
    item = make_done(branch, name="主题党日", done_on=TODAY)
    login(desktop, "staff")
    desktop.goto(f"{URL}?organisation={branch.code}")
    desktop.get_by_role("link", name="退回：主题党日").click()
    desktop.get_by_label("定主题").check()
    desktop.get_by_label("需要怎样补正").fill("没有议定事项")
    desktop.get_by_role("button", name="退回“主题党日”").click()
    expect(desktop.locator(".note.success")).to_have_text("已退回：主题党日")
    expect(desktop.locator(f"#item-{item.pk} .back")).to_contain_text("没有议定事项（史干事）")
    assert_accessible(desktop)
    assert state(item) == ItemState.RETURNED


@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2026, 12, 21)])
def test_december_of_four_people_fits_one_and_a_half_screens(
    phone: Page, branch: Organisation, monkeypatch: pytest.MonkeyPatch, day: date
) -> None:
    load_catalogue(on=date(2026, 12, 1))
    refresh(Month(2026, 12), on=date(2026, 12, 1))
    stop_clock(monkeypatch, day)
    open_list(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("2026 年 12 月")
    picture(phone, f"december_{day.day}")
    assert phone.locator(".item").count() >= 4
    assert phone.evaluate("document.documentElement.scrollHeight") <= ONE_AND_A_HALF_SCREENS
