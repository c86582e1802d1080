"""What the portal counts for measures: notice, summaries, forms without a basis, check-ins, agreed hours."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from branches.models import Organisation
from burden.measured import measured
from periods.months import Month
from reminders.models import SpecialTask
from tests.factories.branches import make_post
from tests.factories.demands import make_agreement, make_demand
from tests.factories.reminders import make_action, make_task
from tests.reminders.scene import ON, Scene, make_scene

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def counted(code: str, place: Organisation) -> tuple[Decimal, str, str] | None:
    found = measured(code, place, NOVEMBER, on=ON)
    return (found.value, found.evidence, found.url) if found else None


def sent(scene: Scene, sent_on: date, end: date, kind: str = "task") -> None:
    task = make_task(scene.general, [scene.first], start=sent_on, end=end)
    at = datetime(sent_on.year, sent_on.month, sent_on.day, 4, tzinfo=UTC)
    SpecialTask.objects.filter(pk=task.pk).update(sent_at=at, demand_kind=kind)


def test_notice_is_counted_from_the_day_of_sending(scene: Scene) -> None:
    assert counted("lead_time", scene.general) is None
    sent(scene, date(2026, 11, 2), date(2026, 11, 4))
    sent(scene, date(2026, 11, 2), date(2026, 11, 5))
    sent(scene, date(2026, 11, 9), date(2026, 11, 30))
    sent(scene, date(2026, 10, 9), date(2026, 10, 9))
    assert counted("lead_time", scene.general) == (
        Decimal(33),
        "2026 年 11 月发出专项工作 3 项，其中 1 项留给支部不足 3 个工作日。",
        "/w/reminders/tasks/",
    )
    assert counted("lead_time", scene.foreign_general) is None


def test_without_any_summary_the_count_is_nought(scene: Scene) -> None:
    assert counted("cut_summaries", scene.general) == (
        Decimal("0.0"),
        "2026-11-18 平均每个支部：事项库全年 0 篇，系统外在册全年 0.0 篇，今年发出的专项工作 0.0 篇。",
        "/w/burden/demands/?kind=report",
    )


def test_summaries_are_those_of_a_branch_on_average(scene: Scene) -> None:
    rule = {"kind": "periodic", "period": "half_year"}
    make_action(name="半年小结", category="planning", burden_candidate=True, due_rule=rule)
    make_demand(scene.general, per="quarter")
    make_demand(scene.first, name="月小结")
    make_demand(scene.general, name="例会", kind="meeting")
    sent(scene, date(2026, 3, 2), date(2026, 3, 20), "report")
    assert counted("cut_summaries", scene.general) == (
        Decimal("12.5"),
        "2026-11-18 平均每个支部：事项库全年 2 篇，系统外在册全年 10.0 篇，今年发出的专项工作 0.5 篇。",
        "/w/burden/demands/?kind=report",
    )


def test_forms_without_a_basis_stand_in_no_catalogue(scene: Scene) -> None:
    make_demand(scene.general, name="统计表", kind="form")
    make_demand(scene.general, name="月报", kind="form", basis="公司办法")
    assert counted("form_catalogue", scene.general) == (
        Decimal(1),
        "2026-11-18 在册报表 2 份，其中没有写明依据的 1 份：统计表。",
        "/w/burden/demands/?kind=form",
    )


def test_check_ins_are_counted_as_they_stand(scene: Scene) -> None:
    make_demand(scene.general, name="学习打卡", kind="check_in")
    make_demand(scene.general, name="停了的打卡", kind="check_in", until=date(2026, 10, 31))
    assert counted("no_checkin", scene.general) == (
        Decimal(1),
        "2026-11-18 在册的打卡签到类要求 1 项：学习打卡。本系统没有打卡签到。",
        "/w/burden/demands/?kind=check_in",
    )


def test_agreed_hours_are_the_average_of_all_workers(scene: Scene) -> None:
    make_agreement(make_post(scene.second), "3.5")
    make_agreement(make_post(scene.second, until=date(2026, 10, 31)), "9")
    assert counted("time_guarantee", scene.general) == (
        Decimal("1.8"),
        "2026-11-18 2 名党务工作者中 1 名已商定，合计每周 3.5 小时。",
        "/w/burden/times/",
    )
