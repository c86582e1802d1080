"""The month list: which items on which day, in which words, for whom, with how many queries."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.models import AccessGrant, Organisation
from branches.rules import GrantKind, OrganisationKind, Role
from periods.months import Month
from records.actions import RecordData, TalkData
from records.rules import RecordKind
from reminders.actions.items import add_talks, close_item, mark_not_applicable
from reminders.models import ItemReturn, ListChange, ReminderItem, StudyMaterial, StudyPack
from reminders.queries.item_rows import hint_of
from reminders.queries.month_list import UnknownPlace, month_list, place_of
from reminders.rules import ChangeKind, ItemState
from tests.clock import stop_clock
from tests.factories.branches import (
    make_holder,
    make_member,
    make_organisation,
    make_post,
    make_tree,
    make_user,
)
from tests.factories.items import make_done, make_item

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
NOVEMBER = Month(2026, 11)
URL = "/w/reminders/"
OpenList = Callable[..., Any]


@pytest.fixture
def branch() -> Organisation:
    return make_organisation(name="红土坡烟站党支部", facts_changed=False)


@pytest.fixture
def worker(branch: Organisation) -> User:
    return make_holder(branch)


@pytest.fixture
def open_list(client: Client, worker: User, monkeypatch: pytest.MonkeyPatch) -> OpenList:
    """The worker's list on a Wednesday."""
    stop_clock(monkeypatch, TODAY)
    client.force_login(worker)
    return lambda query="": client.get(URL + query)


def listed(user: User, month: Month = NOVEMBER, on: date = TODAY) -> dict[str, list[str]]:
    shown = month_list(place_of(user, code="", on=on), month, on=on)
    return {section.key: [row.title for row in section.rows] for section in shown.shown}


def test_open_items_stand_under_overdue_this_week_and_later(branch: Organisation, worker: User) -> None:
    make_item(branch, name="早该完成", due=date(2026, 11, 17))
    make_item(branch, name="今天到期", due=TODAY)
    make_item(branch, name="周日到期", due=date(2026, 11, 22))
    make_item(branch, name="下周到期", due=date(2026, 11, 23))
    make_item(branch, name="跨年窗口", due=date(2027, 1, 31), opens=date(2026, 11, 1))
    assert listed(worker) == {
        "overdue": ["早该完成"],
        "week": ["今天到期", "周日到期"],
        "later": ["下周到期", "跨年窗口"],
    }


def test_an_item_is_listed_from_its_reminder_day_and_upcoming_before(
    branch: Organisation, worker: User
) -> None:
    make_item(branch, name="已到提醒日", remind=TODAY)
    make_item(branch, name="明天提醒", remind=TODAY + timedelta(days=1))
    make_item(branch, name="尚未开始", due=date(2026, 12, 31), opens=date(2026, 12, 1))
    shown = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY)
    assert [row.title for row in shown.rows] == ["已到提醒日"]
    assert [row.title for row in shown.upcoming] == ["明天提醒"]


def test_what_opens_later_this_month_is_upcoming_already(branch: Organisation, worker: User) -> None:
    make_item(branch, name="月底开始", due=date(2026, 12, 31), opens=date(2026, 11, 30))
    make_item(branch, name="下月开始", due=date(2026, 12, 31), opens=date(2026, 12, 1))
    shown = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY)
    assert ([row.title for row in shown.rows], [row.title for row in shown.upcoming]) == ([], ["月底开始"])


def test_what_was_sent_back_is_listed_at_once_however_early_it_was_done(
    branch: Organisation, worker: User
) -> None:
    make_item(branch, name="退回的", remind=TODAY + timedelta(days=5), state=ItemState.RETURNED)
    shown = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY)
    assert ([row.title for row in shown.rows], shown.upcoming) == (["退回的"], [])


def test_overdue_items_of_earlier_months_are_marked_with_their_age(
    branch: Organisation, worker: User
) -> None:
    make_item(branch, name="上月的", due=date(2026, 10, 26))
    make_item(branch, name="本月的", due=date(2026, 11, 16))
    shown = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY)
    assert [row.tag for row in shown.rows] == ["结转 · 已逾期 23 天", "已逾期 2 天"]


def test_settled_items_of_the_month_are_listed_the_latest_first(branch: Organisation, worker: User) -> None:
    make_done(branch, name="上月完成上月到期", done_on=date(2026, 10, 5))
    make_done(branch, name="上月完成本月到期", done_on=date(2026, 10, 30), due=date(2026, 11, 5))
    make_done(branch, name="本月完成上月到期", done_on=date(2026, 11, 3), due=date(2026, 10, 31))
    mark_not_applicable(make_item(branch, name="不适用的"), reason="没有此类情况", by=None, on=TODAY)
    shown = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY)
    assert [(row.title, row.tag) for row in shown.rows] == [
        ("不适用的", "不适用：没有此类情况"),
        ("本月完成上月到期", "11 月 3 日 完成（晚 3 天）"),
        ("上月完成本月到期", "10 月 30 日 完成"),
    ]
    assert (shown.done, shown.total, shown.percent) == (2, 2, 100)


def test_a_past_month_shows_what_was_due_or_done_in_it_and_how_it_ended(
    branch: Organisation, worker: User
) -> None:
    make_done(branch, name="按期", done_on=date(2026, 10, 20), due=date(2026, 10, 31))
    make_done(branch, name="晚了", done_on=date(2026, 11, 3), due=date(2026, 10, 31))
    make_item(branch, name="仍未完成", due=date(2026, 10, 30))
    make_item(branch, name="撤下的", due=date(2026, 10, 30), state=ItemState.WITHDRAWN, reason="情况变化")
    make_item(branch, name="本月的")
    shown = month_list(place_of(worker, code="", on=TODAY), Month(2026, 10), on=TODAY)
    assert {section.key: [row.title for row in section.rows] for section in shown.shown} == {
        "left": ["仍未完成"],
        "done": ["晚了", "按期"],
    }
    assert [(stat.label, stat.count) for stat in shown.stats] == [
        ("尚未完成", 1),
        ("按时完成", 1),
        ("逾期完成", 1),
        ("不适用", 0),
    ]


def test_a_coming_month_shows_what_is_known(branch: Organisation, worker: User) -> None:
    make_item(branch, name="明年一月到期", due=date(2027, 1, 31), opens=date(2026, 11, 1))
    make_item(branch, name="十二月到期", due=date(2026, 12, 31), opens=date(2026, 11, 1))
    make_item(branch, name="本月到期")
    assert listed(worker, Month(2026, 12)) == {"known": ["十二月到期"]}


def test_the_four_numbers_equal_the_rows(branch: Organisation, worker: User) -> None:
    make_item(branch, due=date(2026, 11, 17))
    for _ in range(2):
        make_item(branch, due=date(2026, 11, 20))
    make_item(branch)
    make_done(branch, done_on=TODAY)
    shown = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY)
    assert [(stat.label, stat.count) for stat in shown.stats] == [
        ("已逾期", 1),
        ("本周待办", 2),
        ("后续待办", 1),
        ("已完成", 1),
    ]
    assert (shown.done, shown.total, shown.percent) == (1, 5, 20)


@pytest.mark.parametrize(
    ("due", "tone", "tag"),
    [
        (date(2026, 11, 17), "late", "已逾期 1 天"),
        (TODAY, "soon", "今天截止"),
        (date(2026, 11, 21), "soon", "还剩 3 天"),
        (date(2026, 11, 22), "todo", "还剩 4 天"),
    ],
)
def test_colour_and_words_follow_the_days_left(
    branch: Organisation, worker: User, due: date, tone: str, tag: str
) -> None:
    make_item(branch, due=due)
    shown = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY)
    assert [(row.tone, row.tag) for row in shown.rows] == [(tone, tag)]


def test_a_returned_item_says_line_and_reason(branch: Organisation, worker: User) -> None:
    item = make_item(branch, state=ItemState.RETURNED)
    staff = make_user(name="史干事")
    ItemReturn.objects.create(item=item, checklist_line="旧", reason="旧", by=staff)
    ItemReturn.objects.create(item=item, checklist_line="定主题", reason="没有议定事项", by=staff)
    row = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY).rows[0]
    assert row.returned is not None
    assert (row.tag, row.tone, row.returned.checklist_line) == ("退回 · 还剩 12 天", "soon", "定主题")


def test_one_mistake_is_shown_another_one_each_month(branch: Organisation) -> None:
    item = make_item(branch)
    shown = [hint_of(item, on=date(2026, month, 5)) for month in (1, 2, 3)]
    assert shown[0] != shown[1]
    assert shown[0] == shown[2]
    assert set(shown) == {"只有照片没有内容", "日期随意"}


def test_talks_say_how_many_are_missing(branch: Organisation, worker: User) -> None:
    secretary, _, _ = (make_member(branch) for _ in range(3))
    make_post(branch, Role.SECRETARY, member=secretary)
    make_item(branch, name="谈心谈话", kind=RecordKind.TALK_COVERAGE, opens=date(2026, 1, 1))
    assert listed(worker) == {"later": ["谈心谈话（还差 2 人）"]}


def test_talks_of_two_years_are_counted_each_by_itself(branch: Organisation, worker: User) -> None:
    members = [make_member(branch) for _ in range(3)]
    make_post(branch, Role.SECRETARY, member=members[0])
    old = make_item(
        branch,
        name="谈心谈话",
        kind=RecordKind.TALK_COVERAGE,
        opens=date(2026, 1, 1),
        due=date(2026, 12, 31),
        period="2026",
    )
    talks = (TalkData(members[0], members[1]),)
    talked = RecordData(kind=RecordKind.TALK_COVERAGE, held_on=date(2026, 12, 20), talks=talks)
    day = date(2027, 1, 10)
    add_talks(old, data=talked, by=None, on=day)
    make_item(branch, action=old.action, opens=date(2027, 1, 1), due=date(2027, 12, 31), period="2027")
    shown = month_list(place_of(worker, code="", on=day), Month(2027, 1), on=day)
    assert [row.title for row in shown.rows] == ["谈心谈话（还差 1 人）", "谈心谈话（还差 2 人）"]


def test_packs_of_superiors_reach_the_branch_and_others_do_not(branch: Organisation, worker: User) -> None:
    item = make_item(branch)
    foreign = make_organisation()
    for place, title in ((branch, "本级资料"), (foreign, "别处资料")):
        pack = StudyPack.objects.create(title=title, organisation=place, made_by=worker)
        pack.actions.add(item.action)
        StudyMaterial.objects.create(pack=pack, title=title, url="https://example.com/a")
    row = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY).rows[0]
    assert [material.title for material in row.materials] == ["本级资料"]


def test_the_difference_to_last_month_is_counted_and_explained(branch: Organisation, worker: User) -> None:
    moved, new = make_item(branch, name="改期的"), make_item(branch, name="新增的")
    at = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
    common = {"organisation": branch, "month": NOVEMBER.first, "at": at}
    ListChange.objects.create(item=new, kind=ChangeKind.NEW, reason="按期产生", **common)
    ListChange.objects.create(
        item=moved,
        kind=ChangeKind.MOVED,
        reason="固定党日调整",
        old_due_on=date(2026, 11, 13),
        new_due_on=date(2026, 11, 18),
        by=worker,
        **common,
    )
    shown = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY)
    assert shown.counts == [("新增", 1), ("改期", 1)]
    assert [(c.kind, c.title, c.reason, c.dates, c.who) for c in shown.changes] == [
        ("新增", "新增的", "按期产生", "", "系统"),
        ("改期", "改期的", "固定党日调整", "11 月 13 日 周五 → 11 月 18 日 周三", worker.name),
    ]


def test_older_items_that_begin_to_be_reminded_this_month_are_counted(
    branch: Organisation, worker: User
) -> None:
    december: dict[str, Any] = {"due": date(2026, 12, 31), "opens": date(2026, 1, 1)}
    make_item(branch, remind=date(2026, 11, 1), **december)
    make_item(branch, remind=date(2026, 11, 30), **december)
    make_item(branch, remind=date(2026, 10, 31), **december)
    make_item(branch, remind=date(2026, 12, 1), **december)
    make_done(branch, remind=date(2026, 11, 20), done_on=date(2026, 11, 5), **december)
    new = make_item(branch, remind=date(2026, 11, 10), **december)
    at = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
    ListChange.objects.create(organisation=branch, item=new, month=NOVEMBER.first, kind=ChangeKind.NEW, at=at)
    place = place_of(worker, code="", on=TODAY)
    assert month_list(place, NOVEMBER, on=TODAY).counts == [("新增", 1), ("本月开始提醒", 2)]
    assert month_list(place, Month(2026, 12), on=TODAY).counts == [("本月开始提醒", 1)]
    assert month_list(place, Month(2026, 10), on=TODAY).counts == []


def test_without_changes_the_beginning_reminders_are_one_plain_line(
    open_list: OpenList, branch: Organisation
) -> None:
    make_item(branch)
    text = open_list().content.decode()
    assert ('<p class="sub small">本月开始提醒 1</p>' in text, "本月比上月" in text) == (True, False)


def test_two_urgent_rows_lead_and_the_others_stay_small(branch: Organisation, worker: User) -> None:
    for day in (10, 11, 12, 13):
        make_item(branch, due=date(2026, 11, day))
    shown = month_list(place_of(worker, code="", on=TODAY), NOVEMBER, on=TODAY)
    assert [row.lead for row in shown.rows] == [True, True, True, False]


# -- the page -------------------------------------------------------------------------------------


def test_the_page_shows_the_branch_the_role_and_the_item(open_list: OpenList, branch: Organisation) -> None:
    make_item(
        branch,
        name="主题党日",
        calendar_known=False,
        responsible_name="雷彩霞",
        basis_level="local_frequency",
    )
    text = open_list().content.decode()
    for words in (
        "<h1>2026 年 11 月</h1>",
        "红土坡烟站党支部 · 党务工作者",
        "截止 11 月 30 日 周一",
        "还剩 12 天",
        "未含调休",
        "《支部工作条例》第十六条",
        "待核实",
        "条例没有规定这一频次，频次来自上级或本单位要求。",
        "雷彩霞",
        "整改：固定日期",
    ):
        assert text.count(words) == 1, words


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_asks_the_same_whatever_the_data(
    open_list: OpenList,
    branch: Organisation,
    worker: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    secretary = make_member(branch)
    make_member(branch)
    make_post(branch, Role.SECRETARY, member=secretary)
    at = timezone.now()
    for number in range(count):
        kind = RecordKind.TALK_COVERAGE if number == 0 else RecordKind.DATE_ONLY
        item = make_item(branch, kind=kind, state=ItemState.RETURNED, opens=date(2026, 11, 1))
        ItemReturn.objects.create(item=item, checklist_line="行", reason="因", by=worker)
        ListChange.objects.create(
            organisation=branch, item=item, month=NOVEMBER.first, kind=ChangeKind.NEW, at=at
        )
    make_item(make_organisation(), name="别的支部")
    open_list()  # the first page of a session stamps it
    with django_assert_num_queries(12):
        response = open_list()
    assert response.content.decode().count('<li id="item-') == count
    assert "别的支部" not in response.content.decode()


def test_upcoming_items_come_on_request(open_list: OpenList, branch: Organisation) -> None:
    make_item(branch, name="还没到提醒日", remind=date(2026, 11, 25))
    closed, opened = open_list().content.decode(), open_list("?upcoming=1").content.decode()
    assert ("未到提醒日 1 项" in closed, "还没到提醒日" in closed) == (True, False)
    assert "还没到提醒日" in opened


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "本月暂时没有需要办理的事项。"),
        ("?month=2026-10", "这个月没有需要办理的事项。"),
        ("?month=2026-12", "这个月的事项还没有生成。"),
    ],
)
def test_an_empty_list_says_so_kindly(open_list: OpenList, query: str, words: str) -> None:
    assert words in open_list(query).content.decode()


@pytest.mark.parametrize("written", ["2026-13", "november", "<script>", "0000-01"])
def test_an_unknown_month_is_one_clear_line(open_list: OpenList, client: Client, written: str) -> None:
    response = open_list(f"?month={written}")
    assert (response.status_code, response.url) == (302, URL)
    assert "没有认出月份" in client.get(URL).content.decode()


def test_a_foreign_branch_is_404_and_a_stranger_403(
    open_list: OpenList, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = make_organisation("BR04")
    assert open_list("?organisation=BR04").status_code == 404
    client.force_login(make_user())
    assert client.get(URL).status_code == 403
    assert client.post(URL).status_code == 405
    assert foreign.code == "BR04"


def test_yesterdays_post_opens_nothing(
    client: Client, branch: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_clock(monkeypatch, TODAY)
    client.force_login(make_holder(branch, until=date(2026, 11, 17)))
    assert client.get(URL).status_code == 403


def test_staff_choose_a_branch_and_may_send_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(monkeypatch, TODAY)
    _, general, (first, second) = make_tree()
    make_done(second, name="已完成的", done_on=TODAY)
    Organisation.objects.update(facts_changed=False)
    client.force_login(make_holder(general, Role.GENERAL_BRANCH_STAFF))
    text = client.get(f"{URL}?organisation={second.code}").content.decode()
    assert f'<option value="{first.code}">' in text
    assert f'<option value="{second.code}" selected>' in text
    assert 'aria-label="退回：已完成的"' in text


@pytest.mark.parametrize("role", [Role.COMMITTEE_STAFF, Role.ORGANISATION_COMMISSIONER])
def test_who_only_reads_gets_no_buttons(client: Client, monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    stop_clock(monkeypatch, TODAY)
    committee, _, (branch, _) = make_tree()
    make_item(branch, name="待办的")
    make_done(branch, name="已完成的", done_on=TODAY)
    Organisation.objects.update(facts_changed=False)
    client.force_login(make_holder(committee if role == Role.COMMITTEE_STAFF else branch, role))
    text = client.get(f"{URL}?organisation={branch.code}").content.decode()
    assert "待办的" in text
    assert "只读" in text
    assert [words for words in ("/close/", "/undo/", "/return/", "/not-applicable/") if words in text] == []


def test_an_inspector_of_the_month_reads_and_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    branch = make_organisation()
    inspector = make_holder(make_organisation())
    grant = AccessGrant(user=inspector, organisation=branch, kind=GrantKind.ROTATION, granted_by=inspector)
    grant.since, grant.until, grant.reason = date(2026, 11, 1), date(2026, 11, 30), "轮训"
    grant.save()
    place = place_of(inspector, code=branch.code, on=TODAY)
    assert (place.role, place.reads_only) == ("轮训检查", True)
    with pytest.raises(UnknownPlace):
        place_of(inspector, code=branch.code, on=date(2026, 12, 1))


def test_ones_own_branch_comes_first() -> None:
    grants_on, own = make_organisation("A1"), make_organisation("B2")
    user = make_holder(own)
    AccessGrant.objects.create(
        user=user,
        organisation=grants_on,
        kind=GrantKind.STAND_IN,
        since=TODAY,
        until=TODAY,
        reason="代办",
        granted_by=user,
    )
    place = place_of(user, code="", on=TODAY)
    assert (place.organisation, place.role, [code for code, _ in place.others]) == (
        own,
        "党务工作者",
        ["A1", "B2"],
    )
    assert place_of(user, code="A1", on=TODAY).role == "临时代办"


def test_the_general_branch_has_a_list_and_the_committee_has_none() -> None:
    committee, general, _ = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    assert place_of(staff, code=general.code, on=TODAY).organisation == general
    with pytest.raises(UnknownPlace):
        place_of(make_holder(committee, Role.COMMITTEE_STAFF), code=committee.code, on=TODAY)
    assert committee.kind == OrganisationKind.COMMITTEE


def test_done_late_is_entered_today_with_its_true_date(branch: Organisation, worker: User) -> None:
    item = make_item(branch, due=date(2026, 11, 10))
    data = RecordData(kind=RecordKind.DATE_ONLY, held_on=date(2026, 11, 9))
    assert close_item(item, data=data, by=worker, on=TODAY).done_on == date(2026, 11, 9)
    assert reverse("reminders:month_list") == URL


def test_what_cannot_be_done_yet_says_from_when_instead_of_offering_it(
    branch: Organisation, open_list: OpenList
) -> None:
    item = make_item(branch, name="月底才办", opens=date(2026, 11, 25), remind=date(2026, 11, 26))
    close = reverse("reminders:item_close", args=[item.pk])
    page = open_list("?upcoming=1").content.decode()
    assert (page.count("11 月 25 日 周三起办理"), page.count(f'action="{close}')) == (1, 0)
    ReminderItem.objects.filter(pk=item.pk).update(opens_on=TODAY)
    page = open_list("?upcoming=1").content.decode()
    assert (page.count("起办理"), page.count(f'action="{close}')) == (0, 1)
