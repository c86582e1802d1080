"""Planning, changing, cancelling, holding and reopening a session, and what each leaves behind."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from branches.rules import Role
from incentives.rules.contributions import EntryKind
from incentives.sources import SOURCES
from notices.models import Message
from records.models import Record
from records.queries import hours_by_member
from tests.factories.branches import make_holder, make_member, make_post
from tests.ledgers.opened import document_of, excel_rows, in_excel
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene
from tests.training.session_scene import people, planned, said
from training.actions.duties import settle_past
from training.actions.sessions import (
    CHANGED_MEANWHILE,
    NOT_PLANNED,
    SessionRefused,
    cancel_session,
    change_session,
    hold_session,
    plan_session,
    reopen_session,
)
from training.ledgers.sessions import SESSIONS
from training.models import Duty, Session
from training.queries.sessions import people_of, session_page
from training.rules.duties import DutyKind
from training.rules.sessions import Audience, SessionState, class_hours


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def duties(session: Session) -> list[tuple[int, date, date | None, date | None]]:
    rows = Duty.objects.filter(kind=DutyKind.SESSION, subject=session.pk).order_by("organisation")
    return list(rows.values_list("organisation", "due_on", "done_on", "dropped_on"))


def test_planning_invites_once_and_tells_those_who_work_there(scene: Scene) -> None:
    session = planned(scene)
    assert [branch.organisation for branch in session.branches.order_by("pk")] == [scene.first, scene.second]
    assert duties(session) == [(scene.first.pk, ON, None, None), (scene.second.pk, ON, None, None)]
    assert [message.recipient for message in Message.objects.all()] == [scene.worker]
    with pytest.raises(SessionRefused, match="没有重复安排"):
        planned(scene)


@pytest.mark.parametrize(("fields", "words"), [({"branches": []}, "请选择"), ({"foreign": True}, "不在")])
def test_whom_a_session_cannot_invite(scene: Scene, fields: dict[str, Any], words: str) -> None:
    chosen = [scene.foreign_branch] if fields.pop("foreign", False) else []
    with pytest.raises(SessionRefused, match=words):
        planned(scene, branches=chosen)
    assert not Session.objects.exists()


def test_a_change_moves_the_duty_and_an_old_screen_is_refused(scene: Scene) -> None:
    session, later = planned(scene), ON + timedelta(days=7)
    data = said(scene, held_on=later, branches=[scene.first])
    change_session(session, data=data, by=scene.staff, on=ON, seen=0)
    assert duties(session) == [(scene.first.pk, later, None, None), (scene.second.pk, ON, None, ON)]
    with pytest.raises(SessionRefused, match=CHANGED_MEANWHILE):
        change_session(session, data=data, by=scene.staff, on=ON, seen=0)


def test_cancelling_takes_the_duty_back_and_the_day_is_free_again(scene: Scene) -> None:
    session = planned(scene)
    with pytest.raises(SessionRefused, match="为什么取消"):
        cancel_session(session, reason=" ", by=scene.staff, on=ON)
    assert cancel_session(session, reason="老师有事", by=scene.staff, on=ON).state == SessionState.CANCELLED
    assert {dropped for *_, dropped in duties(session)} == {ON}
    with pytest.raises(SessionRefused, match=NOT_PLANNED):
        cancel_session(session, reason="再一次", by=scene.staff, on=ON)
    with pytest.raises(SessionRefused, match=NOT_PLANNED):
        hold_session(session, present=[], by=scene.staff, on=ON)
    assert planned(scene).state == SessionState.PLANNED


def test_holding_gives_class_hours_to_who_was_there_and_closes_the_duty(scene: Scene) -> None:
    first, second, third = people(scene)
    session = planned(scene)
    hold_session(session, present=[first.pk, third.pk], by=scene.staff, on=ON)
    record = Record.objects.get()
    assert (record.organisation, record.eligible_count, record.present_count, record.self_started) == (
        scene.first,
        3,
        2,
        False,
    )
    hours = hours_by_member([first.pk, second.pk, third.pk], year=ON.year, on=ON)
    assert hours == {first.pk: Decimal(2), third.pk: Decimal(2)}
    assert {done for _, _, done, _ in duties(session)} == {ON}
    with pytest.raises(SessionRefused, match=NOT_PLANNED):
        hold_session(session, present=[first.pk], by=scene.staff, on=ON)
    assert Record.objects.count() == 1


@pytest.mark.parametrize("trouble", ["early", "stranger", "nobody"])
def test_when_attendance_cannot_be_kept(scene: Scene, trouble: str) -> None:
    mine, stranger = people(scene, 1)[0], make_member(scene.foreign_branch)
    session = planned(scene, held_on=ON + timedelta(days=trouble == "early"))
    present = {"early": [mine.pk], "stranger": [mine.pk, stranger.pk], "nobody": []}[trouble]
    words = {"early": "日期还没有到", "stranger": "不在这次培训的名单里", "nobody": "一个人也没有勾选"}[
        trouble
    ]
    with pytest.raises(SessionRefused, match=words):
        hold_session(session, present=present, by=scene.staff, on=ON)
    assert (Record.objects.count(), Session.objects.get().state) == (0, SessionState.PLANNED)


def test_reopening_takes_hours_back_and_ticking_anew_counts_once(scene: Scene) -> None:
    first, second = people(scene, 2)
    session = hold_session(planned(scene), present=[first.pk], by=scene.staff, on=ON)
    reopen_session(session, by=scene.staff, on=ON)
    assert hours_by_member([first.pk, second.pk], year=ON.year, on=ON) == {}
    assert {done for _, _, done, _ in duties(session)} == {None}
    with pytest.raises(SessionRefused, match="没有登记出勤"):
        reopen_session(session, by=scene.staff, on=ON)
    hold_session(session, present=[first.pk, second.pk], by=scene.staff, on=ON)
    found = hours_by_member([first.pk, second.pk], year=ON.year, on=ON)
    assert found == {first.pk: Decimal(2), second.pk: Decimal(2)}
    assert Record.objects.standing().count() == 1


def test_a_day_that_is_over_asks_the_organiser_and_nobody_else(scene: Scene) -> None:
    (member,) = people(scene, 1)
    session = planned(scene)  # 18 November 2026 is a Wednesday; three days later is a Saturday
    assert settle_past(DutyKind.SESSION, on=ON) == 0
    assert settle_past(DutyKind.SESSION, on=ON + timedelta(days=1)) == 2
    assert {done for _, _, done, _ in duties(session)} == {ON}
    duty = Duty.objects.get(kind=DutyKind.ATTENDANCE)
    assert (duty.organisation, duty.asked_on, duty.due_on, duty.done_on) == (
        scene.general,
        ON,
        date(2026, 11, 23),
        None,
    )
    assert not Duty.objects.waiting(on=ON - timedelta(days=1)).exists()
    hold_session(session, present=[member.pk], by=scene.staff, on=ON + timedelta(days=1))
    assert not Duty.objects.waiting(on=date(2027, 1, 1)).exists()


def test_whom_a_session_is_for(scene: Scene) -> None:
    plain, secretary = people(scene, 2)
    make_post(scene.first, Role.SECRETARY, member=secretary)
    worker = make_member(scene.first, user=scene.worker)
    wanted = {
        Audience.EVERYBODY: {plain.pk, secretary.pk, worker.pk},
        Audience.COMMITTEE: {secretary.pk},
        Audience.WORKERS: {secretary.pk, worker.pk},
    }
    found = {a: people_of([scene.first.pk], a, on=ON)[scene.first.pk] for a in Audience}
    assert {audience: {person.pk for person in some} for audience, some in found.items()} == wanted


def test_who_moved_since_stays_in_what_was_held(scene: Scene) -> None:
    first, second = people(scene, 2)
    session = hold_session(planned(scene), present=[first.pk], by=scene.staff, on=ON)
    second.memberships.update(until=ON)
    page = session_page(session, scene.staff, on=ON + timedelta(days=30))
    assert (page.invited, page.present) == (2, 1)


def test_who_led_it_contributed_once_it_was_held(scene: Scene) -> None:
    (member,) = people(scene, 1)
    leader = make_holder(scene.second, Role.WORKER)
    session = planned(scene, leader=leader, leader_name=leader.name)
    read = SOURCES["session"]
    assert list(read(ON)) == []
    hold_session(session, present=[member.pk], by=scene.staff, on=ON)
    (fact,) = read(ON)
    assert (fact.key, fact.user, fact.organisation, fact.kind) == (
        f"session:{session.pk}",
        leader.pk,
        scene.general.pk,
        EntryKind.SESSION,
    )
    assert list(read(ON + timedelta(days=1))) == []


def test_the_ledger_has_a_row_for_each_branch(scene: Scene) -> None:
    (member,) = people(scene, 1)
    hold_session(planned(scene, title=HOSTILE[:60]), present=[member.pk], by=scene.staff, on=ON)
    plan_session(
        scene.foreign_general,
        data=said(scene, title="外单位的", branches=[scene.foreign_branch]),
        by=scene.foreign_staff,
        on=ON,
    )
    found = document_of(SESSIONS, "", scene.staff, on=ON)
    assert [(row[1], row[4], *row[7:10]) for row in found.rows] == [
        (scene.first.name, HOSTILE[:60], 1, 1, Decimal(2)),
        (scene.second.name, HOSTILE[:60], None, None, None),
    ]
    assert excel_rows(found) == [tuple(in_excel(value) for value in row) for row in found.rows]
    assert [row[1] for row in document_of(SESSIONS, "kind=case", scene.worker, on=ON).rows] == [
        scene.first.name
    ]


@pytest.mark.parametrize(
    ("minutes", "hours"), [(1, "0.5"), (45, "1"), (56, "1"), (57, "1.5"), (90, "2"), (240, "5.5")]
)
def test_class_hours_of_a_length(minutes: int, hours: str) -> None:
    assert class_hours(minutes) == Decimal(hours)
