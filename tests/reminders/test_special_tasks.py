"""Special tasks: load before sending, sent once, withdrawn with a reason."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEvent
from branches.models import Organisation
from branches.rules import Role
from notices.models import Message
from periods.calendars import WorkCalendar
from periods.rule_parts import InvalidDueRule
from reminders.actions.refresh import refresh_if_stale
from reminders.actions.tasks_special import (
    ForeignTarget,
    NoTargets,
    TaskAlreadySent,
    TaskAlreadyWithdrawn,
    TaskData,
    WindowOver,
    send_task,
    withdraw_task,
)
from reminders.models import Action, ActionVersion, ReminderItem, SpecialTask, StudyMaterial, StudyPack
from reminders.queries.item_rows import Material, materials_for
from reminders.queries.special_tasks import notice_workdays, same_window, target_rows
from tests.factories.branches import make_post, make_user
from tests.factories.reminders import make_action, make_task
from tests.reminders.scene import HOSTILE, ON, Scene, central_action, done, make_item, make_scene

pytestmark = pytest.mark.django_db
TOKEN = "0123456789abcdef"
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
START, END = date(2026, 11, 18), date(2026, 11, 27)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def task_data(**fields: Any) -> TaskData:
    given = {
        "token": TOKEN,
        "name": "消防安全自查",
        "why": "分公司通知",
        "start": START,
        "end": END,
        "minutes": 120,
        "record_kind": "date_only",
        "steps": ["看一遍"],
    }
    return TaskData(**{**given, **fields})


def send(scene: Scene, *targets: Organisation, **fields: Any) -> SpecialTask:
    return send_task(
        scene.general, data=task_data(**fields), targets=targets or [scene.first], by=scene.staff, on=ON
    )


def typed(scene: Scene, **fields: Any) -> dict[str, object]:
    given = {
        "token": TOKEN, "name": "消防安全自查", "why": "分公司通知",
        "start": "2026-11-18", "end": "2026-11-27", "minutes": "120",
        "record_kind": "date_only", "steps": "看一遍", "everybody": "on",
    }  # fmt: skip
    return {**given, **fields}


# ---- sending -------------------------------------------------------------------------------------------


def test_a_sent_task_is_an_action_of_the_sender_with_one_window(scene: Scene) -> None:
    pack = StudyPack.objects.create(title="资料", organisation=scene.general, made_by=scene.staff)
    Organisation.objects.update(facts_changed=False)
    task = send(scene, scene.first, scene.second, pack=pack)
    version = ActionVersion.objects.get(action=task.action)
    assert (task.action.code, task.action.kind, task.action.organisation) == (
        f"task-{TOKEN}",
        "special_task",
        scene.general,
    )
    assert version.due_rule == {"kind": "one_off", "start": "2026-11-18", "end": "2026-11-27"}
    assert (version.valid_from, version.category, version.cadence) == (ON, "special", "once")
    assert (task.pack, list(pack.actions.all())) == (pack, [])
    stale = Organisation.objects.stale().values_list("code", flat=True)
    assert set(stale) == {scene.first.code, scene.second.code}
    detail = AuditEvent.objects.get(event="reminders.task_sent").detail
    assert detail == {
        "name": "消防安全自查",
        "targets": sorted([scene.first.code, scene.second.code]),
        "minutes": 240,
    }


def test_the_same_form_sent_twice_makes_one_task(scene: Scene) -> None:
    send(scene)
    with pytest.raises(TaskAlreadySent):
        send(scene)
    assert (SpecialTask.objects.count(), Action.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"end": date(2026, 11, 17), "start": date(2026, 11, 2)}, WindowOver),
        ({"end": date(2026, 11, 17)}, InvalidDueRule),
    ],
)
def test_a_window_that_is_over_or_turned_round_is_refused(
    scene: Scene, fields: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        send(scene, **fields)
    assert Action.objects.count() == 0


def test_nobody_and_foreigners_are_refused(scene: Scene) -> None:
    with pytest.raises(ForeignTarget):
        send(scene, scene.first, scene.foreign_branch)
    with pytest.raises(NoTargets):
        send_task(scene.general, data=task_data(), targets=[], by=scene.staff, on=ON)
    assert Action.objects.count() == 0


# ---- withdrawing --------------------------------------------------------------------------------------


def test_withdrawing_once_and_twice(scene: Scene) -> None:
    task = send(scene)
    Organisation.objects.update(facts_changed=False)
    withdrawn = withdraw_task(task, reason="改期", by=scene.staff, at=NOW)
    assert (withdrawn.withdrawn_at, withdrawn.withdrawn_reason) == (NOW, "改期")
    assert [place.code for place in Organisation.objects.stale()] == [scene.first.code]
    with pytest.raises(TaskAlreadyWithdrawn):
        withdraw_task(task, reason="又一次", by=scene.staff, at=NOW)
    assert SpecialTask.objects.get().withdrawn_reason == "改期"


# ---- what it costs ------------------------------------------------------------------------------------


def test_other_demands_of_the_same_days(scene: Scene) -> None:
    monthly = {"kind": "periodic", "period": "month", "due": "last_workday_of_period"}
    make_action(name="主题党日", due_rule=monthly, minutes=60)
    make_action(name="建议事项", due_rule=monthly, default_adopted=False)
    make_action(name="党总支事项", due_rule=monthly, applies_when=["general_branch"])
    soon = {"kind": "fixed_date", "dates": ["12-10"], "remind_days_before": [10]}
    make_action(name="月底起提醒", due_rule=soon)
    make_action(name="下月才提醒", due_rule={**soon, "remind_days_before": [9]})
    shared = make_task(scene.general, [scene.first], start=date(2026, 11, 25), end=date(2026, 12, 5))
    make_task(scene.general, [scene.second], start=date(2026, 11, 25), end=date(2026, 12, 5))
    gone = make_task(scene.general, [scene.first], start=date(2026, 11, 25), end=date(2026, 12, 5))
    withdraw_task(gone, reason="改期", by=scene.staff, at=NOW)
    found = same_window(
        scene.general, [scene.first], start=ON, end=date(2026, 11, 30), calendar=WorkCalendar(), on=ON
    )
    name = shared.action.versions.get().name
    assert [(d.name, d.due_on, d.minutes, d.special) for d in found] == [
        ("主题党日", date(2026, 11, 30), 60, False),
        (name, date(2026, 12, 5), 30, True),
        ("月底起提醒", date(2026, 12, 10), 30, False),
    ]


@pytest.mark.parametrize(
    ("end", "workdays"), [(ON, 0), (date(2026, 11, 20), 2), (date(2026, 11, 23), 3), (date(2026, 11, 1), 0)]
)
def test_notice_counts_workdays_after_today(end: date, workdays: int) -> None:
    assert notice_workdays(on=ON, end=end, calendar=WorkCalendar()) == workdays


# ---- pages --------------------------------------------------------------------------------------------


def test_before_sending_the_page_shows_the_load(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    response = client.post(reverse("reminders:task_add"), typed(scene, end="2026-11-19"))
    page = response.content.decode()
    assert response.status_code == 200
    assert (response.context["load"].count, response.context["load"].hours) == (2, "4 小时")
    assert "<b>× 2</b><span>个支部</span>" in page
    assert "<b>= 4 小时</b>" in page
    assert "除今天外，支部只有 1 个工作日办理" in page
    assert SpecialTask.objects.count() == 0


def test_confirming_sends_once(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    confirmed = typed(scene, confirmed="1")
    response = client.post(reverse("reminders:task_add"), confirmed)
    task = SpecialTask.objects.get()
    assert response.headers["Location"] == reverse("reminders:task_detail", args=[task.pk])
    assert set(task.targets.all()) == {scene.first, scene.second}
    again = client.post(reverse("reminders:task_add"), confirmed)
    assert again.headers["Location"] == reverse("reminders:task_list")
    assert SpecialTask.objects.count() == 1


def test_going_back_keeps_what_was_typed(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    response = client.post(reverse("reminders:task_add"), typed(scene, edit="1"))
    assert response.templates[0].name == "reminders/task_add.html"
    assert 'value="消防安全自查"' in response.content.decode()


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("targets", {"everybody": ""}),
        ("end", {"end": "2026-11-17"}),
        ("end", {"start": "2026-12-01"}),
        ("minutes", {"minutes": "0"}),
        ("token", {"token": "../../etc"}),
        ("record_kind", {"record_kind": "election"}),
    ],
)
def test_a_form_that_does_not_hold_comes_back(
    scene: Scene, client: Client, field: str, fields: dict[str, Any]
) -> None:
    client.force_login(scene.staff)
    response = client.post(reverse("reminders:task_add"), typed(scene, confirmed="1", **fields))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert SpecialTask.objects.count() == 0


def test_a_foreign_branch_is_no_choice(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    data = typed(scene, everybody="", targets=[str(scene.foreign_branch.pk)], confirmed="1")
    assert client.post(reverse("reminders:task_add"), data).status_code == 422
    assert SpecialTask.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_needs_eight_queries(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _ in range(rows):
        make_task(scene.general, [scene.first, scene.second], start=START, end=END)
    make_task(scene.foreign_general, [scene.foreign_branch], start=START, end=END)
    client.force_login(scene.staff)
    client.get(reverse("reminders:task_list"))
    with django_assert_num_queries(8):
        response = client.get(reverse("reminders:task_list"))
    assert [entry.targets for entry in response.context["tasks"]] == [2] * rows
    assert response.context["page"].paginator.count == rows


def test_the_detail_shows_who_has_done_it_and_who_not(scene: Scene, client: Client) -> None:
    task = send(scene, scene.first, scene.second, name=HOSTILE, why=HOSTILE, steps=[HOSTILE])
    make_item(scene.first, task.action, period="once", due_on=END, **done(ON))
    client.force_login(scene.overseer)
    response = client.get(reverse("reminders:task_detail", args=[task.pk]))
    assert [row.organisation for row in response.context["settled_rows"]] == [scene.first]
    assert [row.organisation for row in response.context["open_rows"]] == [scene.second]
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "待列入清单" in page
    # The committee reads; it is not offered the withdrawal.
    assert reverse("reminders:task_withdraw", args=[task.pk]) not in page


def test_who_sends_elsewhere_is_not_offered_the_withdrawal_of_this_task(scene: Scene, client: Client) -> None:
    task = send(scene)
    make_post(scene.foreign_general, Role.GENERAL_BRANCH_STAFF, user=scene.overseer)
    client.force_login(scene.overseer)
    withdraw = reverse("reminders:task_withdraw", args=[task.pk])
    page = client.get(reverse("reminders:task_detail", args=[task.pk])).content.decode()
    assert (withdraw in page, client.get(withdraw).status_code) == (False, 404)
    client.force_login(scene.staff)
    assert withdraw in client.get(reverse("reminders:task_detail", args=[task.pk])).content.decode()


@pytest.mark.parametrize("retired", [False, True])
def test_the_pack_of_a_task_is_shown_with_the_task_and_with_its_items(
    scene: Scene, client: Client, retired: bool
) -> None:
    pack = StudyPack.objects.create(
        title="上级资料",
        organisation=scene.committee,
        made_by=scene.overseer,
        retired_at=NOW if retired else None,
    )
    material = StudyMaterial.objects.create(pack=pack, title="读本", url="https://example.com/")
    task = send(scene, pack=pack)
    own = StudyPack.objects.create(title="本级资料", organisation=scene.general, made_by=scene.staff)
    StudyMaterial.objects.create(pack=own, title="不相干", url="https://example.com/b")
    found = materials_for([task.action_id], scene.first)
    expected = [] if retired else [Material(material.pk, pack.pk, "读本", material.url)]
    assert found.get(task.action_id, []) == expected
    client.force_login(scene.staff)
    response = client.get(reverse("reminders:task_detail", args=[task.pk]))
    assert response.context["packs"] == ([] if retired else [pack])


def test_target_rows_follow_the_tree(scene: Scene) -> None:
    task = send(scene, scene.second, scene.first)
    assert [row.organisation for row in target_rows(task, on=ON)] == [scene.first, scene.second]


def test_withdrawing_from_the_page(scene: Scene, client: Client) -> None:
    task = send(scene)
    client.force_login(scene.staff)
    url = reverse("reminders:task_withdraw", args=[task.pk])
    assert "撤回“消防安全自查”" in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": HOSTILE}).status_code == 302
    assert client.post(url, {"reason": "再一次"}).status_code == 302
    assert SpecialTask.objects.get().withdrawn_reason == HOSTILE
    page = client.get(reverse("reminders:task_detail", args=[task.pk])).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_refused_foreign_and_wrong_methods(scene: Scene, client: Client) -> None:
    task = send(scene)
    detail = reverse("reminders:task_detail", args=[task.pk])
    withdraw = reverse("reminders:task_withdraw", args=[task.pk])
    client.force_login(scene.worker)
    for url in (reverse("reminders:task_list"), reverse("reminders:task_add"), detail, withdraw):
        assert client.get(url).status_code == 403
    client.force_login(scene.overseer)
    assert client.get(withdraw).status_code == 403
    client.force_login(scene.foreign_staff)
    assert client.get(detail).status_code == 404
    assert client.post(withdraw, {"reason": "不是我的"}).status_code == 404
    client.force_login(scene.staff)
    assert client.post(detail).status_code == 405
    assert client.post(reverse("reminders:task_list")).status_code == 405
    assert client.put(withdraw).status_code == 405
    assert SpecialTask.objects.get().withdrawn_at is None


def test_a_message_leads_to_the_item_of_the_task(scene: Scene, client: Client) -> None:
    task = send(scene, scene.first, scene.second)
    to_item = reverse("reminders:task_item", args=[task.pk])
    line = Message.objects.get(recipient=scene.worker).lines.get()
    assert line.url == to_item
    client.force_login(scene.worker)
    month = reverse("reminders:month_list")
    assert client.get(to_item).headers["Location"] == month
    for place in (scene.first, scene.second):
        refresh_if_stale(place, on=ON)
    item = ReminderItem.objects.get(organisation=scene.first, version__action=task.action_id)
    assert client.get(to_item).headers["Location"] == reverse("reminders:item_detail", args=[item.pk])
    make_post(scene.second, user=scene.worker)
    assert client.get(to_item).headers["Location"] == month


def test_the_way_to_the_item_is_closed_to_others(scene: Scene, client: Client) -> None:
    to_item = reverse("reminders:task_item", args=[send(scene).pk])
    client.force_login(scene.foreign_staff)
    assert client.get(to_item).status_code == 404
    client.force_login(make_user())
    assert client.get(to_item).status_code == 403
    client.force_login(scene.worker)
    assert client.post(to_item).status_code == 405


def test_a_task_is_no_catalogue_action(scene: Scene, client: Client) -> None:
    task = send(scene)
    central_action()
    client.force_login(scene.staff)
    assert client.get(reverse("reminders:action_detail", args=[task.action.code])).status_code == 404
    response = client.get(reverse("reminders:action_list"))
    assert [row.version.name for _, group in response.context["groups"] for row in group] == ["支部党员大会"]
