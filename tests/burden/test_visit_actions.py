"""Filing, changing, merging, cancelling, copying and carrying out planned visits."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from branches.models import BusySeason
from burden.actions.visit_merging import merge_visits
from burden.actions.visit_ratings import decide_frequency
from burden.actions.visits import (
    ASK_REASON,
    CHANGED_MEANWHILE,
    OverWarning,
    VisitRefused,
    cancel_visit,
    carry_out,
    change_visit,
    copy_year,
    drop_draft,
    file_visit,
    register_visit,
    undo_link,
)
from burden.models import FrequencyDecision, PlannedVisit
from burden.queries.visit_frequency import proposals
from burden.queries.visit_warnings import materials_of, visit_warnings
from burden.rules.visit_vocabulary import Decision, VisitState
from errorbank.actions.inspections import InspectionData
from errorbank.models import Inspection
from errorbank.rules import ErrorCategory, Source
from tests.burden.visit_scene import DAY, done, filed, looked, make_visit, visit_data
from tests.factories.errorbank import make_finding
from tests.reminders.scene import ON, Scene, make_scene


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def codes(scene: Scene, **fields: Any) -> list[str]:
    return [w.code for w in visit_warnings(visit_data(scene, **fields), place=scene.general, on=ON)]


def events() -> list[str]:
    found = AuditEvent.objects.filter(event__startswith="burden.").order_by("pk")
    return [event.removeprefix("burden.") for event in found.values_list("event", flat=True)]


def test_a_visit_is_filed_once(scene: Scene) -> None:
    made = file_visit(scene.general, data=visit_data(scene), by=scene.staff, on=ON)
    assert (made.state, made.filed_on, made.year, made.targets.count()) == (VisitState.FILED, ON, 2026, 2)
    first = made.revisions.get()
    assert (first.number, first.warnings, first.over_reason, first.said["检查内容"]) == (
        1,
        [],
        "",
        "三会一课",
    )
    with pytest.raises(VisitRefused, match="没有重复备案"):
        file_visit(scene.general, data=visit_data(scene), by=scene.staff, on=ON)
    assert events() == ["visit_filed"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"until": date(2026, 12, 1)}, "结束日期早于开始日期"),
        ({"until": date(2027, 1, 4)}, "请排在同一年度内"),
        ({"since": date(2026, 11, 17), "until": DAY}, "开始日期已过"),
        ({"targets": []}, "请选择检查哪些党支部"),
        ({"categories": [], "clauses": " \n"}, "请选择或写明检查内容"),
    ],
)
def test_what_no_reason_helps_against(scene: Scene, fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(VisitRefused, match=sentence):
        filed(scene, **fields)
    with pytest.raises(VisitRefused, match="所属的党支部"):
        filed(scene, targets=[scene.foreign_branch])
    assert not PlannedVisit.objects.exists()


def test_nothing_to_warn_of(scene: Scene) -> None:
    assert codes(scene) == []


def test_each_warning_is_said_with_its_reason_in_words(scene: Scene) -> None:
    filed(scene, department="纪检部门", title="专项督查", since=date(2026, 12, 8), until=date(2026, 12, 9))
    looked(scene)
    BusySeason.objects.create(organisation=scene.general, name="收购期", starts="12-10", ends="12-20")
    found = visit_warnings(
        visit_data(scene, targets=[scene.first], since=date(2026, 12, 17)), place=scene.general, on=ON
    )
    assert [warning.words for warning in found] == [
        "2026 年第四季度对同一支部第 2 次查“三会一课”，"
        f"超过 1 次（另有《专项督查（纪检部门，12 月 8 日—9 日）》），涉及{scene.first.name}。",
        f"与《突击检查（计划外，11 月 18 日）》只隔 29 天，少于 30 天，涉及{scene.first.name}。",
        f"与《专项督查（纪检部门，12 月 8 日—9 日）》只隔 8 天，少于 30 天，涉及{scene.first.name}。",
        "2026 年第四季度同一支部要接受 3 次检查，超过 2 次（另有《突击检查（计划外，11 月 18 日）》"
        f"《专项督查（纪检部门，12 月 8 日—9 日）》），涉及{scene.first.name}。",
        f"有 2 天在业务旺季（收购期），涉及{scene.first.name}。",
    ]


def test_short_notice_and_what_the_portal_has(scene: Scene) -> None:
    soon = visit_data(scene, since=date(2026, 11, 20), until=date(2026, 11, 20), materials="党员名册")
    (warning,) = visit_warnings(soon, place=scene.general, on=ON)
    assert (warning.code, "2 个工作日" in warning.words) == ("short_notice", True)
    found = materials_of(["党员名册", "三会一课记录", "特色做法一页"])
    assert [(m.words, m.slug) for m in found] == [
        ("党员名册", "members"),
        ("三会一课记录", "meetings"),
        ("特色做法一页", ""),
    ]


def test_over_a_warning_only_with_a_reason(scene: Scene) -> None:
    filed(scene)
    second = visit_data(scene, title="又一次")
    with pytest.raises(OverWarning, match=ASK_REASON[:6]):
        file_visit(scene.general, data=second, by=scene.staff, on=ON)
    made = file_visit(scene.general, data=second, by=scene.staff, on=ON, over_reason=" 上级要求 ")
    kept = made.revisions.get()
    assert ([w["code"] for w in kept.warnings], kept.over_reason) == (["same_clause", "gap"], "上级要求")


def test_a_change_keeps_the_old(scene: Scene) -> None:
    visit = filed(scene)
    with pytest.raises(VisitRefused, match="为什么变更"):
        change_visit(visit, data=visit_data(scene, people=1), by=scene.staff, on=ON)
    changed = visit_data(scene, people=1, targets=[scene.second])
    change_visit(visit, data=changed, by=scene.staff, on=ON, why="少去一个支部", seen=1)
    before, after = visit.revisions.order_by("number")
    assert (before.said["检查人数"], after.said["检查人数"], after.why) == ("2 人", "1 人", "少去一个支部")
    assert (before.said["检查对象"], list(visit.targets.all())) == (
        f"{scene.first.name}、{scene.second.name}",
        [scene.second],
    )
    with pytest.raises(VisitRefused, match=CHANGED_MEANWHILE[:8]):
        change_visit(visit, data=changed, by=scene.staff, on=ON, why="再改", seen=1)
    assert events() == ["visit_filed", "visit_changed"]


def test_a_cancelled_visit_says_why_and_is_over(scene: Scene) -> None:
    visit = filed(scene)
    with pytest.raises(VisitRefused, match="为什么取消"):
        cancel_visit(visit, reason=" ", by=scene.staff, on=ON)
    cancel_visit(visit, reason="合并到年度考核", by=scene.staff, on=ON)
    with pytest.raises(VisitRefused, match="不能再改"):
        cancel_visit(visit, reason="再取消", by=scene.staff, on=ON)
    visit.refresh_from_db()
    assert (visit.state, visit.reason, codes(scene)) == (VisitState.CANCELLED, "合并到年度考核", [])


def test_an_inspection_carries_a_visit_out_once(scene: Scene) -> None:
    visit, inspection = filed(scene), looked(scene)
    carry_out(visit, inspection, by=scene.staff)
    with pytest.raises(VisitRefused, match="不能再改"):
        carry_out(visit, inspection, by=scene.staff)
    other = filed(scene, title="只去二支部", targets=[scene.second])
    with pytest.raises(VisitRefused, match="没有去计划中"):
        carry_out(other, looked(scene, title="只去一支部", targets=[scene.first]), by=scene.staff)
    visit.refresh_from_db()
    assert (visit.state, visit.inspection) == (VisitState.DONE, inspection)


def test_registering_from_the_plan_makes_the_inspection(scene: Scene) -> None:
    visit = filed(scene, since=ON, until=ON)
    data = InspectionData(
        Source.PARTY_BUILDING_CHECK, visit.title, ON, ON, [scene.first, scene.second], visit.department
    )
    made = register_visit(visit, data=data, by=scene.staff, on=ON)
    assert list(Inspection.objects.filter(planned_visits=visit)) == [made]


def test_a_wrong_link_is_undone_with_its_reason(scene: Scene) -> None:
    visit, wrong, right = filed(scene), looked(scene), looked(scene, title="对的检查")
    with pytest.raises(VisitRefused, match="没有对应检查"):
        undo_link(visit, reason="错了", by=scene.staff, on=ON)
    carry_out(visit, wrong, by=scene.staff)
    with pytest.raises(VisitRefused, match="为什么解除"):
        undo_link(visit, reason=" ", by=scene.staff, on=ON)
    undo_link(visit, reason="点错了 ", by=scene.staff, on=ON)
    visit.refresh_from_db()
    before, after = visit.revisions.order_by("number")
    assert (visit.state, visit.inspection, after.number) == (VisitState.FILED, None, 2)
    assert (after.why, after.said) == ("解除与“突击检查”的对应：点错了", before.said)
    with pytest.raises(VisitRefused, match="没有对应检查"):
        undo_link(visit, reason="再解除", by=scene.staff, on=ON)
    carry_out(visit, right, by=scene.staff)
    assert events() == [
        "visit_filed", "visit_carried_out", "visit_link_undone", "visit_carried_out",
    ]  # fmt: skip


def test_no_change_and_no_merging_makes_a_visit_twice(scene: Scene) -> None:
    one, later = filed(scene), filed(scene, since=date(2026, 12, 22), until=date(2026, 12, 22))
    with pytest.raises(VisitRefused, match="没有重复备案"):
        change_visit(later, data=visit_data(scene), by=scene.staff, on=ON, why="提前", over_reason="急")
    other = filed(scene, title="党费核对", since=date(2026, 12, 24), until=date(2026, 12, 24))
    with pytest.raises(VisitRefused, match="没有重复备案"):
        merge_visits([later, other], since=one.since, until=one.since, by=scene.staff, on=ON)
    other.refresh_from_db()
    assert other.state == VisitState.FILED


def test_visits_of_one_name_are_merged_onto_a_day_of_one_of_them(scene: Scene) -> None:
    one, later = filed(scene), filed(scene, since=date(2026, 12, 22), until=date(2026, 12, 22))
    kept = merge_visits([one, later], since=later.since, until=later.until, by=scene.staff, on=ON)
    later.refresh_from_db()
    assert (kept, kept.since, later.state) == (one, date(2026, 12, 22), VisitState.MERGED)


def test_the_table_takes_a_visit_once_until_it_is_cancelled(scene: Scene) -> None:
    visit = filed(scene)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_visit(scene)
    cancel_visit(visit, reason="改期", by=scene.staff, on=ON)
    again = filed(scene)
    assert list(PlannedVisit.objects.order_by("pk").values_list("pk", "state")) == [
        (visit.pk, VisitState.CANCELLED),
        (again.pk, VisitState.FILED),
    ]


def test_merged_visits_are_one(scene: Scene) -> None:
    kept = filed(scene, targets=[scene.first], materials="党员名册")
    taken = filed(
        scene, department="财务部", title="党费核对", categories=["dues", "meetings"], clauses="党务经费",
        since=date(2026, 12, 22), until=date(2026, 12, 22), minutes=90, people=5,
        materials="党员名册\n缴费单",
    )  # fmt: skip
    made = merge_visits(
        [taken, kept], since=date(2026, 12, 21), until=date(2026, 12, 21), by=scene.staff, on=ON
    )
    taken.refresh_from_db()
    assert (made, taken.state, taken.merged_into) == (kept, VisitState.MERGED, kept)
    assert (made.categories, made.clauses, made.materials) == (
        ["meetings", "dues"],
        "党务经费",
        "党员名册\n缴费单",
    )
    assert (made.minutes, made.people, made.since, made.targets.count()) == (90, 5, date(2026, 12, 21), 2)
    assert [row.why for row in made.revisions.order_by("number")] == ["", "合并：财务部“党费核对”"]
    with pytest.raises(VisitRefused, match="已经开展、合并或取消"):
        merge_visits([kept, taken], since=DAY, until=DAY, by=scene.staff, on=ON)
    with pytest.raises(VisitRefused, match="至少两项"):
        merge_visits([kept], since=DAY, until=DAY, by=scene.staff, on=ON)


def test_a_state_holds_what_belongs_to_it(scene: Scene) -> None:
    visit = filed(scene)
    for fields in (
        {"state": VisitState.MERGED},
        {"state": VisitState.DONE},
        {"state": VisitState.CANCELLED},
        {"filed_on": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PlannedVisit.objects.filter(pk=visit.pk).update(**fields)


def test_last_years_plan_becomes_drafts_once(scene: Scene) -> None:
    visit = filed(scene, since=date(2026, 12, 3), until=date(2026, 12, 4), materials="党员名册")
    cancel_visit(filed(scene, title="不去了"), reason="重复", by=scene.staff, on=ON)
    (draft,) = copy_year(scene.general, 2027, by=scene.staff, on=ON)
    assert (draft.state, draft.copied_from, draft.since, draft.until) == (
        VisitState.DRAFT,
        visit,
        date(2027, 12, 3),
        date(2027, 12, 6),
    )
    assert (draft.materials, draft.targets.count(), draft.revisions.count()) == ("党员名册", 2, 0)
    with pytest.raises(VisitRefused, match="已经沿用过"):
        copy_year(scene.general, 2027, by=scene.staff, on=ON)
    with pytest.raises(VisitRefused, match="可以直接删去"):
        cancel_visit(draft, reason="不要", by=scene.staff, on=ON)
    with pytest.raises(VisitRefused, match="还没有备案"):
        carry_out(draft, looked(scene), by=scene.staff)
    with pytest.raises(VisitRefused, match="已经备案"):
        drop_draft(visit, by=scene.staff)
    change_visit(draft, data=visit_data(scene, since=draft.since, until=draft.until), by=scene.staff, on=ON)
    draft.refresh_from_db()
    assert (draft.state, draft.revisions.get().number) == (VisitState.FILED, 1)


def test_a_draft_may_be_dropped(scene: Scene) -> None:
    filed(scene)
    (draft,) = copy_year(scene.general, 2027, by=scene.staff, on=ON)
    drop_draft(draft, by=scene.staff)
    assert (PlannedVisit.objects.filter(year=2027).count(), events()[-1]) == (0, "visit_draft_dropped")


# --- three in a row ------------------------------------------------------------------------------------

THREE = (date(2026, 3, 3), date(2026, 6, 3), date(2026, 9, 3))


def three(scene: Scene, **fields: Any) -> list[PlannedVisit]:
    return [done(scene, day=day, title=f"第{n}次", **fields) for n, day in enumerate(THREE, start=1)]


def proposed(scene: Scene, year: int = 2027) -> list[tuple[str, str, int, int]]:
    rows = proposals([scene.general, scene.foreign_general], year, on=ON)
    return [(row.department, row.clause_name, row.times, row.fewer) for row in rows]


def test_three_clean_visits_propose_one_less(scene: Scene) -> None:
    done(scene, day=date(2026, 2, 2), title="别的部门", department="财务部")
    visits = three(scene, clauses="党务经费")
    assert proposed(scene) == [("党建工作部", "三会一课", 3, 2), ("党建工作部", "党务经费", 3, 2)]
    assert proposed(scene, 2026) == []
    # A finding of another category leaves the category clean, and the own line not.
    make_finding(
        scene.first, by=scene.staff, on=ON, inspection=visits[2].inspection, category=ErrorCategory.DUES
    )
    assert proposed(scene) == [("党建工作部", "三会一课", 3, 2)]
    make_finding(
        scene.first, by=scene.staff, on=ON, inspection=visits[1].inspection, category=ErrorCategory.MEETINGS
    )
    assert proposed(scene) == []


def test_a_decision_is_shown_when_the_next_year_is_filed(scene: Scene) -> None:
    three(scene)
    (row,) = proposals([scene.general], 2027, on=ON)
    day = date(2027, 3, 3)
    asked = visit_data(scene, since=day, until=day)
    words = [w.words for w in visit_warnings(asked, place=scene.general, on=ON) if w.code == "lighter"]
    assert words == ["“三会一课”已连续 3 次检查没有发现问题，建议由每年 3 次减为 2 次，党总支还没有决定。"]
    with pytest.raises(VisitRefused, match="不同意的，请写明原因"):
        decide_frequency(row, decision=Decision.DECLINED, reason="", by=scene.staff, on=ON)
    decide_frequency(row, decision=Decision.ACCEPTED, reason="", by=scene.staff, on=ON)
    with pytest.raises(VisitRefused, match="已经有了决定"):
        decide_frequency(row, decision=Decision.DECLINED, reason="不行", by=scene.staff, on=ON)
    assert (FrequencyDecision.objects.get().times, codes(scene, since=day, until=day)) == (2, [])
    for month in (3, 7):
        filed(scene, since=date(2027, month, 1), until=date(2027, month, 1), title=f"{month} 月检查")
    late = date(2027, 11, 1)
    (warning,) = visit_warnings(visit_data(scene, since=late, until=late), place=scene.general, on=ON)
    assert warning.words == (
        "“三会一课”已连续 3 次检查没有发现问题，已同意由每年 3 次减为 2 次；"
        "2027 年已备案 2 次，这次是多出来的。"
    )
    # What is changed does not count itself.
    visit = PlannedVisit.objects.get(title="7 月检查")
    july = visit_data(scene, title=visit.title, since=visit.since, until=visit.until)
    found = visit_warnings(july, place=scene.general, visit=visit, on=ON)
    assert [w.words for w in found if w.code == "lighter"] == []
