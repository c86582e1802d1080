"""Pages of recruiting: the board, one case, its steps, corrections, papers."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from branches.actions.development_steps import correct_step
from branches.models import DevelopmentCase, Member, Organisation
from branches.rules import CaseState, MemberStatus, Role
from tests.branches.conftest import House, signed_in
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_member, make_user
from tests.factories.development import DAYS, TODAY, make_case

BASE = "/w/organisations/development/"
HOSTILE = "<img src=x onerror=alert(1)>"
Counter = Callable[[int], AbstractContextManager[object]]
PUBLIC_NOTICE = {"done_on": "2026-11-02", "until_on": "2026-11-09", "outcome": "passed"}


@pytest.fixture
def house(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    stop_clock(monkeypatch, TODAY)
    house.committee.approves_members = True
    house.committee.save()
    make_member(house.br03, name="冯立群")
    return house


def a_case(
    house: House, upto: int, *, place: Organisation | None = None, name: str = "陶小芸"
) -> DevelopmentCase:
    place = place or house.br03
    people = list(Member.objects.in_branch(place, on=TODAY).order_by("code"))
    while len(people) < 3:
        people.append(make_member(place))
    return make_case(place, upto=upto, committee=house.committee, people=people, name=name, by=house.worker)


def text_of(client: Client, address: str, **data: str) -> str:
    return client.get(address, data).content.decode()


def names_on(page: str) -> list[str]:
    return re.findall(r'development/\d+/">([^<]+)</a></div>', page)


# ---- the board ------------------------------------------------------------------------------------


def test_the_board_shows_ones_own_people_by_stage(house: House) -> None:
    a_case(house, 1, name=HOSTILE)
    a_case(house, 12, name="许文杰")
    a_case(house, 1, place=house.br04, name="罗一鸣")
    page = text_of(signed_in(house.worker), BASE)
    assert names_on(page) == ["&lt;img src=x onerror=alert(1)&gt;", "许文杰"]
    assert re.findall(r'class="sub small" href="[^"]*">(\d) 人', page) == ["1", "0", "0", "1", "0"]
    assert "下一步：党组织派人谈话" in page
    assert "2023 年 4 月 1 日 周六前" in page
    assert "已逾期 1331 天" in page
    everybody = text_of(signed_in(house.overseer), BASE)
    assert (len(names_on(everybody)), "新增入党申请人" in everybody) == (3, False)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "late"}, ["陶小芸"]),
        ({"state": "soon"}, []),
        ({"state": "blocked"}, []),
        ({"state": "closed"}, ["秦海棠"]),
        ({"stage": "admission"}, ["许文杰"]),
        ({"stage": "nonsense", "state": "x"}, ["陶小芸", "许文杰", "马晓燕"]),
        ({"q": "文杰"}, ["许文杰"]),
        ({"q": "没有的人"}, []),
        ({"organisation": "BR04"}, ["马晓燕"]),
        ({"organisation": "BR99"}, []),
    ],
)
def test_the_board_is_narrowed(house: House, query: dict[str, str], names: list[str]) -> None:
    a_case(house, 1)
    a_case(house, 12, name="许文杰")
    a_case(house, 8, place=house.br04, name="马晓燕")
    closed = a_case(house, 1, name="秦海棠")
    DevelopmentCase.objects.filter(pk=closed.pk).update(
        state=CaseState.DISCONTINUED, closed_on=TODAY, closing_note="撤回"
    )
    page = text_of(signed_in(house.staff), BASE, **query)
    assert sorted(names_on(page)) == sorted(names)
    if not names:
        assert "没有符合条件的人。" in page


def test_an_empty_board_says_how_to_begin(house: House) -> None:
    assert "收到入党申请书后从这里登记" in text_of(signed_in(house.worker), BASE)
    assert "由党支部收到申请书后登记。" in text_of(signed_in(house.overseer), BASE)


def test_the_board_costs_the_same_for_many(house: House, django_assert_num_queries: Counter) -> None:
    client = signed_in(house.staff)
    a_case(house, 1)
    client.get(BASE)
    with django_assert_num_queries(8):
        client.get(BASE)
    a_case(house, 2, name="许文杰")
    a_case(house, 3, place=house.br04, name="马晓燕")
    with django_assert_num_queries(8):
        client.get(BASE)
    with django_assert_num_queries(7):
        client.get(BASE, {"state": "late"})


def test_the_board_says_who_has_no_case_yet(house: House) -> None:
    a_case(house, 1)
    said = "名册里有 1 人已在发展过程中，还没有建立档案。"
    assert "还没有建立档案" not in text_of(signed_in(house.worker), BASE)
    make_member(house.br03, status=MemberStatus.APPLICANT)
    make_member(house.br04, status=MemberStatus.APPLICANT)
    assert said in text_of(signed_in(house.worker), BASE)
    assert "还没有建立档案" not in text_of(signed_in(house.overseer), BASE)


# ---- one case -------------------------------------------------------------------------------------


def test_the_page_says_what_comes_next_and_shows_its_form(house: House) -> None:
    case = a_case(house, 1)
    page = text_of(signed_in(house.worker), f"{BASE}{case.pk}/")
    assert "2023 年 4 月 1 日 周六前，由党支部办理“党组织派人谈话”。" in page
    assert "《中国共产党发展党员工作细则（2026年修订）》第七条" in page
    assert f'action="{BASE}{case.pk}/steps/2/"' in page
    assert page.count('class="item current"') == 1
    assert "需要改正" in page


def test_what_the_superior_decides_is_not_the_workers_to_enter(house: House) -> None:
    case = a_case(house, 12)
    worker, overseer = signed_in(house.worker), signed_in(house.overseer)
    page = text_of(worker, f"{BASE}{case.pk}/")
    assert "这一步由上级党委决定，办理后由党总支或党委的党务干部登记" in page
    assert "登记第 13 步" not in page
    assert "登记第 13 步：上级党委预审" in text_of(overseer, f"{BASE}{case.pk}/")
    url = f"{BASE}{case.pk}/steps/13/"
    data = {"decided_by": house.committee.pk, "done_on": "2026-11-20", "outcome": "passed"}
    assert worker.post(url, data).status_code == 404
    assert overseer.post(url, data).headers["Location"] == f"{BASE}{case.pk}/"
    assert overseer.get(f"{BASE}{case.pk}/steps/14/").status_code == 404
    assert case.steps.filter(number=13).count() == 1


def test_corrected_steps_are_struck_out_with_their_reason(house: House) -> None:
    case = a_case(house, 2)
    correct_step(case.steps.get(number=2), reason=HOSTILE, replacement=None, by=house.worker, on=TODAY)
    page = text_of(signed_in(house.worker), f"{BASE}{case.pk}/")
    assert "<s>2023-03-20</s>" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert HOSTILE not in page


def test_a_closed_case_can_be_read_and_nothing_else(house: House) -> None:
    case = a_case(house, 3)
    client = signed_in(house.worker)
    data = {"state": "discontinued", "day": "2026-11-20", "note": "本人撤回"}
    answer = client.post(f"{BASE}{case.pk}/close/", data, follow=True).content.decode()
    assert "陶小芸的档案已办结，以后仍可查阅。" in answer
    assert "已终止（2026-11-20）。" in answer
    assert (answer.count("<form"), "办结（终止或取消）" in answer) == (
        3,
        False,
    )  # search, letters, signing out
    again = client.post(f"{BASE}{case.pk}/close/", data)
    assert (again.status_code, "档案已经办结" in again.content.decode()) == (422, True)


def test_a_case_closed_by_mistake_is_opened_again(house: House) -> None:
    case = a_case(house, 3)
    client = signed_in(house.worker)
    client.post(f"{BASE}{case.pk}/close/", {"state": "discontinued", "day": "2026-11-20", "note": "撤回"})
    assert f"{BASE}{case.pk}/reopen/" in text_of(client, f"{BASE}{case.pk}/")
    assert f"{BASE}{case.pk}/reopen/" not in text_of(signed_in(house.overseer), f"{BASE}{case.pk}/")
    assert "请填写原因。" in client.post(f"{BASE}{case.pk}/reopen/", {"reason": ""}).content.decode()
    page = client.post(f"{BASE}{case.pk}/reopen/", {"reason": "登记错了人"}, follow=True).content.decode()
    assert "陶小芸的档案已重新打开。" in page
    assert "由上级党委办理“上级党委备案”" in page


def test_who_was_discontinued_may_apply_again(house: House) -> None:
    case = a_case(house, 3)
    client, again = signed_in(house.worker), f"{BASE}add/?member={case.member_id}"
    assert client.get(again).status_code == 404
    client.post(f"{BASE}{case.pk}/close/", {"state": "discontinued", "day": "2026-10-20", "note": "撤回"})
    assert again.removeprefix("/w") in text_of(client, f"{BASE}{case.pk}/")
    client.post(again, {"applied_on": "2026-11-16", "first": "1"})
    second = DevelopmentCase.objects.ongoing().get()
    assert (second.member, second.next_step) == (case.member, 2)
    assert case.member.memberships.at(TODAY).get().status == MemberStatus.APPLICANT
    assert client.get(again).status_code == 404
    assert client.get(f"{BASE}add/?member=abc").status_code == 404


def test_the_people_without_a_case_cost_the_same(house: House, django_assert_num_queries: Counter) -> None:
    client = signed_in(house.worker)
    make_member(house.br03, name="甲", status=MemberStatus.ACTIVIST)
    client.get(f"{BASE}add/")
    with django_assert_num_queries(7):
        client.get(f"{BASE}add/")
    for name in "乙丙":
        make_member(house.br03, name=name, status=MemberStatus.APPLICANT)
    make_member(house.br04, name="别处的人", status=MemberStatus.APPLICANT)
    with django_assert_num_queries(7):
        page = text_of(client, f"{BASE}add/")
    assert re.findall(r"<li><b>([^<]+)</b>", page) == ["甲", "乙", "丙"]


def test_who_was_a_full_member_then_may_have_accompanied(house: House) -> None:
    case = a_case(house, 4)
    left = make_member(house.br03, name="已经调走")
    left.memberships.update(until=date(2024, 1, 1))
    gone = make_member(house.br03, name="早已调走")
    gone.memberships.update(until=date(2022, 1, 1))
    page = text_of(signed_in(house.worker), f"{BASE}{case.pk}/steps/5/")
    assert ("已经调走" in page, "早已调走" in page) == (True, False)


def test_who_accompanies_is_proposed_as_introducer(house: House) -> None:
    case = a_case(house, 8)
    accompany = case.steps.get(number=5).people.all()
    page = text_of(signed_in(house.worker), f"{BASE}{case.pk}/steps/9/")
    ticked = re.findall(r'name="people"[^>]*value="(\d+)"[^>]*checked', page)
    assert sorted(ticked) == sorted(str(person.pk) for person in accompany)


def test_a_missing_day_of_birth_says_who_enters_it(house: House) -> None:
    case = a_case(house, 1)
    Member.objects.filter(pk=case.member_id).update(birth_on=None)
    way = f'href="/w/organisations/members/{case.member_id}/edit/">补填出生日期</a>'
    told = "请把出生日期告诉党总支党务干部，由党总支补填。"
    worker, staff = (text_of(signed_in(user), f"{BASE}{case.pk}/") for user in (house.worker, house.staff))
    assert [(way in page, told in page) for page in (worker, staff)] == [(False, True), (True, False)]


def test_the_answer_and_the_steps_call_a_step_the_same(house: House) -> None:
    """A branch without committee decides in its general meeting, in every place of the page."""
    case = a_case(house, 11)
    done = signed_in(house.worker).post(f"{BASE}{case.pk}/steps/12/", {"done_on": "2026-11-20"}, follow=True)
    page = done.content.decode()
    assert "已登记“支部党员大会审查”。" in page
    assert ("12. 支部党员大会审查" in page, "党支部委员会审查" in page) == (True, False)


def test_the_answer_says_that_a_vote_failed(house: House) -> None:
    case = a_case(house, 14)
    vote = {"done_on": "2026-11-20", "eligible": "4", "present": "4", "approving": "1", "secret_ballot": "on"}
    address = f"{BASE}{case.pk}/steps/15/"
    done = signed_in(house.worker).post(address, {**vote, "note": "补登"}, follow=True)
    assert "已登记“支部党员大会讨论”，结果：未通过。" in done.content.decode()


def test_the_page_costs_the_same_for_many_steps(house: House, django_assert_num_queries: Counter) -> None:
    client = signed_in(house.worker)
    case = a_case(house, 14)
    client.get(f"{BASE}{case.pk}/")
    with django_assert_num_queries(16):
        client.get(f"{BASE}{case.pk}/")
    for month in (3, 4, 5):
        review = case.steps.create(number=6, done_on=date(2024, month, 1))
        review.people.set([house.ours])
    correct_step(case.steps.get(number=2), reason="没有谈", replacement=None, by=house.worker, on=TODAY)
    with django_assert_num_queries(16):
        client.get(f"{BASE}{case.pk}/")


# ---- writing --------------------------------------------------------------------------------------


def test_a_new_applicant_by_the_page(house: House) -> None:
    client = signed_in(house.worker)
    page = text_of(client, f"{BASE}add/")
    assert f'<option value="{house.br03.pk}" selected>' in page
    data = {"organisation": house.br03.pk, "name": "陶小芸", "code": "M900", "applied_on": "2026-11-02"}
    made = client.post(f"{BASE}add/", data)
    case = DevelopmentCase.objects.get()
    assert made.headers["Location"] == f"{BASE}{case.pk}/"
    assert (case.member.name, case.next_due_on) == ("陶小芸", date(2026, 12, 2))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("code", "M003", "名册编号“M003”已有人使用，请换一个编号。"),
        ("birth_on", "2012-01-01", "年满十八岁后再递交入党申请书"),
        ("applied_on", "2199-01-01", "的日期还没有到，请在办理之后登记。"),
        ("organisation", "0", "选择一个有效的选项"),
    ],
)
def test_an_applicant_refused_keeps_what_was_typed(
    house: House, field: str, value: str, sentence: str
) -> None:
    data = {"organisation": house.br03.pk, "name": "陶小芸", "code": "M900", "applied_on": "2026-11-02"}
    answer = signed_in(house.worker).post(f"{BASE}add/", {**data, field: value})
    page = answer.content.decode()
    assert (answer.status_code, DevelopmentCase.objects.count()) == (422, 0)
    assert sentence in page
    assert 'value="陶小芸"' in page


def test_who_is_in_the_roster_gets_a_case_where_they_stand(house: House) -> None:
    activist = make_member(house.br03, name="沈立新", status=MemberStatus.ACTIVIST, since=date(2026, 3, 2))
    other = make_member(house.br04, status=MemberStatus.ACTIVIST, since=date(2026, 3, 2))
    client = signed_in(house.worker)
    assert f"?member={activist.pk}" in text_of(client, f"{BASE}add/")
    assert client.get(f"{BASE}add/?member={other.pk}").status_code == 404
    page = text_of(client, f"{BASE}add/?member={activist.pk}")
    assert '<option value="3" selected>已确定为入党积极分子</option>' in page
    data = {"applied_on": "2025-10-01", "first": "3"}
    assert "请填确定或接收的日期。" in client.post(f"{BASE}add/?member={activist.pk}", data).content.decode()
    client.post(f"{BASE}add/?member={activist.pk}", data | {"first_on": "2026-03-02"})
    assert DevelopmentCase.objects.get().steps.get().number == 3


def test_a_late_step_asks_why_and_keeps_what_was_typed(house: House) -> None:
    case = a_case(house, 1)
    client, url = signed_in(house.worker), f"{BASE}{case.pk}/steps/2/"
    answer = client.post(url, {"done_on": "2026-11-20", "document": "谈话登记表"})
    page = answer.content.decode()
    assert (answer.status_code, 'value="谈话登记表"' in page) == (422, True)
    assert "请在“说明”中写明原因后再登记。" in page
    done = client.post(url, {"done_on": "2026-11-20", "note": "当时未及时安排"}, follow=True)
    assert (
        "已登记“党组织派人谈话”。下一步由支部党员大会办理“推荐和确定入党积极分子”。" in done.content.decode()
    )
    twice = client.post(url, {"done_on": "2026-11-20", "note": "再次"})
    assert (twice.status_code, "已经登记过" in twice.content.decode()) == (422, True)


def test_each_step_asks_only_what_it_needs(house: House) -> None:
    case = a_case(house, 1)
    client = signed_in(house.staff)

    def asked(number: int) -> list[str]:
        page = text_of(client, f"{BASE}{case.pk}/steps/{number}/")
        return list(dict.fromkeys(re.findall(r'name="(\w+)"', page.split("<main")[1])))[1:]

    assert asked(2) == ["done_on", "document", "note"]
    assert asked(10) == ["done_on"]
    assert asked(5) == ["done_on", "people", "assigned_1", "assigned_2", "document", "note"]
    assert asked(15)[1:5] == ["eligible", "present", "approving", "secret_ballot"]
    assert asked(23)[1:3] == ["outcome", "months"]
    assert client.get(f"{BASE}{case.pk}/steps/26/").status_code == 404


def test_the_voters_of_the_branch_are_counted_beforehand(house: House) -> None:
    case = a_case(house, 14)
    page = text_of(signed_in(house.worker), f"{BASE}{case.pk}/steps/15/")
    assert "今天名册上有正式党员 3 名：到会至少 2 人，赞成至少 2 票。" in page
    data = {"done_on": "2025-06-06", "eligible": 3, "present": 2, "approving": 2, "secret_ballot": "on"}
    signed_in(house.worker).post(f"{BASE}{case.pk}/steps/15/", data)
    assert case.member.memberships.at(TODAY).get().status == MemberStatus.PROBATIONARY


def test_mentors_are_full_members_of_the_branch_or_assigned_from_beside_it(house: House) -> None:
    case = a_case(house, 4)
    make_member(house.br03, name="预备的人", status=MemberStatus.PROBATIONARY)
    client, url = signed_in(house.staff), f"{BASE}{case.pk}/steps/5/"
    page = text_of(client, url)
    assert ("谢建平（松林口党支部）" in page, "预备的人" in page, "雷彩霞" in page) == (True, False, True)
    none = client.post(url, {"done_on": "2023-09-15"})
    assert "请选择培养联系人。" in none.content.decode()
    data = {"done_on": "2023-09-15", "people": [house.ours.pk], "assigned_1": house.theirs.pk}
    client.post(url, data)
    names = case.steps.get(number=5).people.order_by("code").values_list("name", flat=True)
    assert list(names) == ["雷彩霞", "谢建平"]
    probationary = Member.objects.get(name="预备的人")
    answer = client.post(url, {"done_on": "2023-09-15", "people": [probationary.pk]})
    assert answer.status_code == 422


def test_a_branch_learns_nobody_of_the_branch_beside_it(house: House) -> None:
    case = a_case(house, 4)
    client, url = signed_in(house.worker), f"{BASE}{case.pk}/steps/5/"
    page = text_of(client, url)
    assert ("谢建平" in page, "assigned_1" in page, "请联系上级党组织登记" in page) == (False, False, True)
    data = {"done_on": "2023-09-15", "people": [house.ours.pk], "assigned_1": house.theirs.pk}
    client.post(url, {**data, "people": [house.theirs.pk]})
    assert case.steps.filter(number=5).count() == 0
    signed_in(house.staff).post(url, data)
    step = case.steps.get(number=5)
    page = text_of(client, f"{BASE}steps/{step.pk}/correct/")
    assert f'<option value="{house.theirs.pk}" selected' in page


def test_without_a_committee_that_approves_the_page_says_why(house: House) -> None:
    case = a_case(house, 12)
    Organisation.objects.update(approves_members=False)
    page = text_of(signed_in(house.staff), f"{BASE}{case.pk}/steps/13/")
    assert "党总支只能审议，不能审批" in page
    data = {"decided_by": house.general.pk, "done_on": "2026-11-20", "outcome": "passed"}
    answer = signed_in(house.staff).post(f"{BASE}{case.pk}/steps/13/", data)
    assert "请选择有审批权限的上级党委，党总支不能审批。" in answer.content.decode()


def test_a_correction_by_the_page(house: House) -> None:
    case = a_case(house, 5)
    client = signed_in(house.worker)
    step = case.steps.get(number=5)
    url = f"{BASE}steps/{step.pk}/correct/"
    page = text_of(client, url)
    assert page.count(" checked>") == 2
    data = {"done_on": "2023-09-16", "people": [house.ours.pk], "reason": "日期抄错"}
    assert client.post(url, data).headers["Location"] == f"{BASE}{case.pk}/"
    assert case.steps.standing().get(number=5).done_on == date(2023, 9, 16)
    assert client.get(url).status_code == 404
    filing = case.steps.get(number=4)
    assert client.get(f"{BASE}steps/{filing.pk}/correct/").status_code == 404
    assert signed_in(house.staff).get(f"{BASE}steps/{filing.pk}/correct/").status_code == 200


def test_several_steps_made_up_from_paper_all_or_nothing(house: House) -> None:
    case = a_case(house, 1)
    url = f"{BASE}{case.pk}/earlier/"
    client = signed_in(house.staff)
    empty = client.post(url, {"note": "补登"})
    assert "请至少填一步的日期。" in empty.content.decode()
    days = {f"on_{number}": f"{DAYS[number]}" for number in range(2, 13)}
    early = client.post(url, {**days, "on_7": "2024-08-31", "note": "按纸质材料补登"})
    page = early.content.decode()
    assert (early.status_code, case.steps.count()) == (422, 1)
    assert "第 7 步：最早 2024-09-01 可以确定为发展对象" in page
    assert 'value="2024-08-31"' in page
    trained = {**days, "note": "按纸质材料补登"}
    answer = client.post(url, trained, follow=True).content.decode()
    assert "已补登 11 步。" in answer
    assert case.steps.get(number=8).decided_by == house.committee
    assert case.steps.get(number=10).note == ""


def test_a_worker_makes_up_only_the_steps_of_the_branch(house: House) -> None:
    case = a_case(house, 1)
    page = text_of(signed_in(house.worker), f"{BASE}{case.pk}/earlier/")
    assert [int(n) for n in re.findall(r'name="on_(\d+)"', page)] == [
        n for n in range(2, 22) if n not in (4, 8, 13, 16, 17, 18)
    ]


def test_the_persons_page_offers_a_case_to_who_lacks_one(house: House) -> None:
    activist = make_member(house.br03, status=MemberStatus.ACTIVIST)
    url = f"/w/organisations/members/{activist.pk}/"
    link = f'<a href="{BASE}add/?member={activist.pk}">补建发展党员档案</a>'
    assert link in text_of(signed_in(house.worker), url)
    assert "补建" not in text_of(signed_in(house.overseer), url)
    assert "补建" not in text_of(signed_in(house.worker), f"/w/organisations/members/{house.ours.pk}/")


def test_the_persons_page_leads_to_the_case(house: House) -> None:
    case = a_case(house, 3)
    client = signed_in(house.worker)
    link = f'<a href="{BASE}{case.pk}/">发展党员档案</a>'
    assert link in text_of(client, f"/w/organisations/members/{case.member_id}/")
    assert "发展党员档案" not in text_of(client, f"/w/organisations/members/{house.ours.pk}/")


# ---- papers ---------------------------------------------------------------------------------------


def test_the_list_of_papers_is_a_pdf(house: House) -> None:
    case = a_case(house, 5)
    answer = signed_in(house.worker).get(f"{BASE}{case.pk}/dossier.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "filename*=utf-8''" in answer.headers["Content-Disposition"]
    assert "陶小芸" in PdfReader(BytesIO(answer.content)).pages[0].extract_text()


# ---- who may --------------------------------------------------------------------------------------

ADDRESSES = ["", "steps/2/", "earlier/", "close/", "reopen/", "dossier.pdf"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_foreign_cases_are_not_there(house: House, address: str) -> None:
    case = a_case(house, 1, place=house.br04)
    assert signed_in(house.worker).get(f"{BASE}{case.pk}/{address}").status_code == 404
    step = case.steps.get()
    assert signed_in(house.worker).get(f"{BASE}steps/{step.pk}/correct/").status_code == 404


@pytest.mark.parametrize("address", ["", "add/", *(f"1/{a}" for a in ADDRESSES), "steps/1/correct/"])
def test_who_has_no_post_here_is_refused(house: House, address: str) -> None:
    assert signed_in(make_user()).get(f"{BASE}{address}").status_code == 403


@pytest.mark.parametrize("address", ["", "{case}/", "{case}/dossier.pdf"])
def test_pages_are_not_posted_to(house: House, address: str) -> None:
    case = a_case(house, 1)
    assert signed_in(house.worker).post(BASE + address.format(case=case.pk)).status_code == 405


def test_an_overseer_adds_and_closes_nothing(house: House) -> None:
    case = a_case(house, 1)
    overseer = signed_in(house.overseer)
    assert overseer.get(f"{BASE}add/").status_code == 403
    assert overseer.get(f"{BASE}{case.pk}/close/").status_code == 403
    secretary = signed_in(make_holder(house.br03, Role.SECRETARY))
    assert secretary.get(f"{BASE}{case.pk}/close/").status_code == 200
