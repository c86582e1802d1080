"""The pages of sessions: work, refused, foreign, wrong method, and what each says."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from tests.branches.conftest import signed_in
from tests.factories.branches import make_member
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene
from tests.training.session_scene import planned, said
from training.actions.sessions import hold_session, plan_session
from training.models import Session
from training.rules.sessions import SessionState

Counter = Callable[[int], AbstractContextManager[object]]
BASE = "/w/training/"


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def asked(scene: Scene, **fields: Any) -> dict[str, Any]:
    given = {
        "organisation": scene.general.pk,
        "kind": "case",
        "title": "案例研讨",
        "held_on": "2026-11-30",
        "starts_at": "14:30",
        "minutes": "90",
        "place": "三楼",
        "leader_name": "外请老师",
        "audience": "everybody",
        "branches": [scene.first.pk],
        "categories": ["meetings"],
    }
    return {**given, **fields}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_list_shows_what_comes_and_what_was(scene: Scene, django_assert_num_queries: Counter) -> None:
    client = signed_in(scene.worker)
    planned(scene, title=HOSTILE[:60], held_on=ON + timedelta(days=3))
    plan_session(
        scene.foreign_general,
        data=said(scene, title="外单位的", branches=[scene.foreign_branch]),
        by=scene.foreign_staff,
        on=ON,
    )
    client.get(BASE)
    with django_assert_num_queries(4):
        page = text(client.get(BASE))
    assert ("接下来" in page, "已经过去的" in page, "外单位的" in page, HOSTILE[:60] in page) == (
        True,
        False,
        False,
        False,
    )
    for number in range(2):
        planned(scene, title=f"往期 {number}", held_on=ON - timedelta(days=9 + number))
    with django_assert_num_queries(4):
        page = text(client.get(BASE))
    ledger = page.count('href="/w/ledgers/sessions/"')
    assert (page.count("待登记出勤"), "安排一次培训" in page, ledger) == (2, False, 1)
    assert "这一年没有培训" in text(client.get(f"{BASE}?year=2024"))
    strange = ("020260", "9" * 5000, "0", "二〇二六")
    assert [client.get(f"{BASE}?year={year}").status_code for year in strange] == [404] * 4
    assert client.get(BASE, {"year": "二〇二六"}).status_code == 404


def test_planning_on_the_page(scene: Scene) -> None:
    client = signed_in(scene.staff)
    missing = client.post(f"{BASE}sessions/add/", asked(scene, leader_name="", branches=[]))
    assert missing.status_code == 422
    page = text(missing)
    assert ("请选择本单位的主讲人" in page, "请选择请哪些支部参加" in page, 'value="案例研讨"' in page) == (
        True,
        True,
        True,
    )
    answer = client.post(f"{BASE}sessions/add/", asked(scene))
    session = Session.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{BASE}sessions/{session.pk}/")
    assert (int(session.hours), session.categories, session.leader_name) == (2, ["meetings"], "外请老师")
    again = client.post(f"{BASE}sessions/add/", asked(scene))
    assert (again.status_code, "没有重复安排" in text(again), Session.objects.count()) == (422, True, 1)


def test_changing_on_the_page(scene: Scene) -> None:
    session, client = planned(scene), signed_in(scene.staff)
    address = f"{BASE}sessions/{session.pk}/edit/"
    assert 'value="会议记录里的错题"' in text(client.get(address))
    changed = asked(scene, title="改后的主题", everywhere="on", leader=scene.worker.pk, seen="0")
    assert client.post(address, changed).status_code == 302
    session.refresh_from_db()
    assert (session.title, session.leader, session.leader_name, session.branches.count()) == (
        "改后的主题",
        scene.worker,
        scene.worker.name,
        2,
    )
    assert client.post(address, changed).status_code == 422


def test_ticking_and_reopening_on_the_page(scene: Scene, django_assert_num_queries: Counter) -> None:
    first, second = (make_member(scene.first) for _ in range(2))
    session, client = planned(scene), signed_in(scene.staff)
    address = f"{BASE}sessions/{session.pk}/"
    page = text(client.get(f"{address}attendance/"))
    assert page.count('name="present"') == page.count(" checked>") == 2
    empty = client.post(f"{address}attendance/", {})
    assert (empty.status_code, text(empty).count(" checked>")) == (422, 0)
    assert client.post(f"{address}attendance/", {"present": [second.pk]})["Location"] == address
    with django_assert_num_queries(11):
        page = text(client.get(address))
    assert ("应到 2 人，实到 1 人" in page, f"{first.name}（缺席）" in page) == (True, True)
    assert client.get(f"{address}attendance/").status_code == 302
    assert client.post(f"{address}reopen/")["Location"] == f"{address}attendance/"
    assert client.post(f"{address}reopen/")["Location"] == address


def test_cancelling_on_the_page(scene: Scene) -> None:
    session, client = planned(scene), signed_in(scene.staff)
    address = f"{BASE}sessions/{session.pk}/"
    assert client.post(f"{address}cancel/", {"reason": ""}).status_code == 422
    assert client.post(f"{address}cancel/", {"reason": "老师有事"})["Location"] == address
    assert "已取消：老师有事" in text(client.get(address))
    assert client.get(f"{address}edit/").status_code == 302
    assert client.post(f"{address}cancel/", {"reason": "再来"}).status_code == 422


def test_a_branch_sees_its_own_people_only(scene: Scene) -> None:
    mine, theirs = make_member(scene.first), make_member(scene.second)
    session = planned(scene)
    page = text(signed_in(scene.worker).get(f"{BASE}sessions/{session.pk}/"))
    assert (mine.name in page, theirs.name in page, "修改" in page) == (True, False, False)


def test_who_may_not(scene: Scene) -> None:
    session = hold_session(planned(scene), present=[make_member(scene.first).pk], by=scene.staff, on=ON)
    address = f"{BASE}sessions/{session.pk}/"
    running = ["edit/", "cancel/", "attendance/"]
    worker, foreign = signed_in(scene.worker), signed_in(scene.foreign_staff)
    assert [worker.get(f"{address}{name}").status_code for name in running] == [403, 403, 403]
    assert worker.get(f"{BASE}sessions/add/").status_code == 403
    assert [foreign.get(f"{address}{name}").status_code for name in ["", *running]] == [404] * 4
    assert foreign.post(f"{address}reopen/").status_code == 404
    assert signed_in(scene.staff).get(f"{address}reopen/").status_code == 405
    assert worker.post(BASE).status_code == 405
    assert Session.objects.get().state == SessionState.HELD
