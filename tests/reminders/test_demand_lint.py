"""What a sender is told before sending, what is kept of it, and what ends instead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEvent
from branches.models import Organisation
from branches.rules import Role
from periods.calendars import WorkCalendar
from reminders.actions.tasks_special import ReplacedGone, SentOver, send_task
from reminders.models import Adoption, OutsideDemand, SpecialTask
from reminders.queries.demand_lint import OVER_BUDGET, DemandDraft, cost_words, lint
from reminders.queries.demands import register, replaceable
from tests.factories.branches import make_organisation, make_post
from tests.factories.demands import make_agreement, make_demand
from tests.factories.reminders import make_action, make_task
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene
from tests.reminders.test_special_tasks import task_data, typed

pytestmark = pytest.mark.django_db
DRAFT = DemandDraft("消防安全自查", "党总支", "task", 30, ON, date(2026, 11, 27), "分公司通知\n看一遍")


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def found(scene: Scene, *, place: Organisation | None = None, **fields: Any) -> list[str]:
    draft = replace(DRAFT, **fields)
    told = lint(draft, place=place or scene.general, on=ON, calendar=WorkCalendar())
    return [f"{warning.code}: {warning.words}" for warning in told]


def third_branch(scene: Scene) -> list[Organisation]:
    return [scene.first, scene.second, make_organisation(parent=scene.general)]


# ---- what is said --------------------------------------------------------------------------------------


def test_nothing_is_said_of_a_task_that_repeats_nothing(scene: Scene) -> None:
    assert found(scene) == []


def test_a_registered_demand_of_a_similar_name_is_named(scene: Scene) -> None:
    make_action(name="安全生产自查", minutes=40)
    make_demand(scene.general, name="消防安全检查表", asker="安全科", minutes=20)
    make_demand(scene.foreign_general, name="消防安全自查")
    assert found(scene) == [
        "duplicate: 登记册里已有“消防安全检查表”（安全科，每月 1 次，约 20 分钟），名称里都有“消防安全”。"
        "内容相同的，请合并，不必另发。"
    ]


def test_what_a_ledger_holds_is_not_asked_for_again(scene: Scene) -> None:
    assert found(scene, text="请报送本支部党员名册和谈话记录") == [
        "known: 要的“党员名册”系统里已有：可以从《党员名册》直接导出，不必请支部再报。",
        "known: 要的“谈话记录”系统里已有：可以从《谈心谈话台账》直接导出，不必请支部再报。",
    ]
    # Doing a thing is no report of it.
    assert found(scene, text="组织一次主题党日") == []


@pytest.mark.parametrize(
    ("end", "left"),
    [(date(2026, 11, 20), "支部只有 2 个工作日办理"), (ON, "支部没有工作日可以办理")],
)
def test_short_notice_is_pointed_out(scene: Scene, end: date, left: str) -> None:
    assert found(scene, end=end) == [
        f"short_notice: 除今天外，{left}，少于 3 个工作日。如不是急事，建议推后截止日期。"
    ]


def test_a_stated_limit_is_named_with_its_basis(scene: Scene) -> None:
    assert found(scene, kind="check_in", text="每天打卡") == [
        "limit: 写到了“打卡”。《政务移动互联网应用程序规范化管理办法》（待核实）：除安保、应急等特殊场景外，"
        "不得设置打卡签到、积分排名、统计在线时长等强制性功能。"
    ]


def agree(branches: list[Organisation], *hours: str) -> None:
    for branch, each in zip(branches, hours, strict=True):
        make_agreement(make_post(branch, Role.WORKER), each)


def test_over_the_budget_is_told_of_all_branches_together(scene: Scene) -> None:
    """63 + 126 + 126 minutes in November's 21 workdays, 105 for each of the three."""
    agree(third_branch(scene), "0.25", "0.5", "0.5")
    assert found(scene, minutes=105) == []
    assert found(scene, minutes=106) == [
        "over_budget: 加上这一项，2026 年 11 月本单位所辖支部合计要用的时间超过可用时间。"
        "请先选一项可以停下的要求来替代。"
    ]


def test_a_branch_that_asks_itself_is_told_about_itself(scene: Scene) -> None:
    agree(third_branch(scene), "0.25", "8", "8")
    assert found(scene, place=scene.first, minutes=64) == [
        "over_budget: 加上这一项，2026 年 11 月本支部要用的时间超过可用时间。请先选一项可以停下的要求来替代。"
    ]
    assert found(scene, minutes=64) == []


def test_two_branches_in_all_are_no_crowd(scene: Scene) -> None:
    assert found(scene, minutes=2000) == []


def test_no_two_choices_of_branches_read_differently(scene: Scene, client: Client) -> None:
    """Who asks with a branch and without it learns nothing, whichever of them is short of time."""
    branches = [*third_branch(scene), make_organisation(parent=scene.general)]
    agree(branches, "0.1", "1", "1", "1")
    choices = [each for n in range(1, 5) for each in combinations(branches, n)]
    # 30 minutes are too many for the first branch alone.
    assert [over_words(client, scene, choice, 30) for choice in choices] == [()] * 15
    assert [len(over_words(client, scene, choice, 600)) for choice in choices[:1] + choices[-1:]] == [1, 1]


@pytest.mark.parametrize("short", range(3))
def test_whichever_branch_is_short_the_words_are_the_same(scene: Scene, short: int) -> None:
    """The same hours, dealt differently: every number of minutes is answered alike."""
    hours = ["4", "4", "4"]
    hours[short] = "0.1"
    agree(third_branch(scene), *hours)
    assert [len(found(scene, minutes=minutes)) for minutes in (30, 680, 681, 2000)] == [0, 0, 1, 1]


def test_the_cost_is_said_as_a_sum() -> None:
    assert cost_words(120, 13) == "120 分钟 × 13 个支部 = 26 小时"


# ---- the page and what is kept -------------------------------------------------------------------------


def post(client: Client, scene: Scene, **fields: Any) -> Any:
    client.force_login(scene.staff)
    return client.post(reverse("reminders:task_add"), typed(scene, **fields))


def test_the_warnings_stand_on_the_page_and_a_reason_is_asked_for(scene: Scene, client: Client) -> None:
    page = post(client, scene, end="2026-11-19", steps=HOSTILE + "填报").content.decode()
    assert "除今天外，支部只有 1 个工作日办理" in page
    assert "写到了“填报”" in page
    assert "<script>alert" not in page
    refused = post(client, scene, end="2026-11-19", confirmed="1")
    assert (refused.status_code, list(refused.context["answer"].errors)) == (422, ["reason", "__all__"])
    assert SpecialTask.objects.count() == 0


def test_what_was_sent_over_a_warning_is_kept_with_the_reason(scene: Scene, client: Client) -> None:
    shown = post(client, scene, end="2026-11-19").context["answer"].codes
    sent = post(client, scene, end="2026-11-19", confirmed="1", seen=shown, reason="上级今天通知")
    task = SpecialTask.objects.get()
    assert sent.headers["Location"] == reverse("reminders:task_detail", args=[task.pk])
    words = "除今天外，支部只有 1 个工作日办理，少于 3 个工作日。如不是急事，建议推后截止日期。"
    assert task.warnings == [{"code": "short_notice", "words": words}]
    assert (task.sent_over_reason, task.replaces, task.demand_kind) == ("上级今天通知", {}, "task")
    detail = AuditEvent.objects.get(event="reminders.task_sent").detail
    assert (detail["warnings"], detail["reason"]) == (["short_notice"], "上级今天通知")
    page = client.get(sent.headers["Location"]).content.decode()
    assert words in page
    assert "上级今天通知" in page


def test_what_came_up_since_is_shown_before_anything_is_sent(scene: Scene, client: Client) -> None:
    make_demand(scene.general, name="消防安全检查")
    again = post(client, scene, confirmed="1", seen="", reason="已经商量好")
    assert (again.status_code, again.context["answer"].non_field_errors()) == (
        422,
        ["情况刚刚有变化，还没有发送，请再看一遍上面的提示。"],
    )
    assert "已经商量好" in again.content.decode()
    assert SpecialTask.objects.count() == 0


def over_budget(scene: Scene) -> None:
    for branch in third_branch(scene):
        make_agreement(make_post(branch, Role.WORKER), "0.5")


def over_words(client: Client, scene: Scene, chosen: Sequence[Organisation], minutes: int) -> tuple[str, ...]:
    targets = [str(branch.pk) for branch in chosen]
    told = post(client, scene, targets=targets, minutes=str(minutes), everybody="").context["load"]
    return tuple(each.words for each in told.warnings if each.code == OVER_BUDGET)


def send_instead(client: Client, scene: Scene, key: str) -> SpecialTask:
    shown = post(client, scene).context["answer"].codes
    sent = post(client, scene, confirmed="1", seen=shown, reason="年底前要完成", replaces=key)
    assert sent.status_code == 302
    return SpecialTask.objects.latest("pk")


def test_over_the_budget_something_of_ones_own_has_to_end(scene: Scene, client: Client) -> None:
    over_budget(scene)
    make_action("central", name="中央要求的", basis_level="central")
    own = make_demand(scene.general, own=True, name="每周动态")
    make_demand(scene.general, name="公司日报")
    page = post(client, scene)
    assert [key for key, _ in page.context["answer"].fields["replaces"].choices] == [f"outside:{own.pk}"]
    assert "每周动态（今天是最后一天，从明天起不再要求）" in page.content.decode()
    shown = page.context["answer"].codes
    refused = post(client, scene, confirmed="1", seen=shown, reason="年底前要完成")
    assert (refused.status_code, list(refused.context["answer"].errors)) == (422, ["replaces"])
    central = post(client, scene, confirmed="1", seen=shown, reason="急", replaces="action:central")
    assert central.status_code == 422
    task = send_instead(client, scene, f"outside:{own.pk}")
    own.refresh_from_db()
    assert (own.until, own.reason) == (ON, "由“消防安全自查”替代")
    assert task.replaces == {
        "key": f"outside:{own.pk}",
        "name": "每周动态",
        "words": "今天是最后一天，从明天起不再要求",
    }
    assert (
        "每周动态：今天是最后一天"
        in client.get(reverse("reminders:task_detail", args=[task.pk])).content.decode()
    )


def test_an_own_task_is_withdrawn_instead(scene: Scene, client: Client) -> None:
    over_budget(scene)
    other = make_task(scene.general, [scene.first], start=ON, end=date(2026, 11, 30))
    send_instead(client, scene, f"task:{other.pk}")
    other.refresh_from_db()
    assert (other.withdrawn_at is not None, other.withdrawn_reason) == (True, "由“消防安全自查”替代")


def test_an_own_action_is_switched_off_instead(scene: Scene, client: Client) -> None:
    over_budget(scene)
    local = make_action(name="本单位月小结", organisation=scene.general)
    send_instead(client, scene, f"action:{local.code}")
    adoption = Adoption.objects.get(action=local)
    assert (adoption.adopted, adoption.organisation, adoption.valid_from, adoption.reason) == (
        False,
        scene.general,
        ON,
        "由“消防安全自查”替代",
    )


def test_what_is_gone_meanwhile_sends_nothing(scene: Scene, client: Client) -> None:
    over_budget(scene)
    own = make_demand(scene.general, own=True, name="每周动态")
    line = replaceable(register(scene.general, on=ON), scene.general)[0]
    OutsideDemand.objects.filter(pk=own.pk).update(until=date(2026, 11, 17))
    with pytest.raises(ReplacedGone):
        send_task(
            scene.general,
            data=task_data(),
            targets=[scene.first],
            by=scene.staff,
            on=ON,
            over=SentOver((), "急", line),
        )
    assert SpecialTask.objects.count() == 0


def test_without_anything_of_ones_own_the_reason_is_enough(scene: Scene, client: Client) -> None:
    over_budget(scene)
    make_demand(scene.general)
    page = post(client, scene)
    assert "您这里没有可以停下的事项" in page.content.decode()
    sent = post(client, scene, confirmed="1", seen=page.context["answer"].codes, reason="减少一次会议")
    assert sent.status_code == 302
    assert SpecialTask.objects.get().sent_over_reason == "减少一次会议"


@pytest.mark.parametrize("rows", [1, 3])
def test_checking_takes_the_same_statements_for_any_register(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _ in range(rows):
        make_demand(scene.general)
        make_task(scene.general, [scene.first], start=ON, end=date(2026, 11, 30))
        make_action(organisation=scene.general)
    post(client, scene)
    with django_assert_num_queries(18):
        client.post(reverse("reminders:task_add"), typed(scene))
