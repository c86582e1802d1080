"""What a pack holds, and how its lines follow what they tell of."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.actions.members import add_event
from branches.models import BusySeason, DevelopmentCase, Organisation, Term
from branches.rules import EventKind, MemberStatus, Role
from reminders.actions.handover import (
    HandoverRefused,
    cancel_handover,
    check_handover,
    confirm_lines,
    note_line,
    open_due_handovers,
    open_handover,
    repack,
    sign_handover,
)
from reminders.actions.items import mark_not_applicable, undo_item
from reminders.handover_rules import Capacity, HandoverState, LineState, Part
from reminders.models import Handover, HandoverLine, ItemReturn, StudyMaterial, StudyPack
from tests.factories.branches import make_group, make_holder, make_member, make_post
from tests.factories.items import make_done, make_item
from tests.factories.reminders import make_action, make_task
from tests.reminders.handovers import (
    DAY,
    NOW,
    ON,
    confirmed,
    current,
    make_scene,
    mine,
    opened,
    signed,
)

pytestmark = pytest.mark.django_db
PLAIN: dict[str, Any] = {
    "common_mistakes": [],
    "due_rule": {"kind": "yearly_window", "start": "03-01", "end": "03-31"},
}


def titles(handover: Handover, part: Part) -> list[str]:
    return list(handover.lines.filter(part=part).order_by("position").values_list("title", flat=True))


def line_of(handover: Handover, title: str) -> HandoverLine:
    return handover.lines.get(title__startswith=title)


def test_open_items_of_this_post_and_of_nobody_are_in_it() -> None:
    scene = make_scene()
    colleague = make_post(scene.branch, Role.WORKER)
    mine(scene, name="我的事项", **PLAIN)
    make_item(scene.branch, name="无人负责", due=ON - DAY, **PLAIN)
    make_item(scene.branch, name="同事的事项", responsible_post=colleague, **PLAIN)
    make_item(scene.other, name="别的支部", **PLAIN)
    make_done(scene.branch, name="办结的", done_on=ON, **PLAIN)
    handover = opened()
    assert titles(handover, Part.OPEN_ITEMS) == ["无人负责", "我的事项"]
    line = line_of(handover, "我的事项")
    item = scene.branch.reminder_items.get(version__name="我的事项")
    assert (line.due_on, line.url) == (date(2026, 11, 30), f"/w/reminders/items/{item.pk}/")


def test_what_begins_within_sixty_days_is_said_by_item_or_by_the_catalogue() -> None:
    scene = make_scene()
    coming = {"due": date(2027, 1, 31), "opens": date(2027, 1, 10), "period": "2027"}
    mine(scene, name="已在清单", **coming, **PLAIN)
    mine(scene, name="太远", due=date(2027, 3, 1), opens=date(2027, 2, 1), **PLAIN)
    make_action(name="每月一次", due_rule={"kind": "periodic", "period": "month"})
    make_action(name="以后才有的条件", applies_when=["has_committee"])
    handover = opened()
    assert titles(handover, Part.AHEAD) == ["已在清单", "每月一次", "每月一次"]
    days = handover.lines.filter(title="每月一次").order_by("due_on").values_list("detail", "due_on")
    assert list(days) == [
        ("2026 年 12 月；12 月 1 日 周二起办理", date(2026, 12, 31)),
        ("2027 年 1 月；1 月 1 日 周五起办理", date(2027, 1, 29)),
    ]


def test_a_secretary_s_pack_foresees_nothing_where_a_worker_keeps_the_list() -> None:
    scene = make_scene()
    make_action(name="每月一次", due_rule={"kind": "periodic", "period": "month"})
    post = scene.branch.posts.get(role=Role.SECRETARY)
    handover = open_handover(post, last_day=ON, by=scene.staff, on=ON)
    assert titles(handover, Part.AHEAD) == []


def test_a_duty_that_begins_stays_one_line_and_keeps_its_note() -> None:
    scene = make_scene()
    action = make_action(name="每月一次", due_rule={"kind": "periodic", "period": "month"})
    handover = opened()
    line = handover.lines.get(subject=f"{action.pk}:2026-12:")
    note_line(line, note="场地要提前借", by=scene.leaver)
    mine(scene, action=action, period="2026-12", due=date(2026, 12, 31))
    repack(handover, on=date(2026, 12, 1))
    kept = handover.lines.get(subject=f"{action.pk}:2026-12:")
    assert (kept.pk, kept.part, kept.note, kept.state) == (
        line.pk,
        Part.OPEN_ITEMS,
        "场地要提前借",
        LineState.CURRENT,
    )


def test_special_tasks_are_promises_whoever_keeps_them() -> None:
    scene = make_scene()
    task = make_task(scene.general, [scene.branch], start=ON, end=date(2026, 12, 10))
    mine(scene, action=task.action, period="once", due=date(2026, 12, 10))
    handover = opened()
    assert titles(handover, Part.PROMISES) == [task.action.versions.get().name]
    assert titles(handover, Part.OPEN_ITEMS) == []


def test_recruiting_cases_come_with_their_next_step_and_day() -> None:
    scene = make_scene()
    for place in (scene.branch, scene.other):
        person = make_member(place, name=f"{place.pk}号", status=MemberStatus.ACTIVIST)
        DevelopmentCase.objects.create(
            member=person,
            opened_on=date(2026, 1, 5),
            next_step=6,
            next_due_on=date(2026, 12, 20),
            blocked="缺培养人",
        )
    handover = opened()
    line = handover.lines.get(part=Part.RECRUITING)
    assert (line.title, line.detail, line.due_on) == (
        f"{scene.branch.pk}号：下一步：培养教育考察",
        "缺培养人",
        date(2026, 12, 20),
    )


def test_the_branch_is_described_by_its_facts() -> None:
    scene = make_scene()
    place = scene.branch
    Organisation.objects.filter(pk=place.pk).update(party_day=10)
    people = [make_member(place) for _ in range(3)]
    make_member(place, status=MemberStatus.PROBATIONARY)
    make_member(place, status=MemberStatus.ACTIVIST)
    make_group(place, "第一党小组", members=people[:2])
    Term.objects.create(organisation=place, elected_on=date(2024, 1, 5), ends_on=date(2027, 1, 5))
    BusySeason.objects.create(organisation=scene.general, name="收购期", starts="08-01", ends="11-15")
    add_event(people[0], kind=EventKind.RETIRED, on=date(2026, 12, 31), by=None)
    handover = opened()
    assert titles(handover, Part.BRANCH) == [
        "正式党员 3 名，预备党员 1 名",
        "书记赵书记",
        "本届任期到 1 月 5 日 周二",
        "党小组 1 个",
        "主题党日：每月 10 日",
        "收购期：8 月 1 日至 11 月 15 日",
        f"{people[0].name}：退休",
    ]


def sent_back(item: Any, times: int = 1) -> None:
    for _ in range(times):
        ItemReturn.objects.create(item=item, checklist_line="缺签到表", reason="请补签到", by=item.done_by)


def test_own_mistakes_come_first_and_eight_are_enough() -> None:
    scene = make_scene()
    staff = scene.staff
    action = make_action(name="党员大会", common_mistakes=[])
    late = [
        make_done(scene.branch, action=action, done_on=due + 3 * DAY, due=due, period=f"p{n}", done_by=staff)
        for n, due in enumerate((date(2026, 3, 31), date(2026, 6, 30)))
    ]
    sent_back(late[0], times=2)
    for n in range(9):
        mine(scene, name=f"事项{n}", due=date(2026, 11, 20 + n))
    handover = opened()
    found = titles(handover, Part.TRAPS)
    assert len(found) == 8
    assert found[:3] == [
        "“党员大会”被退回过 2 次：缺签到表",
        "“党员大会”一年里有 2 次晚于时限",
        "事项0：只有照片没有内容",
    ]
    assert line_of(handover, "“党员大会”被退回过").detail == "最近一次：请补签到"


def test_another_branch_s_mistakes_and_old_ones_are_not_told() -> None:
    scene = make_scene()
    foreign = make_done(scene.other, done_on=ON, done_by=scene.staff, **PLAIN)
    old = make_done(scene.branch, done_on=date(2024, 1, 5), done_by=scene.staff, **PLAIN)
    sent_back(foreign)
    sent_back(old)
    ItemReturn.objects.filter(item=old).update(at=datetime(2024, 11, 17, tzinfo=UTC))
    assert titles(opened(), Part.TRAPS) == []


def test_of_sensitive_actions_the_name_alone_is_said() -> None:
    scene = make_scene()
    given = {"sensitive": True, "common_mistakes": [{"mistake": "写了内容"}]}
    item = mine(scene, name="谈话提醒", note="某某的情况", **given)
    item.done_by = scene.staff
    sent_back(item)
    handover = opened()
    assert titles(handover, Part.OPEN_ITEMS) == ["谈话提醒"]
    assert titles(handover, Part.TRAPS) == ["“谈话提醒”被退回过 1 次"]
    words = " ".join(f"{line.title}{line.detail}" for line in handover.lines.all())
    assert [secret for secret in ("某某", "写了内容", "签到") if secret in words] == []


def test_materials_for_what_lies_ahead() -> None:
    scene = make_scene()
    item = mine(scene, name="党课", **PLAIN)
    other = make_action(name="无关", due_rule=PLAIN["due_rule"])
    for title, action in (("党课资料包", item.action), ("别的资料包", other)):
        pack = StudyPack.objects.create(title=title, organisation=scene.general, made_by=scene.staff)
        pack.actions.add(action)
        StudyMaterial.objects.create(pack=pack, title="讲稿", url="https://example.org/")
    handover = opened()
    assert titles(handover, Part.MATERIALS) == ["党课资料包"]
    assert line_of(handover, "党课资料包").detail == "用于党课"


def test_contacts_and_documents_are_those_the_holder_may_use() -> None:
    scene = make_scene()
    make_holder(scene.other, Role.SECRETARY)
    handover = opened()
    assert titles(handover, Part.CONTACTS) == ["书记：赵书记", "党总支党务干部：孙干部"]
    assert titles(handover, Part.DOCUMENTS) == [
        "事项目录",
        "规则与依据",
        "竞赛台账",
        "要求登记台账",
        "错题库台账",
        "学时台账",
        "检查台账",
        "减负措施台账",
        "三会一课台账",
        "党员名册",
        "成果台账",
        "主题党日台账",
        "任职与任期台账",
        "复查台账",
        "发展党员台账",
        "问题整改台账",
        "提醒事项台账",
        "轮训台账",
        "考核办法台账",
        "培训台账",
        "问卷结果",
        "谈心谈话台账",
        "检查计划台账",
    ]
    staff_post = scene.general.posts.get()
    own = open_handover(staff_post, last_day=ON, by=scene.staff, on=ON)
    assert titles(own, Part.DOCUMENTS)[-1] == "名册表格"


@pytest.mark.parametrize("rows", [1, 12])
def test_the_number_of_statements_does_not_grow_with_the_lines(rows: int) -> None:
    scene = make_scene()
    task = make_task(scene.general, [scene.branch], start=ON, end=date(2026, 12, 10))
    mine(scene, action=task.action, period="once", due=date(2026, 12, 10))
    for n in range(rows):
        item = mine(scene, name=f"事项{n}", due=date(2026, 11, 30))
        item.done_by = scene.staff
        sent_back(item)
        person = make_member(scene.branch, status=MemberStatus.ACTIVIST)
        DevelopmentCase.objects.create(member=person, opened_on=date(2026, 1, 5), next_step=6)
        make_post(scene.branch, Role.DEPUTY_SECRETARY, until=ON + n * DAY, since=ON - DAY)
        pack = StudyPack.objects.create(title=f"资料{n}", organisation=scene.general, made_by=scene.staff)
        pack.actions.add(item.action)
        StudyMaterial.objects.create(pack=pack, title="讲稿", url="https://example.org/")
    handover = opened()
    with CaptureQueriesContext(
        connection,
    ) as seen:
        repack(handover, on=ON)
    assert len(seen) == 27


class TestFollowing:
    """Lines follow what they tell of."""

    def test_repacking_changes_nothing_when_nothing_did(self) -> None:
        scene = make_scene()
        mine(scene)
        handover = opened()
        before = list(handover.lines.order_by("pk").values())
        repack(handover, on=ON)
        assert list(handover.lines.order_by("pk").values()) == before

    def test_a_closed_item_is_settled_and_an_undone_one_is_back(self) -> None:
        scene = make_scene()
        item = mine(scene, **PLAIN)
        handover = opened()
        line = handover.lines.get(part=Part.OPEN_ITEMS)
        mark_not_applicable(item, reason="本月停办", by=scene.leaver, on=ON)
        repack(handover, on=ON)
        line.refresh_from_db()
        assert line.state == LineState.SETTLED
        undo_item(item, by=scene.leaver, on=ON)
        repack(handover, on=ON)
        line.refresh_from_db()
        assert line.state == LineState.CURRENT

    def test_another_day_has_to_be_confirmed_again_and_the_note_stays(self) -> None:
        scene = make_scene(newcomer_since=ON - DAY)
        item = mine(scene, **PLAIN)
        handover = opened()
        note_line(handover.lines.get(part=Part.OPEN_ITEMS), note="已约好", by=scene.leaver)
        check_handover(handover, by=scene.leaver, on=ON)
        confirm_lines(handover, confirmed=current(handover), questions={}, by=scene.newcomer, on=ON)
        assert handover.state == HandoverState.CONFIRMED
        item.due_on = date(2026, 12, 5)
        item.save()
        repack(handover, on=ON)
        line = handover.lines.get(part=Part.OPEN_ITEMS)
        assert (line.confirmed_at, line.note, line.due_on) == (None, "已约好", date(2026, 12, 5))
        assert (handover.state, handover.confirmed_at) == (HandoverState.CHECKED, None)
        others = handover.lines.exclude(pk=line.pk).filter(confirmed_at=None)
        assert others.count() == 0

    def test_a_closing_in_between_does_not_ask_again(self) -> None:
        scene = make_scene(newcomer_since=ON - DAY)
        item = mine(scene, **PLAIN)
        handover = confirmed(scene)
        mark_not_applicable(item, reason="停办", by=scene.leaver, on=ON)
        repack(handover, on=ON)
        assert handover.state == HandoverState.CONFIRMED
        assert handover.lines.filter(state=LineState.SETTLED).count() == 1

    def test_a_new_matter_is_one_more_line_to_confirm(self) -> None:
        scene = make_scene(newcomer_since=ON - DAY)
        handover = confirmed(scene)
        mine(scene, **PLAIN)
        repack(handover, on=ON)
        assert handover.state == HandoverState.CHECKED
        assert handover.lines.filter(confirmed_at=None).count() == 1

    def test_from_the_first_signature_on_lines_are_settled_only(self) -> None:
        scene = make_scene(newcomer_since=ON - DAY)
        item = mine(scene, **PLAIN)
        handover = confirmed(scene)
        sign_handover(handover, capacity=Capacity.LEAVER, by=scene.leaver, on=ON, now=NOW)
        mine(scene, name="新的事项", **PLAIN)
        item.due_on = date(2026, 12, 5)
        item.save()
        repack(handover, on=ON)
        assert handover.state == HandoverState.CONFIRMED
        assert titles(handover, Part.OPEN_ITEMS) == ["主题党日"]
        assert handover.lines.get(part=Part.OPEN_ITEMS).due_on == date(2026, 11, 30)
        mark_not_applicable(item, reason="停办", by=scene.leaver, on=ON)
        repack(handover, on=ON)
        assert handover.lines.get(part=Part.OPEN_ITEMS).state == LineState.SETTLED

    def test_advice_follows_until_it_was_checked_and_then_stands(self) -> None:
        scene = make_scene(newcomer_since=ON - DAY)
        items = [mine(scene, name=f"事项{n}", due_rule=PLAIN["due_rule"]) for n in range(2)]
        handover = opened()
        assert len(titles(handover, Part.TRAPS)) == 2
        mark_not_applicable(items[0], reason="停办", by=scene.leaver, on=ON)
        repack(handover, on=ON)
        assert titles(handover, Part.TRAPS) == ["事项1：只有照片没有内容"]
        check_handover(handover, by=scene.leaver, on=ON)
        mark_not_applicable(items[1], reason="停办", by=scene.leaver, on=ON)
        repack(handover, on=ON)
        assert titles(handover, Part.TRAPS) == ["事项1：只有照片没有内容"]
        assert handover.lines.get(part=Part.TRAPS).state == LineState.CURRENT

    def test_what_is_over_is_never_packed_again(self) -> None:
        scene = make_scene(newcomer_since=ON - DAY)
        handover = signed(scene)
        with pytest.raises(HandoverRefused, match="交接已经完成"):
            repack(handover, on=ON)
        post = make_post(scene.branch, Role.DEPUTY_SECRETARY)
        other = open_handover(post, last_day=ON, by=scene.staff, on=ON)
        cancel_handover(other, reason="不必", by=scene.staff, on=ON)
        with pytest.raises(HandoverRefused, match="交接已撤销（不必）"):
            repack(other, on=ON)

    def test_signed_lines_stay_whatever_happens_later(self) -> None:
        scene = make_scene(newcomer_since=ON - DAY)
        item = mine(scene, **PLAIN)
        handover = signed(scene)
        before = list(handover.lines.order_by("pk").values())
        mark_not_applicable(item, reason="停办", by=scene.newcomer, on=ON)
        open_due_handovers(on=ON + timedelta(days=20))
        assert list(handover.lines.order_by("pk").values()) == before
