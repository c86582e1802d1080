"""The pages of the plan of visits: works, refused, foreign, wrong method, and what each says."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest

from branches.models import AccessGrant
from branches.rules import GrantKind, Role
from burden.actions.visits import carry_out, copy_year
from burden.models import FrequencyDecision, PlannedVisit, VisitRating
from burden.rules.visit_vocabulary import VisitState
from errorbank.models import Inspection
from tests.branches.conftest import signed_in
from tests.burden.visit_scene import DAY, done, filed, foreign_visit, looked
from tests.factories.branches import make_holder, make_user
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene

Counter = Callable[[int], AbstractContextManager[object]]
BASE = "/w/burden/visits/"


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def asked(scene: Scene, **fields: Any) -> dict[str, Any]:
    given = {
        "organisation": scene.general.pk,
        "department": "党建工作部",
        "title": "四季度党建检查",
        "basis": "年度工作要点",
        "categories": ["meetings"],
        "since": "2026-12-18",
        "until": "2026-12-18",
        "mode": "on_site",
        "people": "2",
        "minutes": "60",
        "materials": "党员名册\n特色做法一页",
        "everywhere": "on",
    }
    return {**given, **fields}


def text(answer: Any) -> str:
    return str(answer.content.decode())


# --- the year ------------------------------------------------------------------------------------------


def test_the_year_by_month_with_its_numbers(scene: Scene) -> None:
    filed(scene, title=HOSTILE)
    filed(scene, title="上级来查", place=scene.committee, by=scene.overseer, since=date(2026, 11, 30))
    looked(scene)
    foreign_visit(scene)
    page = text(signed_in(scene.staff).get(BASE))
    assert (page.count('<div class="m">'), "上级来查" in page, "外单位检查" in page, HOSTILE in page) == (
        2,
        True,
        False,
        False,
    )
    assert "<b>2</b><span>已备案</span>" in page
    assert "<b>1</b><span>计划外（100%）</span>" in page
    narrowed = text(signed_in(scene.staff).get(f"{BASE}?state=done"))
    assert ("没有这样的检查计划" in narrowed, "只列“已开展”的" in narrowed) == (True, True)
    assert "2027 年检查计划" in text(signed_in(scene.staff).get(f"{BASE}?year=2027"))


@pytest.mark.parametrize("year", ["20x6", "99999", "0", "二〇二六"])
def test_no_such_year(scene: Scene, year: str) -> None:
    assert signed_in(scene.staff).get(BASE, {"year": year}).status_code == 404


def test_a_branch_sees_what_comes_to_it(scene: Scene) -> None:
    own, other = filed(scene, targets=[scene.first]), filed(scene, title="别处", targets=[scene.second])
    (draft,) = [
        row for row in copy_year(scene.general, 2027, by=scene.staff, on=ON) if row.copied_from == own
    ]
    client = signed_in(scene.worker)
    page = text(client.get(BASE))
    assert ("四季度党建检查" in page, "别处" in page, f"{BASE}add/" in page) == (True, False, False)
    assert "四季度党建检查" not in text(client.get(f"{BASE}?year=2027"))
    answers = [client.get(f"{BASE}{visit.pk}/").status_code for visit in (own, other, draft)]
    assert answers == [200, 404, 404]


def test_the_month_list_leads_to_what_comes(scene: Scene) -> None:
    """Two taps: 更多, 要来的检查; who stands in for a branch has no plan to read."""
    link = f'href="{BASE}"'
    substitute = make_user()
    AccessGrant.objects.create(
        user=substitute, organisation=scene.first, kind=GrantKind.STAND_IN, since=ON, until=ON, reason="代办"
    )
    pages = [text(signed_in(user).get("/w/reminders/")) for user in (scene.worker, substitute)]
    menus = [page.partition("month-switch")[2].partition("</details>")[0] for page in pages]
    assert [(link in menu, "打印一页清单" in menu) for menu in menus] == [(True, True), (False, True)]


@pytest.mark.parametrize(("path", "statements"), [("", 8), ("unfiled/", 5), ("overlaps/", 11)])
def test_lists_cost_the_same_for_many(
    scene: Scene, django_assert_num_queries: Counter, path: str, statements: int
) -> None:
    client = signed_in(scene.staff)
    filed(scene)
    looked(scene)
    foreign_visit(scene)
    client.get(BASE + path)
    with django_assert_num_queries(statements):
        client.get(BASE + path)
    for n in (2, 3):
        filed(scene, title=f"第{n}次", since=date(2026, 12, 18 + n), until=date(2026, 12, 18 + n))
        looked(scene, title=f"突击{n}")
    with django_assert_num_queries(statements):
        page = text(client.get(BASE + path))
    assert "外单位" not in page


# --- one visit -----------------------------------------------------------------------------------------


def test_what_the_portal_has_is_offered_for_these_branches(scene: Scene) -> None:
    visit = filed(scene, materials="党员名册\n特色做法一页")
    page = text(signed_in(scene.staff).get(f"{BASE}{visit.pk}/"))
    assert (page.count("已备，免报</span>"), "特色做法一页" in page) == (1, True)
    link = f"/w/ledgers/members/?organisation={scene.general.code}&amp;period=2026"
    assert link in page
    assert f"organisation={scene.second.code}&amp;period=2026" in page
    own = text(signed_in(scene.worker).get(f"{BASE}{visit.pk}/"))
    mine = f"/w/ledgers/members/?organisation={scene.first.code}&amp;period=2026"
    assert (mine in own, scene.second.name in own, "备案经过" in own) == (True, False, False)
    assert signed_in(scene.worker).get(mine.replace("&amp;", "&")).status_code == 200


def test_the_page_of_a_visit_keeps_the_warning_and_the_reason(scene: Scene) -> None:
    filed(scene)
    page = text(signed_in(scene.staff).get(f"{BASE}{filed(scene, title='又一次').pk}/"))
    assert ("备案时的提示" in page, "仍要备案的理由：已与支部商定" in page) == (True, True)


def test_a_visit_costs_few_statements(scene: Scene, django_assert_num_queries: Counter) -> None:
    visit = filed(scene, materials="党员名册\n三会一课记录")
    client = signed_in(scene.staff)
    client.get(f"{BASE}{visit.pk}/")
    with django_assert_num_queries(11):
        client.get(f"{BASE}{visit.pk}/")


# --- filing --------------------------------------------------------------------------------------------


def test_filing_shows_cost_and_materials_first(scene: Scene) -> None:
    client = signed_in(scene.staff)
    assert "备案一项检查" in text(client.get(f"{BASE}add/"))
    page = text(client.post(f"{BASE}add/", asked(scene)))
    assert ("60 分钟 × 2 个支部" in page, page.count("已备，免报"), PlannedVisit.objects.count()) == (
        True,
        1,
        0,
    )
    answer = client.post(f"{BASE}add/", asked(scene, confirmed="1"))
    made = PlannedVisit.objects.get()
    assert answer.headers["Location"] == f"{BASE}{made.pk}/"
    assert (made.targets.count(), made.material_lines) == (2, ["党员名册", "特色做法一页"])
    edit = text(client.post(f"{BASE}add/", asked(scene, title="第二项", edit="1")))
    assert 'value="第二项"' in edit


def test_the_page_of_warnings_costs_the_same_for_many(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    client = signed_in(scene.staff)
    filed(scene)
    client.post(f"{BASE}add/", asked(scene))
    # Half of them are what every demand is held against before it is sent.
    with django_assert_num_queries(26):
        client.post(f"{BASE}add/", asked(scene))
    for n in (2, 3):
        filed(scene, title=f"第{n}次")
    with django_assert_num_queries(26):
        client.post(f"{BASE}add/", asked(scene))


def test_over_a_warning_the_reason_is_asked_for(scene: Scene) -> None:
    filed(scene, title="先来的")
    client = signed_in(scene.staff)
    page = text(client.post(f"{BASE}add/", asked(scene)))
    assert ("第 2 次查“三会一课”" in page, 'name="over_reason"' in page) == (True, True)
    refused = client.post(f"{BASE}add/", asked(scene, confirmed="1"))
    assert (refused.status_code, "请修改计划，或写明" in text(refused)) == (422, True)
    answer = client.post(f"{BASE}add/", asked(scene, confirmed="1", over_reason="上级统一安排"))
    assert answer.status_code == 302
    kept = PlannedVisit.objects.latest("pk").revisions.get()
    assert kept.over_reason == "上级统一安排"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"since": "2026-11-02"}, "开始日期已过"),
        ({"categories": []}, "请选择或写明检查内容"),
        ({"everywhere": ""}, "请选择检查哪些党支部"),
        ({"department": ""}, "请填写检查部门"),
    ],
)
def test_filing_refused_keeps_what_was_typed(scene: Scene, fields: dict[str, Any], sentence: str) -> None:
    answer = signed_in(scene.staff).post(f"{BASE}add/", asked(scene, **fields))
    page = text(answer)
    assert (answer.status_code, sentence in page, 'value="四季度党建检查"' in page) == (422, True, True)


def test_a_foreign_branch_is_no_choice(scene: Scene) -> None:
    fields = asked(scene, everywhere="", targets=[scene.foreign_branch.pk])
    assert signed_in(scene.staff).post(f"{BASE}add/", fields).status_code == 422
    fields = asked(scene, organisation=scene.foreign_general.pk)
    assert signed_in(scene.staff).post(f"{BASE}add/", fields).status_code == 422


def test_a_change_is_looked_at_again_and_says_why(scene: Scene) -> None:
    visit = filed(scene)
    url, client = f"{BASE}{visit.pk}/edit/", signed_in(scene.staff)
    assert "原来的内容会留存" in text(client.get(url))
    fields = asked(scene, people="1", why="少去一人", seen="1")
    assert "还没有备案" in text(client.post(url, fields))
    assert client.post(url, {**fields, "confirmed": "1"}).status_code == 302
    page = text(client.get(f"{BASE}{visit.pk}/"))
    assert ("第 2 版：少去一人" in page, "检查人数原为：2 人" in page) == (True, True)
    stale = client.post(url, {**fields, "confirmed": "1"})
    assert (stale.status_code, "刚被他人改过" in text(stale)) == (422, True)
    carry_out(visit, looked(scene), by=scene.staff)
    assert client.get(url).headers["Location"] == f"{BASE}{visit.pk}/"


def test_a_draft_is_filed_or_dropped(scene: Scene) -> None:
    filed(scene)
    filed(scene, title="另一项", since=date(2026, 12, 4), until=date(2026, 12, 4))
    client = signed_in(scene.staff)
    answer = client.post(f"{BASE}copy/?year=2027")
    assert answer.headers["Location"] == f"{BASE}?year=2027"
    page = text(client.get(answer.headers["Location"]))
    assert ("有 2 项待备案" in page, page.count('tag soon">待备案')) == (True, 2)
    one, other = PlannedVisit.objects.filter(state=VisitState.DRAFT).order_by("pk")
    again = text(client.post(f"{BASE}copy/?year=2027", follow=True))
    assert "已经沿用过了" in again
    fields = asked(scene, since="2027-12-17", until="2027-12-17", confirmed="1", over_reason="照旧", seen="0")
    assert client.post(f"{BASE}{one.pk}/edit/", fields).status_code == 302
    assert client.post(f"{BASE}{other.pk}/drop/").headers["Location"] == f"{BASE}?year=2027"
    client.post(f"{BASE}{one.pk}/drop/")
    assert list(PlannedVisit.objects.filter(year=2027).values_list("pk", "state")) == [(one.pk, "filed")]


def test_cancelling_asks_why(scene: Scene) -> None:
    visit = filed(scene)
    url, client = f"{BASE}{visit.pk}/cancel/", signed_in(scene.staff)
    assert "取消“四季度党建检查”" in text(client.get(url))
    assert client.post(url, {"reason": ""}).status_code == 422
    client.post(url, {"reason": "改为线上"})
    assert "已取消：改为线上" in text(client.get(f"{BASE}{visit.pk}/"))


# --- carrying out --------------------------------------------------------------------------------------


def test_one_tap_from_the_plan(scene: Scene) -> None:
    visit, inspection = filed(scene, since=ON, until=ON), looked(scene)
    client = signed_in(scene.staff)
    page = text(client.get(f"{BASE}{visit.pk}/"))
    assert f"{BASE}{visit.pk}/link/{inspection.pk}/" in page
    client.post(f"{BASE}{visit.pk}/link/{inspection.pk}/")
    visit.refresh_from_db()
    assert (visit.state, visit.inspection) == (VisitState.DONE, inspection)
    twice = client.post(f"{BASE}{visit.pk}/link/{inspection.pk}/", follow=True)
    assert "不能再改" in text(twice)


def test_one_tap_from_the_inspection(scene: Scene) -> None:
    visit, inspection = filed(scene), looked(scene)
    filed(scene, title="太远的", since=date(2026, 3, 3), until=date(2026, 3, 3), on=date(2026, 1, 5))
    client = signed_in(scene.staff)
    assert f"{BASE}inspection/{inspection.pk}/" in text(client.get(f"/w/errors/inspections/{inspection.pk}/"))
    page = text(client.get(f"{BASE}inspection/{inspection.pk}/"))
    assert (f"{BASE}{visit.pk}/link/{inspection.pk}/" in page, "太远的" in page) == (True, False)
    assert "没有备案的计划" in text(signed_in(scene.worker).get(f"{BASE}inspection/{inspection.pk}/"))
    carry_out(visit, inspection, by=scene.staff)
    assert "是按备案的计划开展的" in text(client.get(f"{BASE}inspection/{inspection.pk}/"))


def test_the_plan_registers_the_inspection(scene: Scene) -> None:
    visit = filed(scene, since=ON, until=date(2026, 11, 20))
    url, client = f"{BASE}{visit.pk}/carry-out/", signed_in(scene.staff)
    assert 'value="2026-11-18"' in text(client.get(url))
    fields = {"source": "party_building_check", "since": "2026-11-18", "until": "2026-11-17"}
    assert client.post(url, fields).status_code == 422
    answer = client.post(url, {**fields, "until": "2026-11-18"})
    made = Inspection.objects.get()
    assert answer.headers["Location"] == f"/w/errors/inspections/{made.pk}/record/"
    assert (made.title, made.inspectors, made.clauses, made.targets.count()) == (
        "四季度党建检查",
        "党建工作部",
        "三会一课",
        2,
    )
    assert "只有已备案" in text(client.get(url, follow=True))


def test_a_wrong_link_is_undone_from_the_plan(scene: Scene) -> None:
    visit, inspection = filed(scene), looked(scene)
    url, client = f"{BASE}{visit.pk}/unlink/", signed_in(scene.staff)
    assert "没有对应检查" in text(client.get(url, follow=True))
    carry_out(visit, inspection, by=scene.staff)
    assert url in text(client.get(f"{BASE}{visit.pk}/"))
    assert url not in text(signed_in(scene.worker).get(f"{BASE}{visit.pk}/"))
    assert ("解除“四季度党建检查”的对应" in text(client.get(url)), "突击检查" in text(client.get(url))) == (
        True,
        True,
    )
    assert client.post(url, {"reason": " "}).status_code == 422
    page = text(client.post(url, {"reason": "点错了"}, follow=True))
    assert ("计划恢复为已备案" in page, "解除与“突击检查”的对应：点错了" in page) == (True, True)
    assert "其中 1 次没有备案的计划" in text(client.get(f"{BASE}unfiled/"))


def test_what_nobody_filed_is_listed_with_its_share(scene: Scene) -> None:
    done(scene, day=date(2026, 6, 3), title="有计划的")
    looked(scene, title=HOSTILE)
    looked(scene, title="轮训来的", source="rotation")
    page = text(signed_in(scene.staff).get(f"{BASE}unfiled/"))
    assert ("登记检查 2 次，其中 1 次没有备案的计划，占 50%" in page, "轮训来的" in page) == (True, False)
    assert page.count('class="item"') == 1
    assert "外单位" not in text(signed_in(scene.foreign_staff).get(f"{BASE}unfiled/"))


# --- merging and coming less often ---------------------------------------------------------------------


def test_a_proposal_is_taken_with_one_tap(scene: Scene) -> None:
    one = filed(scene)
    other = filed(scene, title="党费核对", department="财务部", categories=["dues"], since=date(2026, 12, 22),
                  until=date(2026, 12, 22))  # fmt: skip
    client = signed_in(scene.staff)
    page = text(client.get(f"{BASE}overlaps/"))
    key = f"{one.pk}-{other.pk}"
    assert ("支部少接待 2 次，约省 2 小时" in page, f'value="{key}"' in page) == (True, True)
    assert (
        "《党费核对（财务部，12 月 22 日）》与《四季度党建检查（党建工作部，12 月 18 日）》只隔 4 天" in page
    )
    client.post(f"{BASE}merge/?year=2026", {"visits": key})
    other.refresh_from_db()
    assert (other.state, other.merged_into) == (VisitState.MERGED, one)
    again = client.post(f"{BASE}merge/?year=2026", {"visits": key}, follow=True)
    assert "计划有了变化" in text(again)
    assert "一并检查" in text(client.get(f"{BASE}{one.pk}/"))
    assert "已并入" in text(client.get(f"{BASE}{other.pk}/"))


def test_staff_decide_on_coming_less_often(scene: Scene) -> None:
    for n, month in enumerate((3, 6, 9), start=1):
        done(scene, day=date(2026, month, 3), title=f"第{n}次")
    url, client = f"{BASE}frequency/?year=2027", signed_in(scene.staff)
    page = text(client.get(url))
    assert ("建议由每年 3 次减为 2 次" in page, page.count("没有发现问题</span>")) == (True, 3)
    key = f"{scene.general.pk}|党建工作部|meetings"
    refused = client.post(url, {"key": key, "decline": "1", "reason": ""})
    assert (refused.status_code, "不同意的，请写明原因" in text(refused)) == (422, True)
    assert client.post(url, {"key": "0|x|y", "accept": "1"}).status_code == 422
    assert client.post(url, {"key": key, "accept": "1"}).status_code == 302
    assert FrequencyDecision.objects.get().decision == "accepted"
    assert 'tag ok">同意</span>' in text(client.get(url))
    assert "还没有可以少查的" in text(signed_in(scene.foreign_staff).get(url))


# --- rating --------------------------------------------------------------------------------------------


def test_a_branch_rates_and_changes_its_mind(scene: Scene) -> None:
    inspection = looked(scene)
    url, client = f"{BASE}rate/{inspection.pk}/{scene.first.pk}/", signed_in(scene.worker)
    assert (url in text(client.get(BASE)), "只有本支部看得到" in text(client.get(url))) == (True, True)
    assert client.post(url, {"grade": "helpful"}).status_code == 422
    for grade in ("helpful", "burden"):
        assert client.post(url, {"grade": grade, "extra": "yes"}).status_code == 302
    row = VisitRating.objects.get()
    assert (row.grade, row.extra, row.branch, row.quarter, row.department) == (
        "burden", "yes", scene.first, 4, "党建工作部",
    )  # fmt: skip
    assert "已评价，本季度可改" in text(client.get(BASE))


# --- doors ---------------------------------------------------------------------------------------------


def test_pages_are_closed_to_others(scene: Scene) -> None:
    visit, inspection = filed(scene), looked(scene)
    outsider = signed_in(make_holder(scene.committee, Role.ADMINISTRATOR))
    one, rate = f"{BASE}{visit.pk}/", f"{BASE}rate/{inspection.pk}/{scene.first.pk}/"
    reading = [BASE, one, f"{BASE}unfiled/", f"{BASE}inspection/{inspection.pk}/", rate]
    forms = [f"{one}edit/", f"{one}cancel/", f"{one}carry-out/", f"{one}unlink/"]
    office = [f"{BASE}add/", f"{BASE}overlaps/", f"{BASE}frequency/", f"{BASE}ratings/", *forms]
    posts = [f"{BASE}copy/", f"{BASE}merge/", f"{one}drop/", f"{one}link/{inspection.pk}/"]
    assert [outsider.get(url).status_code for url in reading + office] == [403] * 13
    assert [outsider.post(url).status_code for url in posts] == [403] * 4
    worker, foreign = signed_in(scene.worker), signed_in(scene.foreign_staff)
    assert [worker.get(url).status_code for url in office] == [403] * 8
    assert [worker.post(url).status_code for url in posts] == [403] * 4
    assert [foreign.get(url).status_code for url in [one, reading[3], *forms]] == [404] * 6
    assert [foreign.post(url).status_code for url in posts[2:]] == [404] * 2
    assert signed_in(scene.staff).get(rate).status_code == 403
    assert worker.get(f"{BASE}rate/{inspection.pk}/{scene.second.pk}/").status_code == 404
    assert signed_in(scene.overseer).get(f"{one}carry-out/").status_code == 404
    staff = signed_in(scene.staff)
    assert [staff.put(url).status_code for url in reading[:4] + office + posts] == [405] * 16
    assert worker.put(rate).status_code == 405
    assert [staff.get(url).status_code for url in posts] == [405] * 4
    assert visit.since == DAY
