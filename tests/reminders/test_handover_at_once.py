"""Two people act on one handover at the same moment, on PostgreSQL: one transfer, nobody waits for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from branches.models import AccessGrant
from reminders.actions.handover import (
    HandoverRefused,
    cancel_handover,
    confirm_lines,
    open_due_handovers,
    open_handover,
    repack,
    sign_handover,
)
from reminders.actions.items import mark_not_applicable
from reminders.handover_rules import Capacity, HandoverState, Part
from reminders.models import Handover, HandoverSignature, ReminderItem
from tests.branches.test_at_once import first_then, outcome
from tests.reminders.handovers import NOW, ON, Scene, confirmed, current, make_scene, mine, opened

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene() -> Scene:
    return make_scene(newcomer_since=ON - timedelta(days=1))


def signing(handover: Handover, capacity: Capacity, scene: Scene) -> Callable[[], object]:
    people = {
        Capacity.LEAVER: scene.leaver,
        Capacity.NEWCOMER: scene.newcomer,
        Capacity.WITNESS: scene.staff,
    }
    row = Handover.objects.get(pk=handover.pk)
    return lambda: sign_handover(row, capacity=capacity, by=people[capacity], on=ON, now=NOW)


@pytest.mark.parametrize(
    "order", [(Capacity.NEWCOMER, Capacity.WITNESS), (Capacity.WITNESS, Capacity.NEWCOMER)]
)
def test_the_last_two_signatures_at_once_change_hands_once(
    scene: Scene, order: tuple[Capacity, Capacity]
) -> None:
    items = [mine(scene, name=f"事项{n}") for n in range(3)]
    handover = confirmed(scene)
    signing(handover, Capacity.LEAVER, scene)()
    results = first_then(*(signing(handover, capacity, scene) for capacity in order))
    assert outcome(results) == [Handover, Handover]
    handover.refresh_from_db()
    assert handover.state == HandoverState.SIGNED
    assert handover.signatures.count() == 3
    found = ReminderItem.objects.filter(pk__in=[item.pk for item in items])
    assert set(found.values_list("responsible_name", flat=True)) == {"王接任"}


def test_the_same_signature_twice_counts_once(scene: Scene) -> None:
    handover = confirmed(scene)
    twice = signing(handover, Capacity.LEAVER, scene), signing(handover, Capacity.LEAVER, scene)
    assert outcome(first_then(*twice)) == [Handover, HandoverRefused]
    assert HandoverSignature.objects.count() == 1


def test_two_runs_open_one_handover_and_give_one_grant(scene: Scene) -> None:
    results = first_then(lambda: open_due_handovers(on=ON), lambda: open_due_handovers(on=ON))
    assert [len(found) for found in results if isinstance(found, list)] == [1, 0]
    assert Handover.objects.count() == 1
    assert AccessGrant.objects.count() == 1


def test_staff_and_the_run_open_one_handover(scene: Scene) -> None:
    results = first_then(
        lambda: open_handover(scene.leaver_post, last_day=ON, by=scene.staff, on=ON),
        lambda: open_due_handovers(on=ON),
    )
    assert outcome(results) == [Handover, list]
    assert Handover.objects.count() == 1


def test_a_line_packed_twice_at_once_is_one_line(scene: Scene) -> None:
    handover = opened()
    mine(scene, name="新的事项")
    rows = [Handover.objects.get(pk=handover.pk) for _ in range(2)]
    results = first_then(lambda: repack(rows[0], on=ON), lambda: repack(rows[1], on=ON))
    assert outcome(results) == [Handover, Handover]
    assert handover.lines.filter(title="新的事项", part=Part.OPEN_ITEMS).count() == 1


@pytest.mark.parametrize("signs_first", [True, False])
def test_an_item_closed_while_hands_change_keeps_one_name(scene: Scene, signs_first: bool) -> None:
    item = mine(scene)
    handover = confirmed(scene)
    for capacity in (Capacity.LEAVER, Capacity.NEWCOMER):
        signing(handover, capacity, scene)()

    def close() -> object:
        return mark_not_applicable(item, reason="停办", by=scene.leaver, on=ON)

    last = signing(handover, Capacity.WITNESS, scene)
    results = first_then(*((last, close) if signs_first else (close, last)))
    assert set(outcome(results)) == {Handover, ReminderItem}
    item.refresh_from_db()
    assert item.responsible_name == ("王接任" if signs_first else "李离任")


def test_signing_and_cancelling_at_once(scene: Scene) -> None:
    handover = confirmed(scene)
    for capacity in (Capacity.LEAVER, Capacity.NEWCOMER):
        signing(handover, capacity, scene)()
    row = Handover.objects.get(pk=handover.pk)
    results = first_then(
        lambda: cancel_handover(row, reason="暂停", by=scene.staff, on=ON),
        signing(handover, Capacity.WITNESS, scene),
    )
    assert outcome(results) == [Handover, HandoverRefused]
    assert HandoverSignature.objects.count() == 2


def test_confirming_twice_at_once(scene: Scene) -> None:
    handover = confirmed(scene)
    Handover.objects.update(state=HandoverState.CHECKED)
    lines = current(handover)
    rows = [Handover.objects.get(pk=handover.pk) for _ in range(2)]

    def confirm(row: Handover) -> Callable[[], object]:
        return lambda: confirm_lines(row, confirmed=lines, questions={}, by=scene.newcomer, on=ON)

    assert outcome(first_then(confirm(rows[0]), confirm(rows[1]))) == [Handover, HandoverRefused]
