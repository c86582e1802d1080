"""Rotation: made, published, re-planned; access to the day; the pages and who may."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from accounts.models import User
from branches.actions.grants import grant_access
from branches.models import AccessGrant, Organisation
from branches.rules import GrantKind, Role
from ledgers.ledger import Cell
from notices.models import Message
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder, make_organisation
from tests.reminders.scene import ON, Scene, make_scene
from training.actions.rotation import (
    close_doors_of_leavers,
    drop_out,
    make_plan,
    pair_branches,
    publish_plan,
    replan,
    set_month,
)
from training.actions.rotation_feedback import hand_in, sign_turn
from training.actions.rotation_turns import RotationRefused
from training.ledgers.rotation import rotation_rows
from training.models import BranchPair, Duty, RotationPlan, RotationSlot
from training.rules.duties import DutyKind

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
    done = dict(Duty.objects.filter(subject=slot.pk).values_list("kind", "done_on"))
    assert done == {DutyKind.ROTATION: ON, DutyKind.SIGNING: ON}
    with pytest.raises(RotationRefused, match="已经签收"):
        sign_turn(slot, by=scene.staff, on=ON)


def test_the_list_shows_what_is_published(scene: Scene, django_assert_num_queries: Counter) -> None:
    client = signed_in(scene.worker)
    plan = made(scene)
    assert "2026 年</a>" not in client.get(BASE).content.decode()
    publish_plan(plan, by=scene.staff, on=ON)
    page = client.get(BASE).content.decode()
    assert (page.count("2026 年</a>"), page.count('href="/w/ledgers/rotation/"')) == (1, 1)
    assert signed_in(scene.foreign_staff).get(f"{BASE}{plan.pk}/").status_code == 404
    assert client.get(f"{BASE}{plan.pk}/").content.decode().count("<tr>") == 14


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
    goes = signed_in(slot.user)
    handed = goes.post(f"{page}feedback/")
    slot.refresh_from_db()
    assert handed["Location"] == f"/w/errors/inspections/{slot.inspection_id}/"
    assert "请接着在这里登记" in goes.get(handed["Location"]).content.decode()
    assert goes.post(f"{page}feedback/")["Location"] == page
    assert "签收反馈" in client.get(page).content.decode()
    client.post(f"{page}sign/")
    client.post(f"{BASE}{plan.pk}/away/", {"person": turn_of(plan, 12).user_id, "months": ["12"]})
    slot.refresh_from_db()
    assert (slot.signed_by, plan.away.count()) == (scene.staff, 1)


def test_others_are_refused(scene: Scene) -> None:
    plan = made(scene)
    slot = turn_of(plan, 12)
    client, foreign = signed_in(scene.worker), signed_in(scene.foreign_staff)
    below = [
        "publish",
        "away",
        "replan",
        "months/12",
        "months/12/check",
        "pairs/add",
        "pairs/1/end",
        "away/1/end",
    ]
    posts = [*(f"{BASE}{plan.pk}/{path}/" for path in below), f"{BASE}turns/{slot.pk}/sign/"]
    assert {client.post(url).status_code for url in posts} == {403}
    assert {foreign.post(url).status_code for url in posts} == {404}
    assert client.get(f"{BASE}turns/{slot.pk}/").status_code == 404
    assert client.get(f"{BASE}add/").status_code == 403


def test_pairs_do_not_look_at_each_other(scene: Scene) -> None:
    third = make_organisation(parent=scene.general)
    plan = made(scene)
    pair_branches(scene.general, scene.second, scene.first, by=scene.staff)
    with pytest.raises(RotationRefused, match="已经是结对支部"):
        pair_branches(scene.general, scene.first, scene.second, by=scene.staff)
    replan(plan, by=scene.staff, on=ON)
    assert {visit.organisation for visit in turn_of(plan, 12).visits.all()} == {third}
    with pytest.raises(RotationRefused, match=f"结对的支部：{scene.second.name}"):
        set_month(plan, 12, {scene.worker.pk: [scene.second.pk]}, by=scene.staff, on=ON)


def test_by_hand_rights_follow_and_those_concerned_are_told(scene: Scene) -> None:
    plan = publish_plan(made(scene), by=scene.staff, on=ON)
    other = plan.slots.exclude(user=scene.worker).first()
    assert other
    Message.objects.all().delete()
    was = turn_of(plan, 12).user
    goes = other.user if was == scene.worker else scene.worker
    place = scene.first if goes == other.user else scene.second
    set_month(plan, 12, {goes.pk: [place.pk]}, by=scene.staff, on=ON)
    granted = AccessGrant.objects.filter(since=date(2026, 12, 1)).values_list("user", "organisation")
    assert list(granted) == [(goes.pk, place.pk)]
    said = {message.recipient_id: message.lines.get().text for message in Message.objects.all()}
    assert said == {goes.pk: f"12 月请到：{place.name}。", was.pk: "12 月不用去了，已改由他人。"}
    set_month(plan, 12, {goes.pk: [place.pk]}, by=scene.staff, on=ON)
    assert Message.objects.count() == 2
    with pytest.raises(RotationRefused, match="已经开始的月份"):
        set_month(plan, 11, {}, by=scene.staff, on=ON)


def test_who_leaves_loses_the_right_the_next_day_and_gets_it_back_on_return(scene: Scene) -> None:
    plan = publish_plan(made(scene), by=scene.staff, on=ON)
    slot = turn_of(plan, 11)
    there = [visit.organisation for visit in slot.visits.all()]
    assert (seen_by(slot, ON), close_doors_of_leavers(on=ON)) == (there, 0)
    User.objects.filter(pk=slot.user_id).update(is_active=False)
    assert (close_doors_of_leavers(on=ON), close_doors_of_leavers(on=ON)) == (len(there), 0)
    assert seen_by(slot, ON) == []
    page = signed_in(scene.staff).get(f"{BASE}{plan.pk}/").content.decode()
    assert f"{slot.user.name}已不在下属支部任职，查看权限已收回。" in page


def test_a_right_that_stands_already_is_not_given_twice(scene: Scene) -> None:
    plan = made(scene)
    slot = turn_of(plan, 12)
    place = slot.visits.get().organisation
    days = {"since": date(2026, 12, 1), "until": date(2026, 12, 31)}
    kind = GrantKind.ROTATION
    grant_access(slot.user, place, kind=kind, reason="另一份安排", by=scene.staff, **days)
    publish_plan(plan, by=scene.staff, on=ON)
    assert AccessGrant.objects.filter(user=slot.user, organisation=place, **days).count() == 1


def test_a_month_is_set_on_its_page_and_conflicts_are_said_while_choosing(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    plan, client = made(scene), signed_in(scene.staff)
    month = f"{BASE}{plan.pk}/months/12/"
    goes = turn_of(plan, 11).user
    place = scene.second if goes == scene.worker else scene.first
    said = {"first": goes.pk, "first_places": [place.pk]}
    own = {"first": goes.pk, "first_places": [scene.first.pk if goes == scene.worker else scene.second.pk]}
    with django_assert_num_queries(19):
        live = client.post(f"{month}check/", said).content.decode()
    assert f"{goes.name}连续两个月" in live
    assert "不能检查本支部" in client.post(f"{month}check/", own).content.decode()
    assert "还缺 1 人。" in client.post(f"{month}check/", {}).content.decode()
    # What stands is judged before anything is touched.
    assert client.get(month).content.decode().count(">没有冲突<") == 1
    another = turn_of(plan, 12).user
    plan.slots.filter(month=12).delete()
    assert client.get(month).content.decode().count("还缺 1 人。") == 1
    free = scene.second if another == scene.worker else scene.first
    fits = {"first": another.pk, "first_places": [free.pk], "check": "1"}
    assert ">没有冲突<" in client.post(month, fits).content.decode()
    assert client.post(month, own).status_code == 422
    assert "两位不能是同一个人" in client.post(month, {**said, "second": goes.pk}).content.decode()
    assert client.post(month, said).status_code == 302
    assert (turn_of(plan, 12).user, turn_of(plan, 12).visits.get().organisation) == (goes, place)
    assert [
        client.get(f"{BASE}{plan.pk}/months/13/").status_code,
        client.get(f"{month}check/").status_code,
    ] == [
        404,
        405,
    ]


def test_the_year_costs_the_same_for_any_number_of_turns(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    plan, client = made(scene), signed_in(scene.staff)
    address = f"{BASE}{plan.pk}/"
    client.get(address)
    with django_assert_num_queries(12):
        client.get(address)
    plan.slots.filter(month__gt=2).delete()
    with django_assert_num_queries(12):
        client.get(address)


def test_from_a_year_and_a_turn_one_step_leads_back(scene: Scene) -> None:
    plan, client = made(scene), signed_in(scene.staff)
    year = f'<li><a href="{BASE}{plan.pk}/">2026 年轮训安排</a></li>'
    above = f'<ol class="crumbs noprint"><li><a href="{BASE}">轮训安排</a></li>'
    assert client.get(f"{BASE}{plan.pk}/").content.decode().count(f"{above}</ol>") == 1
    turn = client.get(f"{BASE}turns/{turn_of(plan, 12).pk}/").content.decode()
    assert turn.count(f"{above}{year}</ol>") == 1


def test_pairs_and_months_away_are_kept_on_the_page_of_the_year(scene: Scene) -> None:
    plan, client = made(scene), signed_in(scene.staff)
    pairs = f"{BASE}{plan.pk}/pairs/"
    both = {"first": scene.first.pk, "second": scene.second.pk}
    assert client.post(f"{pairs}add/", {**both, "second": scene.first.pk}).status_code == 422
    client.post(f"{pairs}add/", both)
    page = client.get(f"{BASE}{plan.pk}/").content.decode()
    assert f"{scene.first.name} 与 {scene.second.name}" in page
    client.post(f"{pairs}{BranchPair.objects.get().pk}/end/")
    client.post(f"{BASE}{plan.pk}/replan/")
    client.post(f"{BASE}{plan.pk}/away/", {"person": turn_of(plan, 12).user_id, "months": ["12"]})
    client.post(f"{BASE}{plan.pk}/away/{plan.away.get().pk}/end/")
    assert (BranchPair.objects.count(), plan.away.count()) == (0, 0)


def test_the_ledger_tells_what_became_of_each_turn(scene: Scene) -> None:
    plan = publish_plan(made(scene), by=scene.staff, on=ON)
    sign_turn(hand_in(turn_of(plan, 11), by=turn_of(plan, 11).user, on=ON), by=scene.staff, on=ON)
    cleaned = {"organisation": None, "period": "2026"}
    rows = {row[2]: row for row in rotation_rows(scene.staff, cleaned, ON)}
    assert (len(rows), rows[11][6:9], rows[12][9]) == (12, (0, ON, scene.staff.name), Cell("未开始"))
    assert list(rotation_rows(scene.foreign_staff, cleaned, ON)) == []
