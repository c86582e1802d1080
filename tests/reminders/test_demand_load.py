"""The register and the load of a month: recomputable by hand, the same number of statements for any scope."""

from datetime import date
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from branches.models import Organisation, PolicyRule
from branches.rules import Role
from periods.months import Month
from reminders.demand_rules import DemandKind, DemandSource, DemandState, Nature, Per
from reminders.models import AgreedTime, OutsideDemand, ReminderItem
from reminders.queries.demand_load import PORTAL, LoadPart, branch_loads, item_lines, load_of
from reminders.queries.demands import register, replaceable
from tests.factories.branches import make_organisation, make_post
from tests.factories.demands import make_agreement, make_demand
from tests.factories.reminders import make_action, make_task
from tests.reminders.scene import ON, Scene, central_action, done, make_item, make_scene

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def everybody(scene: Scene) -> list[str]:
    return [line.name for line in register(scene.general, on=ON)]


# ---- the register --------------------------------------------------------------------------------------


def test_the_register_holds_the_catalogue_the_tasks_and_what_is_asked_elsewhere(scene: Scene) -> None:
    central_action()
    make_action(name="不采纳的事项", default_adopted=False)
    make_action(name="党总支的事项", applies_when=["general_branch"])
    task = make_task(scene.general, [scene.first], start=ON, end=date(2026, 11, 30))
    make_task(scene.general, [scene.first], start=date(2026, 10, 1), end=date(2026, 10, 30))
    make_demand(scene.committee, name="学习打卡", asker="平台", kind="check_in", per=Per.WORKDAY, minutes=5)
    make_demand(scene.first, name="车间安全日志", asker="生产科")
    make_demand(scene.general, name="还没有核对的", state=DemandState.PROPOSED)
    make_demand(scene.general, name="已经停止的", until=date(2026, 11, 17))
    make_demand(scene.foreign_general, name="外单位的")
    lines = register(scene.general, on=ON)
    found = [
        (line.source, line.name, line.asker, line.kind, line.nature, line.times_a_year, line.minutes_a_month)
        for line in lines
    ]
    assert found == [
        (DemandSource.ACTION, "支部党员大会", "中央规定动作", "action", "core", Decimal(4), Decimal("20.0")),
        (DemandSource.TASK, task.action.versions.get().name, "党总支", "task", "core", None, Decimal(30)),
        (DemandSource.OUTSIDE, "学习打卡", "平台", "check_in", "formality", Decimal(250), Decimal("104.2")),
        (DemandSource.OUTSIDE, "车间安全日志", "生产科", "report", "formality", Decimal(12), Decimal("30.0")),
    ]  # fmt: skip
    assert [line.place for line in lines] == ["党总支", "党总支", "上级党委", scene.first.name]


def test_a_branch_sees_what_reaches_it_and_nothing_of_its_neighbours(scene: Scene) -> None:
    make_task(scene.general, [scene.second], start=ON, end=date(2026, 11, 30))
    make_demand(scene.general, name="党总支月报")
    make_demand(scene.second, name="第二支部日志")
    assert [line.name for line in register(scene.first, on=ON)] == ["党总支月报"]


def test_only_what_an_organisation_asks_itself_can_be_replaced(scene: Scene) -> None:
    central_action()
    local = make_action(name="本总支月小结", organisation=scene.general)
    make_action(name="党委要求的", organisation=scene.committee)
    own = make_demand(scene.general, own=True, name="党总支周报")
    make_demand(scene.general, name="公司报表")
    task = make_task(scene.general, [scene.first], start=ON, end=date(2026, 11, 30))
    found = [line.key for line in replaceable(register(scene.general, on=ON), scene.general)]
    assert found == [f"action:{local.code}", f"task:{task.pk}", f"outside:{own.pk}"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_register_needs_four_statements(
    scene: Scene, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _ in range(rows):
        make_action(organisation=scene.general)
        make_demand(scene.general)
        make_task(scene.general, [scene.first, scene.second], start=ON, end=ON)
    with django_assert_num_queries(4):
        lines = register(scene.general, on=ON)
    assert len(lines) == 3 * rows


# ---- the load ------------------------------------------------------------------------------------------


def load_scene(scene: Scene) -> None:
    """Items of both branches, one of them registered and one closed by a fact; demands; one agreement."""
    meeting = central_action()
    summary = make_action(name="半年小结", category="planning", burden_candidate=True, minutes=45)
    own = make_action(name="总支会议", organisation=scene.general, minutes=20)
    make_item(scene.first, meeting, **done(ON))
    make_item(scene.first, summary, period="2026H2")
    make_item(scene.second, meeting, settled_by="event:1", reason="已由事实确认", **done(ON))
    make_item(scene.second, own)
    make_item(scene.second, own, period="2026-12", due_on=date(2026, 12, 31))
    make_item(scene.second, summary, period="2026H2", state="withdrawn", reason="停用")
    make_item(scene.foreign_branch, meeting)
    make_item(scene.general, own)
    make_demand(scene.general, minutes=90, per=Per.QUARTER)
    make_demand(scene.first, name="周例会", kind="meeting", nature=Nature.CORE, per=Per.WEEK, minutes=15)
    make_demand(scene.general, name="月底前停止", until=date(2026, 11, 29))
    make_demand(scene.foreign_general)
    make_agreement(make_post(scene.first, Role.WORKER), "1.5")


def by_hand(scene: Scene, month: Month) -> dict[str, Decimal]:
    """The same month added up from the rows themselves, branch by branch."""
    found: dict[str, Decimal] = {}

    def add(key: str, minutes: Decimal | int) -> None:
        found[key] = found.get(key, Decimal(0)) + minutes

    for branch in (scene.first, scene.second):
        for item in ReminderItem.objects.filter(organisation=branch):
            if item.due_on in month and item.state in ("open", "returned", "done"):
                add(f"{branch.pk}", item.minutes)
                add("formality" if item.version.burden_candidate else "core", item.minutes)
                if item.state == "done" and not item.settled_by:
                    add(f"{branch.pk}", 2)
                    add("formality", 2)
                    add("portal", 2)
        for demand in OutsideDemand.objects.filter(state="standing"):
            here = branch.path.startswith(demand.organisation.path)
            if here and demand.since <= month.last and (demand.until is None or demand.until >= month.last):
                factor = {"workday": 250, "week": 52, "month": 12, "quarter": 4, "half_year": 2, "year": 1}
                yearly = demand.minutes * demand.times * factor[demand.per]
                share = (Decimal(yearly) / 12).quantize(Decimal("0.1"))
                add(f"{branch.pk}", share)
                add(demand.nature, share)
    return found


def test_the_load_of_a_month_can_be_added_up_by_hand(scene: Scene) -> None:
    load_scene(scene)
    places = Organisation.objects.within(scene.general)
    load, hand = load_of(places, NOVEMBER, on=ON), by_hand(scene, NOVEMBER)
    assert (load.core, load.formality, Decimal(load.portal_minutes)) == (
        hand["core"],
        hand["formality"],
        hand["portal"],
    )
    assert {str(pk): each.minutes for pk, each in branch_loads(places, NOVEMBER, on=ON).items()} == {
        str(branch.pk): hand[str(branch.pk)] for branch in (scene.first, scene.second)
    }
    assert load.minutes == hand[str(scene.first.pk)] + hand[str(scene.second.pk)] == Decimal("312.0")
    assert (load.branches, load.recorded, load.average, load.formality_percent) == (2, 1, 156, 34)


def test_the_load_is_told_by_asker_and_kind(scene: Scene) -> None:
    load_scene(scene)
    load = load_of(Organisation.objects.within(scene.general), NOVEMBER, on=ON)
    assert load.parts == (
        LoadPart("中央规定动作", DemandKind.ACTION, Nature.CORE, 2, Decimal(120)),
        LoadPart("公司办公室", DemandKind.MEETING, Nature.CORE, 1, Decimal("65.0")),
        LoadPart("公司办公室", DemandKind.REPORT, Nature.FORMALITY, 2, Decimal("60.0")),
        LoadPart("中央规定动作", DemandKind.REPORT, Nature.FORMALITY, 1, Decimal(45)),
        LoadPart("党总支", DemandKind.MEETING, Nature.CORE, 1, Decimal(20)),
        LoadPart(PORTAL, DemandKind.ENTRY, Nature.FORMALITY, 1, Decimal(2)),
    )  # fmt: skip
    # 中央规定动作 120+45, then the office, the general branch, and the portal itself.
    assert load.by_asker == [
        ("中央规定动作", Decimal(165)),
        ("公司办公室", Decimal("125.0")),
        ("党总支", Decimal(20)),
        (PORTAL, Decimal(2)),
    ]
    assert load.by_kind[0] == ("规定动作", Decimal(120))


def test_every_minute_stands_on_a_line(scene: Scene) -> None:
    load_scene(scene)
    places = Organisation.objects.within(scene.general)
    load, items = load_of(places, NOVEMBER, on=ON), item_lines(places, NOVEMBER, on=ON)
    assert [(line.source, line.name, line.count, line.minutes) for line in (*items, *load.outside)] == [
        (DemandSource.ACTION, "支部党员大会", 2, Decimal(120)),
        (DemandSource.ACTION, "半年小结", 1, Decimal(45)),
        (DemandSource.ACTION, "总支会议", 1, Decimal(20)),
        (DemandSource.OUTSIDE, "月度业务小结", 2, Decimal("60.0")),
        (DemandSource.OUTSIDE, "周例会", 1, Decimal("65.0")),
    ]
    lines = sum(line.minutes for line in (*items, *load.outside))
    assert lines + load.portal_minutes == load.minutes


def test_agreed_hours_are_the_budget_and_else_the_rule(scene: Scene) -> None:
    load_scene(scene)
    load = load_of(Organisation.objects.within(scene.general), NOVEMBER, on=ON)
    # 21 workdays of November: 1.5 hours × 60 × 21 ÷ 5 = 378; the other branch has the rule's 480.
    assert (load.budget_minutes, load.agreed, load.over) == (378 + 480, 1, 0)
    AgreedTime.objects.update(hours_a_week=Decimal("0.5"))
    load = load_of(Organisation.objects.within(scene.general), NOVEMBER, on=ON)
    assert (load.budget_minutes, load.over) == (126 + 480, 1)


def test_an_agreement_ends_with_the_post_and_with_its_own_day(scene: Scene) -> None:
    make_agreement(make_post(scene.first, until=date(2026, 11, 20)), "4")
    make_agreement(make_post(scene.second), "4", until=date(2026, 11, 20))
    load = load_of(Organisation.objects.within(scene.general), NOVEMBER, on=ON)
    assert (load.agreed, load.budget_minutes) == (0, 960)
    october = load_of(Organisation.objects.within(scene.general), Month(2026, 10), on=ON)
    assert october.agreed == 2


def test_the_minutes_of_the_portal_are_a_rule(scene: Scene) -> None:
    load_scene(scene)
    rule = {"name": "登记用时", "metric": "minutes", "operator": "==", "severity": "local"}
    PolicyRule.objects.create(
        code="portal_minutes_per_item", low=5, basis=[], effective_from=date(2026, 1, 1), **rule
    )
    assert load_of(Organisation.objects.within(scene.general), NOVEMBER, on=ON).portal_minutes == 5


@pytest.mark.parametrize("more", [0, 3])
def test_the_load_needs_six_statements(
    scene: Scene, django_assert_num_queries: DjangoAssertNumQueries, more: int
) -> None:
    load_scene(scene)
    for _ in range(more):
        branch = make_organisation(parent=scene.general)
        make_item(branch, ReminderItem.objects.earliest("pk").action, **done(ON))
        make_demand(branch)
        make_agreement(make_post(branch))
    with django_assert_num_queries(6):
        load = load_of(Organisation.objects.within(scene.general), NOVEMBER, on=ON)
    assert load.branches == 2 + more
