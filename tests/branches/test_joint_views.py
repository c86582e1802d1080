"""Pages of the planner: proposals, composing by hand, drafts and their filing steps."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from branches import tasks
from branches.actions.joint import GroupData, PlanRefused, change_group, discard_plan, draft_plan, record_step
from branches.models import JointPlan, Organisation
from branches.rules import JointPlanState, OrganisationKind, Role
from branches.views import joint
from jobs.models import Job, JobState
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder, make_member, make_organisation

BASE = "/w/organisations/joint/"
TODAY = date(2026, 11, 22)
HOSTILE = "<img src=x onerror=alert(1)>"
Counter = Callable[[int], AbstractContextManager[object]]


@dataclass
class Land:
    committee: Organisation
    general: Organisation
    first: Organisation
    second: Organisation
    healthy: Organisation
    staff: User
    overseer: User
    worker: User


def settle(
    general: Organisation, code: str, name: str, own: int, north: str, line: str = "烟叶"
) -> Organisation:
    place = make_organisation(
        code,
        parent=general,
        name=name,
        industry_line=line,
        latitude=Decimal(north),
        longitude=Decimal("103.4"),
    )
    for number in range(own):
        make_member(place, name=f"{name[:2]}{number}号")
    return place


@pytest.fixture
def land(db: None, monkeypatch: pytest.MonkeyPatch) -> Land:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: TODAY)
    committee = make_organisation("DW01", kind=OrganisationKind.COMMITTEE, name="上级党委")
    general = make_organisation("DZ01", kind=OrganisationKind.GENERAL_BRANCH, parent=committee, name="党总支")
    first = settle(general, "BR01", "甲站党支部", 2, "24.40")
    return Land(
        committee,
        general,
        first,
        settle(general, "BR02", "乙站党支部", 2, "24.50"),
        settle(general, "BR03", "丙站党支部", 6, "24.45"),
        make_holder(general, Role.GENERAL_BRANCH_STAFF),
        make_holder(committee, Role.COMMITTEE_STAFF),
        make_holder(first, Role.WORKER),
    )


def draft(land: Land, **given: Any) -> JointPlan:
    groups = given.pop("groups", [GroupData("甲乙联合党支部", [land.first, land.second], land.first)])
    return draft_plan(
        land.general, groups=groups, as_of=TODAY, parameters={}, figures={}, by=land.staff, **given
    )


def conditions(**changed: Any) -> dict[str, Any]:
    return {
        "asked": "1",
        "as_of": "2026-11-22",
        "distance_km": "40",
        "preferred_low": "6",
        "preferred_high": "20",
        "preferred_units": "3",
        "most_units": "5",
        "most_members": "50",
        "least_own": "3",
        "hosts": "on",
        "alone": "on",
        **changed,
    }


def text_of(page: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", page))


# --- the planner -------------------------------------------------------------------------------------


def test_the_planner_says_who_is_in_trouble_and_proposes(land: Land) -> None:
    page = signed_in(land.staff).get(BASE).content.decode()
    said = text_of(page)
    assert "需要处理的支部2个" in said
    assert "甲站、乙站联合党支部" in said
    assert "地域相邻：最远两处直线相距11.1公里，不超过40公里。" in said
    assert page.count('<svg class="chart"') >= 1
    assert "第 1 组：甲站、乙站，集中地点甲站，最远两处相距 11.1 公里。" in page
    assert "采用方案1，存为草案" in said


def test_who_only_looks_on_cannot_make_a_draft(land: Land) -> None:
    client = signed_in(land.overseer)
    assert "存为草案" not in client.get(BASE).content.decode()
    assert client.post(f"{BASE}accept/", {"rank": "1", "signature": "BR01+BR02"}).status_code == 403
    assert signed_in(land.worker).get(BASE).status_code == 403
    assert signed_in(land.staff).post(BASE).status_code == 405


def test_a_foreign_general_branch_is_not_planned_for(land: Land) -> None:
    foreign = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="外单位党总支")
    settle(foreign, "XX01", "外站党支部", 2, "24.41")
    page = signed_in(land.staff).get(BASE, conditions(organisation=foreign.pk))
    assert page.status_code == 422
    assert "外站" not in page.content.decode()
    theirs = signed_in(make_holder(foreign, Role.GENERAL_BRANCH_STAFF)).get(BASE).content.decode()
    assert "甲站" not in theirs


def test_conditions_change_the_answer(land: Land) -> None:
    client = signed_in(land.staff)
    near = client.get(BASE, conditions(organisation=land.general.pk, distance_km="6", hosts=""))
    said = text_of(near.content.decode())
    assert "还没有办法安排的支部" in said
    assert "6.0公里以内只有情况正常的支部，而条件设为不牵动正常支部。" in said
    assert "可以考虑：允许并入情况正常的邻近支部。" in said
    chosen = client.get(BASE, conditions(organisation=land.general.pk, branches="BR03", alone=""))
    assert "丙站" in chosen.content.decode()


def test_wrong_conditions_are_said_and_kept(land: Land) -> None:
    answer = signed_in(land.staff).get(
        BASE, conditions(organisation=land.general.pk, distance_km="远", preferred_low="30")
    )
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "请填 0.1 至 2000 的公里数。" in said
    assert "上限不能小于下限，请核对。" in said
    assert 'value="远"' in said


def test_the_planner_costs_the_same_for_many_branches(land: Land, django_assert_num_queries: Counter) -> None:
    client = signed_in(land.staff)
    client.get(BASE)
    with django_assert_num_queries(24):
        client.get(BASE)
    for number in range(4, 8):
        settle(land.general, f"BR0{number}", f"{number}站党支部", 2, f"24.4{number}")
    with django_assert_num_queries(24):
        client.get(BASE)


def test_saved_plans_are_listed_at_one_price(land: Land, django_assert_num_queries: Counter) -> None:
    client = signed_in(land.staff)
    discard_plan(draft(land), reason="重来", by=land.staff)
    client.get(BASE)
    with django_assert_num_queries(25):
        page = client.get(BASE).content.decode()
    assert "甲乙联合党支部" in page
    for _ in range(2):
        discard_plan(draft(land), reason="重来", by=land.staff)
    with django_assert_num_queries(25):
        client.get(BASE)
    foreign = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    other = signed_in(make_holder(foreign, Role.GENERAL_BRANCH_STAFF)).get(BASE).content.decode()
    assert "甲乙联合党支部" not in other


def test_accepting_makes_a_draft_with_its_figures(land: Land) -> None:
    client = signed_in(land.staff)
    answer = client.post(f"{BASE}accept/", {"rank": "1", "signature": "BR01+BR02"})
    plan = JointPlan.objects.get()
    assert answer.headers["Location"] == f"{BASE}plans/{plan.pk}/"
    group = plan.groups.get()
    assert (group.name, group.seat, group.secretary and group.secretary.name) == (
        "甲站、乙站联合党支部",
        land.first,
        "甲站0号",
    )
    assert plan.figures["alternative"]["groups"][0]["own_full_after"] == 4
    assert plan.parameters["distance_km"] == 40.0
    assert [step.name for step in plan.steps.order_by("number")] == [
        "基层单位提出申请",
        "基层党委会议研究批复",
        "召开党员大会选举支委会或书记、副书记",
        "批复和选举结果报上级党委组织部门备案",
    ]
    page = client.get(f"{BASE}plans/{plan.pk}/").content.decode()
    assert "《中国共产党支部工作条例（试行）》第五条、第六条、第七条（待核实）" in page


def test_accepting_twice_or_what_has_changed_is_refused(land: Land) -> None:
    client, data = signed_in(land.staff), {"rank": "1", "signature": "BR01+BR02"}
    changed = client.post(f"{BASE}accept/", {"rank": "1", "signature": "BR01+BR03"}, follow=True)
    assert "情况已有变化，请核对最新的方案后再采用。" in changed.content.decode()
    client.post(f"{BASE}accept/", data)
    again = client.post(f"{BASE}accept/", data, follow=True)
    assert "已在 2026-" in again.content.decode()
    assert JointPlan.objects.count() == 1


# --- by hand -----------------------------------------------------------------------------------------


def test_groups_by_hand_are_checked_and_drafted(land: Land) -> None:
    client, url = signed_in(land.staff), f"{BASE}compose/"
    assert "核对结果" not in client.get(url).content.decode()
    data = conditions(**{f"in_{land.first.pk}": "1", f"in_{land.healthy.pk}": "1"})
    said = text_of(client.post(url, data).content.decode())
    assert "抽调人员返回、已知离开的人员离开后，本部门正式党员8人（至少3人）。" in said
    assert JointPlan.objects.count() == 0
    client.post(url, {**data, "draft": "1"})
    plan = JointPlan.objects.get()
    assert [branch.code for branch in plan.groups.get().branches.order_by("code")] == ["BR01", "BR03"]
    assert plan.figures["origin"] == "hand"


def test_what_the_documents_do_not_allow_is_not_drafted(land: Land) -> None:
    client, url = signed_in(land.staff), f"{BASE}compose/"
    lonely = settle(land.general, "BR09", "丁站党支部", 0, "24.6")
    data = conditions(**{f"in_{land.first.pk}": "1", f"in_{lonely.pk}": "1", "draft": "1"})
    answer = client.post(url, data)
    assert (answer.status_code, JointPlan.objects.count()) == (422, 0)
    assert "正式党员 2 人（含抽调）。" in answer.content.decode()


def test_the_address_of_an_alternative_fills_the_groups(land: Land) -> None:
    client = signed_in(land.staff)
    found = re.search(
        r'href="(/w/organisations/joint/compose/\?[^"]+asked[^"]+)"', client.get(BASE).content.decode()
    )
    assert found
    page = client.get(found[1].replace("&amp;", "&")).content.decode()
    assert "核对结果" in page
    assert signed_in(land.worker).get(f"{BASE}compose/").status_code == 403


# --- in the background -------------------------------------------------------------------------------


def test_many_branches_are_worked_out_in_the_background(land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "IN_REQUEST", 2)
    client, query = signed_in(land.staff), urlencode(conditions(organisation=land.general.pk))
    assert "测算放到后台进行" in client.get(f"{BASE}?{query}").content.decode()
    progress = client.post(f"{BASE}start/?{query}").headers["Location"]
    job = Job.objects.get()
    assert client.post(f"{BASE}start/?{query}").headers["Location"] == progress
    assert "正在排队" in client.get(progress).content.decode()
    tasks.plan_joint_branches(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.DONE, 4)
    assert "查看方案" in client.get(progress).content.decode()
    page = client.get(f"{BASE}?{query}&job={job.pk}").content.decode()
    assert "甲站、乙站联合党支部" in page
    other = make_holder(land.general, Role.GENERAL_BRANCH_STAFF)
    assert "甲站、乙站联合党支部" not in signed_in(other).get(f"{BASE}?{query}&job={job.pk}").content.decode()
    assert signed_in(other).get(progress).status_code == 404
    client.post(f"{BASE}accept/?{query}&job={job.pk}", {"rank": "1", "signature": "BR01+BR02"})
    assert JointPlan.objects.count() == 1


def test_a_waiting_proposal_can_be_cancelled(land: Land) -> None:
    client, query = signed_in(land.staff), urlencode(conditions(organisation=land.general.pk))
    client.post(f"{BASE}start/?{query}")
    job = Job.objects.get()
    client.post(f"{BASE}jobs/{job.pk}/cancel/")
    tasks.plan_joint_branches(str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


# --- a draft -----------------------------------------------------------------------------------------


def test_the_reply_approves_and_taking_it_back_makes_a_draft_again(land: Land) -> None:
    client, plan = signed_in(land.staff), draft(land)
    url = f"{BASE}plans/{plan.pk}/steps/2/"
    client.post(url, {"done_on": "2026-11-20", "document": "红烟党〔2026〕12号"})
    plan.refresh_from_db()
    assert plan.state == JointPlanState.APPROVED
    page = client.get(f"{BASE}plans/{plan.pk}/").content.decode()
    assert ("红烟党〔2026〕12号" in page, "预览并实施" in page) == (True, True)
    client.post(url, {"done_on": "", "document": ""})
    plan.refresh_from_db()
    assert plan.state == JointPlanState.DRAFT


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"done_on": "2026-11-23"}, "2026-11-23 还没有到，请在办理之后登记。"),
        ({"done_on": "", "document": "文号"}, "填写了文号或说明，请同时填写办理日期。"),
        ({"done_on": "2026-09-30"}, "日期不能早于“基层单位提出申请”的 2026-10-01，请核对。"),
    ],
)
def test_a_step_that_does_not_fit_is_refused(land: Land, data: dict[str, str], sentence: str) -> None:
    plan = draft(land)
    record_step(plan, number=1, done_on=date(2026, 10, 1), document="", by=land.staff, today=TODAY)
    answer = signed_in(land.staff).post(f"{BASE}plans/{plan.pk}/steps/2/", data)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_a_late_reply_is_noted(land: Land) -> None:
    plan = draft(land)
    record_step(plan, number=1, done_on=date(2026, 9, 30), document="", by=land.staff, today=TODAY)
    page = signed_in(land.staff).get(f"{BASE}plans/{plan.pk}/").content.decode()
    assert "一般应在 2026-10-30 前批复，已超过，请向上级了解进度" in page
    record_step(plan, number=2, done_on=date(2026, 11, 20), document="", by=land.staff, today=TODAY)
    page = signed_in(land.staff).get(f"{BASE}plans/{plan.pk}/").content.decode()
    assert "批复晚于一般时限 2026-10-30" in page


def test_a_group_gets_its_name_seat_and_candidate(land: Land) -> None:
    plan = draft(land)
    group = plan.groups.get()
    candidate = make_member(land.second, name="王组长")
    data = {"name": HOSTILE, "seat": land.second.pk, "secretary": candidate.pk}
    client = signed_in(land.staff)
    assert (
        client.post(f"{BASE}groups/{group.pk}/edit/", data).headers["Location"] == f"{BASE}plans/{plan.pk}/"
    )
    group.refresh_from_db()
    assert (group.seat, group.secretary) == (land.second, candidate)
    assert HOSTILE not in client.get(f"{BASE}plans/{plan.pk}/").content.decode()
    foreign = {**data, "seat": land.healthy.pk}
    assert client.post(f"{BASE}groups/{group.pk}/edit/", foreign).status_code == 422


def test_a_candidate_must_be_a_full_member_of_the_group(land: Land) -> None:
    group = draft(land).groups.get()
    stranger = make_member(land.healthy, name="外人")
    with pytest.raises(PlanRefused, match="外人不是所联合支部的正式党员，请另选书记人选。"):
        change_group(group, name="甲乙", seat=land.first, secretary=stranger, on=TODAY, by=land.staff)


def test_a_discarded_plan_frees_its_branches_and_changes_no_more(land: Land) -> None:
    client, plan = signed_in(land.staff), draft(land)
    assert client.post(f"{BASE}plans/{plan.pk}/discard/", {"reason": ""}).status_code == 422
    client.post(f"{BASE}plans/{plan.pk}/discard/", {"reason": "重新研究"})
    plan.refresh_from_db()
    assert (plan.state, plan.closing_note) == (JointPlanState.DISCARDED, "重新研究")
    with pytest.raises(PlanRefused, match="方案已作废，不能再修改。"):
        discard_plan(plan, reason="再一次", by=land.staff)
    assert draft(land).state == JointPlanState.DRAFT


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda land: [], "方案里还没有要联合的支部，请先选择。"),
        (lambda land: [GroupData("甲", [land.first], land.first)], "联合党支部至少由两个支部组成。"),
        (
            lambda land: [GroupData("甲", [land.first, land.second], land.healthy)],
            "集中地点须在所联合的支部之中",
        ),
        (lambda land: [GroupData(" ", [land.first, land.second], land.first)], "请填写联合党支部的名称。"),
        (lambda land: [GroupData("甲", [land.first, land.general], land.first)], "已撤销或不在本组织之下"),
        (
            lambda land: [
                GroupData("甲", [land.first, land.second], land.first),
                GroupData("乙", [land.first, land.healthy], land.first),
            ],
            "同一个支部出现在两组里",
        ),
    ],
)
def test_a_draft_that_does_not_fit_is_refused(
    land: Land, make: Callable[[Land], list[GroupData]], sentence: str
) -> None:
    with pytest.raises(PlanRefused, match=sentence):
        draft(land, groups=make(land))
    assert JointPlan.objects.count() == 0


@pytest.mark.parametrize(
    "page", ["plans/{plan}/", "plans/{plan}/steps/1/", "plans/{plan}/discard/", "groups/{group}/edit/"]
)
def test_pages_of_a_plan_are_guarded(land: Land, page: str) -> None:
    plan = draft(land)
    url = BASE + page.format(plan=plan.pk, group=plan.groups.get().pk)
    foreign = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    assert signed_in(make_holder(foreign, Role.GENERAL_BRANCH_STAFF)).get(url).status_code == 404
    assert signed_in(land.worker).get(url).status_code == 403
    assert signed_in(land.staff).get(url).status_code == 200
    assert Client().get(url).status_code == 302
    assert signed_in(land.staff).put(url).status_code == 405


def test_a_plan_page_costs_the_same_for_many_groups(land: Land, django_assert_num_queries: Counter) -> None:
    more = [settle(land.general, f"BR1{n}", f"{n}队党支部", 2, "24.4") for n in range(4)]
    small = draft(land)
    large = draft(
        land,
        groups=[GroupData("丁", more[:2], more[0]), GroupData("戊", more[2:], more[2])],
    )
    client = signed_in(land.staff)
    client.get(f"{BASE}plans/{small.pk}/")
    for plan in (small, large):
        with django_assert_num_queries(9):
            client.get(f"{BASE}plans/{plan.pk}/")
