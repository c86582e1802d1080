"""What is found, by whom, in how many statements; nothing foreign, and nothing that does not open."""

from datetime import date

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.models import AccessGrant, DevelopmentCase
from branches.rules import GrantKind, MemberStatus, Role
from dashboards.queries.search import HITS_A_PAGE, LAST_PAGE
from errorbank.models import ErrorEntry
from errorbank.rules import FindingState
from records.models import Record
from reminders.models import ReminderItem, StudyPack
from reminders.rules import ItemState
from tests.dashboards.scene import (
    NOW,
    ON,
    WORD,
    House,
    Scene,
    answer,
    fill_offers,
    found,
    make_problem,
    make_record,
    make_scene,
)
from tests.factories.branches import make_holder, make_member, make_organisation, make_user
from tests.factories.errorbank import make_entry
from tests.factories.items import make_done, make_item
from tests.factories.notices import make_message
from tests.factories.reminders import make_action
from tests.guide.conftest import signed_in

pytestmark = pytest.mark.django_db
BASE = "/w/search/"
HOSTILE = "<script>alert(1)</script>"
MEMBERS, ITEMS = {"members": ["青禾甲"]}, {"items": ["青禾甲事项"]}
OFFERS = {"packs": ["青禾甲资料包"]}
BRANCH = {"organisations": ["青禾甲党支部"]}
CASES, RECORDS = {"cases": ["青禾甲"]}, {"records": ["青禾甲主题"]}
HANDOVERS = {"handovers": ["党务工作者：青禾甲移交 → 待确定接收人"]}
ACCOUNTS = {"accounts": ["青禾甲移交"]}
FINDINGS, ENTRIES = {"findings": ["青禾甲问题"]}, {"errors": ["青禾甲错题"]}
ERRORS = FINDINGS | ENTRIES


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


@pytest.fixture
def home(scene: Scene) -> House:
    return scene.home


def links(user: User, typed: str = WORD) -> list[str]:
    return [row.hit.url for group in answer(user, typed).groups for row in group.rows]


# ---- who finds what --------------------------------------------------------------------------------------


def test_a_worker_finds_what_is_in_the_own_branch(home: House) -> None:
    task = {"items": ["青禾甲事项"]}
    mine = MEMBERS | task | BRANCH | CASES | RECORDS | OFFERS | HANDOVERS | ERRORS
    # The action of that name is shipped for everybody: the own item and the foreign one share the catalogue.
    assert found(home.worker, "青禾甲") == mine | {"actions": ["青禾甲事项"], "messages": ["青禾甲消息"]}


def test_staff_find_tasks_and_accounts_besides(home: House) -> None:
    rest = {"actions": ["青禾甲事项"], "tasks": ["青禾甲专项"]}
    mine = MEMBERS | ITEMS | BRANCH | CASES | RECORDS | OFFERS | HANDOVERS | ACCOUNTS | ERRORS
    assert found(home.staff, "青禾甲") == mine | rest


def test_a_foreign_branch_is_never_found(scene: Scene) -> None:
    for user in (scene.home.worker, scene.home.staff, scene.home.leaver):
        foreign = found(user, "青禾乙")
        foreign.pop("actions", None)  # shipped with the portal, for everybody
        assert foreign == {}
    assert found(scene.abroad.worker, "青禾乙")["members"] == ["青禾乙"]


def test_an_administrator_finds_no_name_of_a_member(home: House) -> None:
    assert found(home.administrator, "青禾甲") == BRANCH | ACCOUNTS


def test_a_rotation_inspector_finds_the_items_of_the_assigned_branch(scene: Scene) -> None:
    guest = make_user()
    AccessGrant.objects.create(
        user=guest,
        organisation=scene.home.branch,
        kind=GrantKind.ROTATION,
        since=date(2026, 11, 1),
        until=date(2026, 11, 30),
        reason="轮训检查",
    )
    assert found(guest) == ITEMS | BRANCH | RECORDS | OFFERS | ERRORS


def test_a_leaver_finds_the_own_handover_and_help_alone(home: House) -> None:
    assert found(home.leaver) == HANDOVERS
    assert set(found(home.leaver, "交接")) == {"handovers", "help"}


def test_a_grant_that_is_over_finds_nothing(home: House) -> None:
    AccessGrant.objects.update(until=date(2026, 11, 17))
    assert found(home.leaver) == {}


def test_every_hit_opens(scene: Scene) -> None:
    house = scene.home
    overseer = make_holder(make_organisation(kind="committee"), Role.COMMITTEE_STAFF)
    for user in (house.worker, house.staff, house.administrator, house.leaver, overseer):
        client = signed_in(user)
        every = [*links(user), *links(user, "党"), *links(user, "台账")]
        assert [(link, client.get(link).status_code) for link in every] == [(link, 200) for link in every]


# ---- what counts as found ---------------------------------------------------------------------------------


def test_several_words_must_all_stand_there_and_one_in_the_thing_itself(home: House) -> None:
    assert found(home.worker, "事项 青禾甲党支部")["items"] == ["青禾甲事项"]
    assert "items" not in found(home.worker, "党支部")
    assert "items" not in found(home.worker, "事项 别处")


@pytest.mark.parametrize(
    ("typed", "hit"),
    [("雷", True), ("ｌｅｉ０７", True), ("LEI07", True), ("彩霞 lei", True), ("%彩", False), ("雷_", False)],
)
def test_names_and_codes_in_any_width_and_case(home: House, typed: str, hit: bool) -> None:
    make_member(home.branch, name="雷彩霞", code="Lei07")
    assert ("members" in found(home.worker, typed)) is hit


@pytest.mark.parametrize("sign", ["50%", "甲_乙", "C:\\数据", "（一）", "(一)", "'\"", "<b>"])
def test_signs_are_taken_literally(home: House, sign: str) -> None:
    written = "（一）" if sign == "(一)" else sign
    make_item(home.branch, name=f"活动{written}通知")
    make_item(home.branch, name="活动50多人甲和乙C:数据通知")
    assert found(home.worker, sign)["items"] == [f"活动{written}通知"]


def test_who_is_called_exactly_so_comes_first(home: House) -> None:
    for name in ("张王雷", "王雷", "王雷生"):
        make_member(home.branch, name=name)
    assert found(home.worker, "王雷")["members"] == ["王雷", "王雷生", "张王雷"]


def test_items_open_ones_first_then_the_latest(home: House) -> None:
    make_done(home.branch, name="青禾旧", done_on=date(2026, 9, 1))
    make_done(home.branch, name="青禾近", done_on=date(2026, 10, 1))
    make_item(home.branch, name="青禾早", due=date(2026, 11, 10))
    make_item(home.branch, name="青禾撤", state=ItemState.WITHDRAWN, reason="已撤回")
    rows = next(group for group in answer(home.worker).groups if group.kind.code == "items").rows
    assert [(row.hit.title, row.hit.fact, row.hit.tone) for row in rows] == [
        ("青禾早", "已逾期 8 天", "late"),
        ("青禾甲事项", "还剩 12 天", ""),
        ("青禾近", "10 月 1 日 完成", "ok"),
        ("青禾旧", "9 月 1 日 完成", "ok"),
    ]


def test_an_item_is_found_by_whom_it_is_about(home: House) -> None:
    make_item(home.branch, name="转正", subject="member:1", subject_name="欧阳修")
    assert found(home.worker, "欧阳") == {"items": ["转正（欧阳修）"]}


def test_a_record_of_a_sensitive_item_is_not_looked_into(home: House) -> None:
    make_record(home.branch, title="松风密", topics="松风", sensitive=True)
    assert found(home.worker, "松风") == {}
    make_record(home.branch, title="", topics="先说别的。\n再谈松风的安排")
    groups = answer(home.worker, "松风").groups
    assert [(g.kind.code, [(r.hit.title, r.hit.note) for r in g.rows]) for g in groups] == [
        ("records", [("活动", "先说别的。 再谈松风的安排")])
    ]


def test_a_record_that_was_taken_back_or_closed_nothing_is_not_found(home: House) -> None:
    Record.objects.filter(pk=home.record.pk).update(cancelled_at=NOW)
    assert "records" not in found(home.worker)
    Record.objects.filter(pk=home.record.pk).update(cancelled_at=None)
    ReminderItem.objects.filter(record=home.record).update(record=None)
    assert "records" not in found(home.worker)


def test_a_pack_is_found_by_a_material_until_it_is_retired(home: House) -> None:
    pack = next(group for group in answer(home.worker, "甲读本").groups if group.kind.code == "packs")
    assert [(row.hit.title, row.hit.note, row.hit.fact) for row in pack.rows] == [
        ("青禾甲资料包", "资料：青禾甲读本", "1 份资料")
    ]
    StudyPack.objects.update(retired_at=NOW)
    assert found(home.worker, "甲读本") == {}


def test_an_action_is_found_by_the_name_it_bears_today(home: House) -> None:
    action = make_action(name="旧称呼", valid_from=date(2020, 1, 1))
    version = action.versions.get()
    version.pk, version.name, version.valid_from = None, "新称呼", ON
    version.save()
    assert found(home.worker, "旧称呼") == {}
    assert found(home.worker, "新称呼") == {"actions": ["新称呼"]}


def test_problems_to_be_mended_first_by_their_deadline_then_the_latest_done(home: House) -> None:
    closed = {"state": FindingState.CLOSED, "closed_on": date(2026, 11, 9)}
    make_problem(home.branch, problem="青禾销", **closed)
    make_problem(home.branch, problem="青禾迟", deadline_on=date(2026, 11, 10))
    make_problem(
        home.branch,
        problem="青禾缓",
        deadline_on=date(2026, 12, 9),
        detail="二楼没有场地，等待青禾楼完工",
        state=FindingState.ACCEPTED,
        accepted_until=date(2026, 12, 31),
        accepted_owner=home.general,
    )
    rows = next(group for group in answer(home.worker).groups if group.kind.code == "findings").rows
    assert [(row.hit.title, row.hit.note, row.hit.fact, row.hit.tone) for row in rows] == [
        ("青禾迟", "期限 11 月 10 日 周二", "已逾期 8 天", "late"),
        ("青禾甲问题", "期限 12 月 2 日 周三", "待整改", ""),
        ("青禾缓", "二楼没有场地，等待青禾楼完工", "条件不具备", "off"),
        ("青禾销", "2026-11-09 销号", "已销号", "ok"),
    ]


def test_a_problem_is_found_with_the_name_of_its_branch(home: House) -> None:
    assert found(home.staff, "问题 青禾甲党支部")["findings"] == ["青禾甲问题"]
    assert "findings" not in found(home.staff, "青禾甲党支部")


def test_an_entry_is_found_by_its_code_or_its_measure_until_it_is_retired(home: House) -> None:
    make_entry("EB900", problem="没有差额", measure="按松风程序重新选举")
    rows = [row.hit for group in answer(home.worker, "松风").groups for row in group.rows]
    assert [(hit.title, hit.note, hit.place, hit.fact) for hit in rows] == [
        ("没有差额", "EB900，措施：按松风程序重新选举", "", "三会一课")
    ]
    assert found(home.worker, "eb900") == {"errors": ["没有差额"]}
    ErrorEntry.objects.filter(code="EB900").update(retired_at=NOW)
    assert found(home.worker, "eb900") == {}


def test_a_wording_nobody_published_is_not_found(home: House) -> None:
    ErrorEntry.objects.filter(pk=home.entry.pk).update(published=None)
    assert "errors" not in found(home.staff)


def test_a_branch_that_was_dissolved_is_found_and_says_so(home: House) -> None:
    home.branch.dissolved_on = ON
    home.branch.save()
    rows = next(g for g in answer(home.staff).groups if g.kind.code == "organisations").rows
    assert [(row.hit.fact, row.hit.tone) for row in rows] == [("已撤销", "off")]


# ---- pages and numbers ------------------------------------------------------------------------------------


def test_a_kind_has_pages_of_its_own(home: House) -> None:
    for number in range(HITS_A_PAGE + 3):
        make_member(home.branch, name=f"青禾{number:02}")
    client = signed_in(home.worker)
    whole = client.get(BASE, {"q": "青禾"}).content.decode()
    assert "查看全部 24 条党员" in whole
    first, second = (answer(home.worker, kind="members", page=page) for page in (1, 2))
    assert [(a.previous, a.next, len(a.groups[0].rows)) for a in (first, second)] == [(0, 2, 20), (1, 0, 4)]
    page = client.get(BASE, {"q": "青禾", "kind": "members", "page": "2"}).content.decode()
    assert ("上一页" in page, "下一页" in page) == (True, False)


def test_many_are_said_as_many(home: House) -> None:
    for number in range(101):
        make_member(home.branch, name=f"松风{number}")
    assert [(g.count, g.more, len(g.rows)) for g in answer(home.worker, "松风").groups] == [("99+", True, 5)]


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "99999", ""])
def test_a_page_that_is_none_is_the_first_or_empty(home: House, page: str) -> None:
    reply = signed_in(home.worker).get(BASE, {"q": "青禾", "kind": "members", "page": page})
    assert (reply.status_code, "青禾" in reply.content.decode()) == (200, True)
    assert answer(home.worker, kind="members", page=10**9).page == LAST_PAGE


def more_rows(house: House) -> None:
    """Two more of every kind."""
    for number in (1, 2):
        person = make_member(house.branch, name=f"青禾{number}", status=MemberStatus.ACTIVIST)
        DevelopmentCase.objects.create(member=person, opened_on=ON)
        make_item(house.branch, name=f"青禾{number}")
        make_record(house.branch, title=f"青禾{number}")
        fill_offers(house.general, house.branch, f"青禾{number}", house.staff)
        make_message(house.staff, now=NOW, title=f"青禾{number}")
        make_organisation(parent=house.general, name=f"青禾{number}党支部")
        make_problem(house.branch, problem=f"青禾{number}")
        make_entry(organisation=house.general, problem=f"青禾{number}")


@pytest.mark.parametrize(
    ("who", "statements"), [("staff", 12), ("worker", 11), ("administrator", 5), ("leaver", 5)]
)
def test_the_page_costs_the_same_for_three_of_everything(
    home: House, django_assert_num_queries: DjangoAssertNumQueries, who: str, statements: int
) -> None:
    client = signed_in(getattr(home, who))
    with django_assert_num_queries(statements):
        client.get(BASE, {"q": "青禾"})
    more_rows(home)
    with django_assert_num_queries(statements):
        client.get(BASE, {"q": "青禾"})


def test_one_kind_costs_one_statement_and_a_question_none(
    home: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(home.staff)
    for query, statements in (({"q": "青禾", "kind": "members"}, 4), ({"q": "a"}, 3), ({}, 3)):
        with django_assert_num_queries(statements):
            client.get(BASE, query)


# ---- the page ---------------------------------------------------------------------------------------------


def test_found_words_are_marked_and_everything_is_escaped(home: House) -> None:
    make_member(home.branch, name=f"松风{HOSTILE}"[:40])
    page = signed_in(home.worker).get(BASE, {"q": "松风"}).content.decode()
    assert "<mark>松风</mark>&lt;script&gt;" in page
    page = signed_in(home.worker).get(BASE, {"q": HOSTILE}).content.decode()
    assert (HOSTILE in page, f"<mark>{escape(HOSTILE)}</mark>" in page) == (False, True)


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("", 200, "可以查找什么"),
        ("  ", 200, "可以查找什么"),
        ("绝无此词", 200, "没有找到相符的内容"),
        ("a", 422, "请至少输入一个汉字"),
        ("长" * 61, 422, "最多查找 60 个字"),
        ("甲 乙 丙 丁 戊 己 庚", 422, "一次最多查找 6 个词"),
        ("\x07\x1b", 200, "可以查找什么"),
        ("\u202e青禾", 200, "<mark>青禾</mark>"),
    ],
)
def test_every_answer_is_said_in_words(home: House, typed: str, status: int, words: str) -> None:
    reply = signed_in(home.worker).get(BASE, {"q": typed})
    assert (reply.status_code, words in reply.content.decode()) == (status, True)


def test_bytes_that_are_no_text_are_harmless(home: House) -> None:
    client = signed_in(home.worker)
    replies = [client.get(f"{BASE}?q={raw}").status_code for raw in ("%ED%A0%80", "%FF%FE", "%C3%28")]
    assert replies == [200, 200, 200]


def test_while_typing_a_part_of_the_page_is_answered(home: House) -> None:
    reply = signed_in(home.worker).get(BASE, {"q": "青禾"}, headers={"HX-Request": "true"})
    page = reply.content.decode()
    assert ("<html" in page, "<mark>青禾</mark>" in page, reply.headers["Vary"]) == (
        False,
        True,
        "HX-Request, Cookie",
    )
    assert "no-store" in reply.headers["Cache-Control"]


def test_who_has_no_post_is_refused_and_nothing_is_posted(home: House) -> None:
    assert signed_in(make_user()).get(BASE).status_code == 403
    assert signed_in(home.worker).post(BASE, {"q": "青禾"}).status_code == 405
    assert Client().get(BASE).status_code == 302


def test_the_box_stands_on_every_page_but_the_search_itself(home: House) -> None:
    client = signed_in(home.worker)
    assert "data-search-link" in client.get("/w/help/").content.decode()
    assert "data-search-link" not in client.get(BASE).content.decode()
    assert "data-search-link" not in signed_in(make_user()).get("/w/help/").content.decode()
