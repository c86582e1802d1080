"""Rotation: made, published, re-planned; access to the day; the pages and who may."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from branches.models import AccessGrant, Organisation
from branches.rules import Role
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder
from tests.reminders.scene import ON, Scene, make_scene
from training.actions.rotation import RotationRefused, drop_out, hand_in, make_plan, publish_plan, sign_turn
from training.models import Duty, RotationPlan, RotationSlot

Counter = Callable[[int], AbstractContextManager[object]]
BASE = "/w/training/rotation/"


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    found = make_scene(monkeypatch)
    make_holder(found.second, Role.WORKER)
    return found


def made(scene: Scene, year: int = 2026) -> RotationPlan:
    return make_plan(scene.general, year=year, per_month=1, busy=[1], by=scene.staff, on=ON)


def turn_of(plan: RotationPlan, month: int) -> RotationSlot:
    return plan.slots.select_related("user", "plan").get(month=month)


def seen_by(slot: RotationSlot, on: date) -> list[Organisation]:
    places = Organisation.objects.permitted_to(slot.user, "errorbank.view_finding", on=on)
    return [visit.organisation for visit in slot.visits.all() if visit.organisation in places]


def test_a_plan_is_fair_and_nobody_checks_the_own_branch(scene: Scene) -> None:
    plan = made(scene)
    months = [slot.month for slot in plan.slots.order_by("month")]
    own = [
        slot for slot in plan.slots.all() if slot.visits.filter(organisation__posts__user=slot.user).exists()
    ]
    assert (months, own, plan.gap) == (list(range(1, 13)), [], 0.0)
    assert plan.slots.filter(user=scene.worker).count() == 6
    with pytest.raises(RotationRefused, match="已经有轮训安排"):
        made(scene)


def test_access_is_there_from_the_first_to_the_last_day(scene: Scene) -> None:
    plan = made(scene)
    slot = turn_of(plan, 12)
    assert seen_by(slot, date(2026, 12, 15)) == []
    publish_plan(plan, by=scene.staff, on=ON)
    there = [visit.organisation for visit in slot.visits.all()]
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [seen_by(slot, day) for day in days] == [[], there, there, []]
    assert Duty.objects.standing().filter(subject=slot.pk, due_on=date(2026, 12, 31)).count() == 1
    with pytest.raises(RotationRefused, match="已经发布"):
        publish_plan(plan, by=scene.staff, on=ON)


def test_who_drops_out_loses_the_access_and_somebody_else_gets_it(scene: Scene) -> None:
    plan = publish_plan(made(scene), by=scene.staff, on=ON)
    before, now = turn_of(plan, 12), turn_of(plan, 11).user
    drop_out(plan, before.user, months=[3, 12], by=scene.staff, on=ON)
    after = turn_of(plan, 12)
    assert (after.user != before.user, turn_of(plan, 11).user) == (True, now)
    granted = AccessGrant.objects.filter(since=date(2026, 12, 1)).values_list("user", flat=True)
    assert list(granted) == [after.user_id]
    assert list(Duty.objects.standing().values_list("subject", flat=True).order_by("due_on")) == [
        turn_of(plan, 11).pk,
        after.pk,
    ]
    with pytest.raises(RotationRefused, match="已经开始的月份"):
        drop_out(plan, after.user, months=[11], by=scene.staff, on=ON)


def test_feedback_is_an_inspection_and_is_signed_by_another(scene: Scene) -> None:
    plan = publish_plan(made(scene), by=scene.staff, on=ON)
    slot = turn_of(plan, 11)
    with pytest.raises(RotationRefused, match="还没有收到反馈"):
        sign_turn(slot, by=scene.staff, on=ON)
    handed = hand_in(slot, by=slot.user, on=ON)
    assert handed.inspection
    assert (handed.inspection.source, handed.inspection.since) == ("rotation", date(2026, 11, 1))
    with pytest.raises(RotationRefused, match="反馈已经登记"):
        hand_in(slot, by=slot.user, on=ON)
    assert sign_turn(slot, by=scene.staff, on=ON).signed_on == ON
    assert Duty.objects.get(subject=slot.pk).done_on == ON
    with pytest.raises(RotationRefused, match="已经签收"):
        sign_turn(slot, by=scene.staff, on=ON)


def test_the_list_shows_what_is_published(scene: Scene, django_assert_num_queries: Counter) -> None:
    client = signed_in(scene.worker)
    plan = made(scene)
    assert "2026 年</a>" not in client.get(BASE).content.decode()
    publish_plan(plan, by=scene.staff, on=ON)
    assert client.get(BASE).content.decode().count("2026 年</a>") == 1
    assert signed_in(scene.foreign_staff).get(f"{BASE}{plan.pk}/").status_code == 404
    assert client.get(f"{BASE}{plan.pk}/").content.decode().count("<tr>") == 13


def test_staff_plan_publish_and_sign_by_the_pages(scene: Scene) -> None:
    client = signed_in(scene.staff)
    said = {"organisation": scene.general.pk, "year": "2026", "per_month": "1", "busy": ["1"]}
    assert client.post(f"{BASE}add/", {**said, "year": "2025"}).status_code == 422
    client.post(f"{BASE}add/", said)
    plan = RotationPlan.objects.get()
    assert client.get(f"{BASE}{plan.pk}/publish/").status_code == 405
    client.post(f"{BASE}{plan.pk}/publish/")
    slot = turn_of(plan, 11)
    page = f"{BASE}turns/{slot.pk}/"
    assert signed_in(slot.user).post(f"{page}feedback/").status_code == 302
    assert "签收反馈" in client.get(page).content.decode()
    client.post(f"{page}sign/")
    client.post(f"{BASE}{plan.pk}/away/", {"person": turn_of(plan, 12).user_id, "months": ["12"]})
    slot.refresh_from_db()
    assert (slot.signed_by, plan.away.count()) == (scene.staff, 1)


def test_others_are_refused(scene: Scene) -> None:
    plan = made(scene)
    slot = turn_of(plan, 12)
    client, foreign = signed_in(scene.worker), signed_in(scene.foreign_staff)
    posts = [f"{BASE}{plan.pk}/publish/", f"{BASE}{plan.pk}/away/", f"{BASE}turns/{slot.pk}/sign/"]
    assert [client.post(url).status_code for url in posts] == [403, 403, 403]
    assert [foreign.post(url).status_code for url in posts] == [404, 404, 404]
    assert client.get(f"{BASE}turns/{slot.pk}/").status_code == 404
    assert client.get(f"{BASE}add/").status_code == 403
