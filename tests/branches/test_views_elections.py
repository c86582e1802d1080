"""Pages of elections, of past days, and of corrections of what was entered about an organisation."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.utils import timezone

from branches.actions.organisations import move_organisation, update_organisation
from branches.actions.terms import add_term
from branches.models import ElectionStep, Organisation, Term
from branches.rules import ElectionStepKind, OrganisationEventKind, OrganisationKind, Role
from periods.months import add_months, add_years
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_group, make_holder, make_member, make_organisation, make_post

BASE = "/w/organisations/"
LIST = BASE + "elections/"
Counter = Callable[[int], AbstractContextManager[object]]


def today() -> date:
    return timezone.localdate()


def ending(organisation: Organisation, *, months: int) -> Term:
    """A running term that ends so many months from today."""
    ends_on = add_months(today(), months)
    return add_term(organisation, elected_on=add_years(ends_on, -3), ends_on=ends_on, by=None)


def text(house: House, url: str, user: str = "staff") -> str:
    answer = signed_in(getattr(house, user)).get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_list_says_end_next_step_and_vacancies(house: House) -> None:
    ending(house.br03, months=2)
    page = text(house, LIST)
    wanted = [
        "红土坡党支部",
        "松林口党支部",
        "届满提醒",
        "已过期限",
        "补登最近一次选举",
        "没有任职登记",
        "书记",
    ]
    assert [words for words in wanted if words not in page] == []


def test_the_list_costs_the_same_for_one_and_for_three(
    house: House, django_assert_num_queries: Counter
) -> None:
    foreign = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    ending(make_organisation(parent=foreign, name="外单位支部"), months=3)
    ending(house.br03, months=2)
    client = signed_in(house.staff)
    client.get(LIST)
    with django_assert_num_queries(12):
        page = client.get(LIST).content.decode()
    assert "外单位支部" not in page
    for number in range(2):
        ending(make_organisation(parent=house.general), months=number + 4)
    with django_assert_num_queries(12):
        client.get(LIST)


def test_who_has_one_branch_sees_its_chain_at_once(house: House) -> None:
    term = ending(house.br03, months=2)
    answer = signed_in(house.worker).get(LIST)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}{term.pk}/")
    page = text(house, f"{LIST}{term.pk}/", "worker")
    assert "召开党员大会选举" in page
    assert [words for words in ("登记办理情况", "登记选举结果", "登记延期批复") if words in page] == []


def test_a_branch_without_a_term_sees_the_list(house: House) -> None:
    assert "未登记" in text(house, LIST, "worker")


def test_the_chain_is_worked_through_to_the_filing(house: House) -> None:
    term = ending(house.br03, months=0)
    client = signed_in(house.staff)
    url, day = f"{LIST}{term.pk}/", today() - timedelta(days=20)
    page = text(house, url)
    wanted = ["已过期限", "（待核实）", "登记选举结果", "支部党员大会", "打开票数计算器", "登记延期批复"]
    assert [words for words in wanted if words not in page] == []
    answer = client.post(f"{url}request/", {"done_on": day.isoformat(), "document": "批复 9"})
    assert answer.headers["Location"] == url
    assert "批复 9" in text(house, f"{BASE}{house.br03.pk}/terms/add/"), "the reply is filled in"
    answer = client.post(
        f"{BASE}{house.br03.pk}/terms/add/", {"elected_on": today().isoformat(), "document": "批复 9"}
    )
    assert answer.headers["Location"] == url
    page = text(house, url)
    assert ("还差选举结果报批备案" in page, "接下来请将选举结果报上级批准" in page) == (True, False)
    assert client.post(f"{url}report/", {"done_on": today().isoformat()}).status_code == 302
    assert list(term.election_steps.order_by("pk").values_list("kind", "done_on")) == [
        (ElectionStepKind.REQUEST, day),
        (ElectionStepKind.MEETING, today()),
        (ElectionStepKind.REPORT, today()),
    ]


def test_an_overdue_term_says_what_to_do(house: House) -> None:
    term = house.br03.terms.create(elected_on=date(2020, 1, 1), ends_on=date(2023, 1, 1))
    page = text(house, f"{LIST}{term.pk}/")
    assert "任期已于 2023-01-01 届满，请尽快召开党员大会选举；确需延期的，请向上级补办批复。" in page


def test_a_refused_step_keeps_what_was_typed(house: House) -> None:
    term = ending(house.br03, months=2)
    later = (today() + timedelta(days=1)).isoformat()
    answer = signed_in(house.staff).post(f"{LIST}{term.pk}/notice/", {"done_on": later, "document": "<b>函"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ("办理日期还没有到，请在办理之后登记。" in page, 'value="&lt;b&gt;函"' in page) == (True, True)


def test_a_step_is_taken_back(house: House) -> None:
    term = ending(house.br03, months=2)
    step = term.election_steps.create(kind=ElectionStepKind.NOTICE, done_on=today())
    url = f"{BASE}election-steps/{step.pk}/take-back/"
    client = signed_in(house.staff)
    assert "“届满提醒”已撤回，可以重新登记。" in client.post(url, follow=True).content.decode()
    assert client.post(url).status_code == 404
    held = term.election_steps.create(kind=ElectionStepKind.MEETING, done_on=today())
    page = client.post(f"{BASE}election-steps/{held.pk}/take-back/", follow=True).content.decode()
    assert "选举结果请在组织页面的“变动”中更正。" in page
    assert ElectionStep.objects.get() == held


def test_rights_foreign_rows_and_methods(house: House) -> None:
    term = ending(house.br03, months=2)
    foreign = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    theirs = ending(make_organisation(parent=foreign), months=2)
    step = theirs.election_steps.create(kind=ElectionStepKind.NOTICE, done_on=today())
    staff, worker, overseer = (signed_in(user) for user in (house.staff, house.worker, house.overseer))
    take_back = f"{BASE}election-steps/{step.pk}/take-back/"
    assert [staff.get(f"{LIST}{pk}/").status_code for pk in (term.pk, theirs.pk)] == [200, 404]
    assert [staff.get(f"{LIST}{term.pk}/{kind}/").status_code for kind in ("notice", "meeting", "x")] == [
        200,
        404,
        404,
    ]
    assert staff.get(f"{LIST}{theirs.pk}/notice/").status_code == 404
    assert staff.post(take_back).status_code == 404
    assert [client.get(f"{LIST}{term.pk}/notice/").status_code for client in (worker, overseer)] == [403, 403]
    assert [client.post(take_back).status_code for client in (worker, overseer)] == [403, 403]
    assert signed_in(house.administrator).get(LIST).status_code == 403
    assert [staff.post(url).status_code for url in (LIST, f"{LIST}{term.pk}/")] == [405, 405]
    assert (staff.put(f"{LIST}{term.pk}/notice/").status_code, staff.get(take_back).status_code) == (405, 405)


def test_the_branch_page_of_a_past_day(house: House) -> None:
    left = make_member(house.br03, name="王宏伟")
    left.memberships.update(until=date(2024, 6, 1))
    make_post(house.br03, Role.SECRETARY, member=left, until=date(2024, 5, 31))
    make_group(house.br03, "老党小组", since=date(2020, 1, 1), until=date(2024, 6, 1), leader=left)
    house.br03.units.create(name="老烟站", since=date(2020, 1, 1), until=date(2024, 6, 1))
    house.br03.terms.create(elected_on=date(2022, 1, 1), ends_on=date(2025, 1, 1))
    update_organisation(house.br03, by=None, name="新名支部", renamed_on=date(2024, 6, 1))
    url = f"{BASE}{house.br03.pk}/"
    page = text(house, url + "?on=2024-05-31")
    wanted = [
        "以下是 <strong>2024-05-31</strong> 的情况",
        "红土坡党支部",
        "现名 新名支部",
        "分公司党总支",
        "王宏伟",
        "老党小组",
        "老烟站",
        "2022-01-01 至 2025-01-01",
        f'href="{url}"',
    ]
    assert [words for words in wanted if words not in page] == []
    assert [words for words in ("修改资料", "登记入册", "登记任职") if words in page] == []
    after = text(house, url + "?on=2024-06-01")
    assert [words for words in ("王宏伟", "老党小组", "老烟站", "现名") if words in after] == []


def test_the_past_page_costs_the_same_for_one_person_and_for_three(
    house: House, django_assert_num_queries: Counter
) -> None:
    client = signed_in(house.staff)
    url = f"{BASE}{house.br03.pk}/?on=2024-05-31"
    make_group(house.br03, "一组", leader=house.ours)
    client.get(url)
    with django_assert_num_queries(20):
        client.get(url)
    for number in range(2):
        member = make_member(house.br03)
        make_post(house.br03, Role.WORKER, member=member)
        make_group(house.br03, f"组{number}", leader=member)
    with django_assert_num_queries(20):
        page = client.get(url).content.decode()
    assert "谢建平" not in page


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("2024-13-01", "没有认出日期，请写成“2024-05-01”这样的形式。"),
        ("<b>", "没有认出日期，请写成“2024-05-01”这样的形式。"),
        ("2199-01-01", "只能查看 1900 年以来、今天以前的情况，请换一个日期。"),
        ("1899-12-31", "只能查看 1900 年以来、今天以前的情况，请换一个日期。"),
    ],
)
def test_a_day_that_cannot_be_asked_is_said_on_the_page_of_today(
    house: House, asked: str, sentence: str
) -> None:
    for url in (f"{BASE}{house.br03.pk}/", BASE, f"{BASE}members/{house.ours.pk}/"):
        page = text(house, f"{url}?on={asked}")
        assert (sentence in page, "以下是" in page) == (True, False)


def test_before_the_beginning_and_after_the_end_there_is_nothing(house: House) -> None:
    Organisation.objects.filter(pk=house.br03.pk).update(
        established_on=date(2020, 1, 1), dissolved_on=date(2025, 1, 1)
    )
    url = f"{BASE}{house.br03.pk}/"
    assert "这一天本组织还没有成立。" in text(house, url + "?on=2019-12-31")
    assert "这一天本组织已经撤销。" in text(house, url + "?on=2025-01-01")
    assert "当天的情况" in text(house, url + "?on=2024-12-31")


def test_who_may_not_look_at_members_sees_no_names_of_the_past_either(house: House) -> None:
    page = text(house, f"{BASE}{house.br03.pk}/?on=2024-05-31", "administrator")
    assert ("雷彩霞" in page, "正式党员" in page) == (False, True)


def test_who_left_is_named_but_not_linked_where_the_page_is_somebody_else_s(house: House) -> None:
    house.theirs.memberships.create(
        organisation=house.br03, status="full", since=date(2010, 1, 1), until=date(2012, 1, 1)
    )
    page = text(house, f"{BASE}{house.br03.pk}/?on=2011-01-01", "worker")
    assert ("谢建平" in page, f"members/{house.theirs.pk}/" in page) == (True, False)


def test_a_past_day_of_a_person(house: House) -> None:
    update_organisation(house.br03, by=None, name="新名支部", renamed_on=date(2024, 6, 1))
    url = f"{BASE}members/{house.ours.pk}/"
    assert "在“红土坡党支部”，正式党员" in text(house, url + "?on=2024-05-31")
    assert "在“新名支部”，正式党员" in text(house, url + "?on=2024-06-01")
    assert "不在本系统的任何党支部" in text(house, url + "?on=2010-01-01")


def test_the_past_tree_is_marked_and_leads_on(house: House) -> None:
    page = text(house, BASE + "?on=2024-05-31")
    assert "以下是 <strong>2024-05-31</strong> 的情况" in page
    assert f'{BASE}{house.br03.pk}/?on=2024-05-31"' in page
    Organisation.objects.update(established_on=date(2025, 1, 1))
    assert "这一天还没有您可以查看的组织。" in text(house, BASE + "?on=2024-05-31")


def test_a_fact_is_corrected_on_its_page_and_stays_visible(house: House) -> None:
    update_organisation(house.br03, by=None, name="新名支部", renamed_on=date(2024, 6, 1))
    event = house.br03.events.get()
    client, url = signed_in(house.staff), f"{BASE}facts/{event.pk}/correct/"
    assert "更名后的名称" in client.get(url).content.decode()
    data = {"on": "2024-05-01", "name": "新名支部", "reason": ""}
    assert client.post(url, data).status_code == 422
    page = client.post(url, {**data, "reason": "<i>文件"}, follow=True).content.decode()
    wanted = [
        "<s>2024-06-01 更名</s>",
        "2024-05-01 更名",
        "更正原因：&lt;i&gt;文件",
        "红土坡党支部 → 新名支部",
    ]
    assert [words for words in wanted if words not in page] == []
    assert client.post(url, data).status_code == 404


def test_a_term_s_fact_asks_for_its_end_and_can_be_voided(house: House) -> None:
    add_term(house.br03, elected_on=date(2024, 3, 8), ends_on=date(2027, 3, 8), by=None)
    event = house.br03.events.get(kind=OrganisationEventKind.ELECTED)
    client, url = signed_in(house.staff), f"{BASE}facts/{event.pk}/correct/"
    page = client.get(url).content.decode()
    assert ("届满日期" in page, 'value="2027-03-08"' in page, "更名后的名称" in page) == (True, True, False)
    data = {"on": "2024-03-08", "until": "2027-03-08", "void": "on", "reason": "没有选举"}
    assert client.post(url, data).headers["Location"] == f"{BASE}{house.br03.pk}/"
    assert house.br03.terms.count() == 0


def test_corrections_of_facts_are_staff_s_and_of_their_own(house: House) -> None:
    update_organisation(house.br03, by=None, name="新名支部", renamed_on=date(2024, 6, 1))
    foreign = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    update_organisation(foreign, by=None, name="外总支", renamed_on=date(2024, 6, 1))
    ours, theirs = (f"{BASE}facts/{place.events.get().pk}/correct/" for place in (house.br03, foreign))
    assert [signed_in(user).get(ours).status_code for user in (house.worker, house.overseer)] == [403, 403]
    client = signed_in(house.staff)
    assert [client.get(theirs).status_code, client.put(ours).status_code] == [404, 405]


def test_a_move_is_taken_back_by_who_has_a_right_on_both_sides(house: House) -> None:
    other = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    move_organisation(house.br03, parent=other, on=date(2024, 6, 1), by=None)
    event = house.br03.events.get(kind=OrganisationEventKind.MOVED)
    url, data = f"{BASE}facts/{event.pk}/correct/", {"on": "2024-06-01", "void": "on", "reason": "登记错了"}
    refused = signed_in(make_holder(other, Role.GENERAL_BRANCH_STAFF)).post(url, data)
    said = "撤回后将回到“分公司党总支”之下，不在您的权限范围内，请由上级党委办理。"
    assert (refused.status_code, said in refused.content.decode()) == (422, True)
    assert Organisation.objects.get(pk=house.br03.pk).parent == other
    assert signed_in(house.administrator).post(url, data).status_code == 302
    assert Organisation.objects.get(pk=house.br03.pk).parent == house.general


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "名称改了：更名的请填更名日期；只是改正错字的，请勾选“只是改正错字”。"),
        ({"renamed_on": "2024-01-01", "typo": "on"}, "名称改了：更名的请填更名日期"),
        ({"renamed_on": "2199-01-01"}, "更名日期还没有到，请在更名之后登记。"),
    ],
    ids=["neither", "both", "future"],
)
def test_a_new_name_says_since_when(house: House, data: dict[str, str], sentence: str) -> None:
    client, url = signed_in(house.staff), f"{BASE}{house.br03.pk}/edit/"
    answer = client.post(url, {"name": "新名支部", "code": "BR03", **data})
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    data = {"name": "新名支部", "code": "BR03", "renamed_on": "2024-01-01", "document": "批复"}
    assert client.post(url, data).status_code == 302
    assert house.br03.events.get().document == "批复"


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        ("{br03}/move/", {"day": "2199-01-01"}, "调整日期还没有到，请在调整之后登记。"),
        ("{br03}/terms/add/", {"elected_on": "2199-01-01"}, "选举日期还没有到，请在选举之后登记。"),
        (
            "terms/{term}/extend/",
            {"to": "2027-01-01", "basis": "批复", "approved_on": "2199-01-01"},
            "批复日期还没有到，请在收到批复之后登记。",
        ),
    ],
)
def test_what_has_not_happened_is_not_entered(
    house: House, path: str, data: dict[str, str], sentence: str
) -> None:
    term = house.br03.terms.create(elected_on=date(2023, 5, 1), ends_on=date(2026, 5, 1))
    other = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    url = BASE + path.format(br03=house.br03.pk, term=term.pk)
    answer = signed_in(house.administrator).post(url, {"parent": other.pk, **data})
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert house.br03.events.count() == 0
