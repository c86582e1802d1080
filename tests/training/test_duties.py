"""What training asks for stands on the month list until it is done or taken back."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from branches.models import Organisation
from periods.months import Month
from reminders.actions.refresh import refresh, refresh_stale
from reminders.models import ListChange, ReminderItem
from reminders.rules import ChangeKind, ItemState
from tests.factories.reminders import make_action
from tests.reminders.scene import ON, Scene, make_scene
from training.actions.duties import DutyData, ask, drop_past, settle, take_back
from training.models import Duty
from training.rules.duties import DutyKind

CODE = "training_duty"
RULE = {"kind": "event_offset", "anchor": "training_duty", "due_offset": {"days": 0}}
DAY = date(2026, 11, 28)  # a Saturday: the day somebody set is never moved


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = make_scene(monkeypatch)
    make_action(CODE, due_rule=RULE, record_kind="date_only", applies_when=["all"])
    return made


def items() -> list[tuple[int, str, date, str]]:
    found = ReminderItem.objects.filter(action__code=CODE).order_by("organisation", "pk")
    return [(item.organisation_id, item.subject_name, item.due_on, item.state) for item in found]


def asked(*places: Organisation, due_on: date = DAY, name: str = "案例研讨") -> int:
    data = DutyData(DutyKind.SESSION, 7, name, due_on, "三楼会议室")
    return ask(places, data=data, on=ON)


def test_it_stands_on_the_lists_of_those_asked_and_of_nobody_else(scene: Scene) -> None:
    assert asked(scene.first, scene.general) == 2
    refresh(Month.of(ON), on=ON)
    refresh(Month.of(ON), on=ON)
    assert items() == [
        (scene.general.pk, "案例研讨", DAY, ItemState.OPEN),
        (scene.first.pk, "案例研讨", DAY, ItemState.OPEN),
    ]
    assert set(ReminderItem.objects.values_list("note", flat=True)) == {"三楼会议室"}


def test_asking_again_moves_it_and_lets_go_of_who_is_left_out(scene: Scene) -> None:
    # A line that stands keeps the name under which people know it; its page says the new one.
    asked(scene.first, scene.second)
    refresh(Month.of(ON), on=ON)
    asked(scene.second, due_on=DAY - timedelta(days=1), name="情景演练")
    refresh_stale(on=ON)
    assert items() == [
        (scene.first.pk, "案例研讨", DAY, ItemState.WITHDRAWN),
        (scene.second.pk, "案例研讨", DAY - timedelta(days=1), ItemState.OPEN),
    ]
    asked(scene.first, scene.second)
    refresh_stale(on=ON)
    assert [state for *_, state in items()] == [ItemState.OPEN, ItemState.OPEN]


def test_what_is_settled_is_done_by_itself_in_one_place_or_everywhere(scene: Scene) -> None:
    asked(scene.first, scene.second)
    refresh(Month.of(ON), on=ON)
    settle(DutyKind.SESSION, 7, by=scene.staff, on=ON, only=scene.first)
    refresh_stale(on=ON)
    assert [state for *_, state in items()] == [ItemState.DONE, ItemState.OPEN]
    change = ListChange.objects.get(kind=ChangeKind.DONE)
    assert (change.reason, change.by) == ("培训任务已完成，自动办结", scene.staff)
    first = Duty.objects.get(organisation=scene.first).done_at
    settle(DutyKind.SESSION, 7, by=scene.staff, on=ON + timedelta(days=1))
    assert Duty.objects.get(organisation=scene.first).done_at == first
    assert Duty.objects.get(organisation=scene.second).done_on == ON + timedelta(days=1)


def test_what_is_taken_back_goes(scene: Scene) -> None:
    asked(scene.first)
    refresh(Month.of(ON), on=ON)
    take_back(DutyKind.SESSION, 7, on=ON)
    refresh_stale(on=ON)
    assert [state for *_, state in items()] == [ItemState.WITHDRAWN]


def test_what_is_done_has_a_moment(scene: Scene) -> None:
    asked(scene.first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.update(done_on=ON)


def test_what_was_for_a_month_that_is_over_is_asked_no_longer(scene: Scene) -> None:
    data = DutyData(DutyKind.ROTATION, 3, "轮训", ON)
    ask([scene.first], data=data, on=ON)
    asked(scene.first)
    after = ON + timedelta(days=1)
    assert [drop_past(DutyKind.ROTATION, on=day) for day in (ON, after)] == [0, 1]
    assert list(Duty.objects.order_by("kind").values_list("kind", "dropped_on", "done_on")) == [
        ("rotation", after, None),
        ("session", None, None),
    ]
