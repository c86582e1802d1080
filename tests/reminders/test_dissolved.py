"""A dissolved branch: its list stays readable for those above it, and nobody changes it any more."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from branches.models import Organisation
from reminders.models import ReminderItem
from reminders.queries.month_list import UnknownPlace, place_of
from reminders.rules import ItemState
from tests.factories.items import make_item
from tests.reminders.scene import ON, Scene, make_scene

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
STEPS = [
    ("item_close", {"held_on": str(ON), "quick": "1"}),
    ("item_undo", {}),
    ("item_not_applicable", {"reason": "原因"}),
    ("item_return", {"checklist_line": "定主题", "reason": "原因"}),
]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    scene = make_scene(monkeypatch)
    Organisation.objects.filter(pk=scene.first.pk).update(dissolved_on=ON, facts_changed=False)
    return scene


def states() -> list[str]:
    return list(ReminderItem.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(("step", "data"), STEPS)
def test_no_step_is_taken(
    scene: Scene, client: Client, step: str, data: dict[str, str], headers: dict[str, str]
) -> None:
    items = [make_item(scene.first), make_item(scene.first, state=ItemState.DONE, done_on=ON)]
    client.force_login(scene.staff)
    for item in items:
        response = client.post(reverse(f"reminders:{step}", args=[item.pk]), data, headers=headers)
        assert response.status_code == 404
    assert states() == [ItemState.OPEN, ItemState.DONE]


def test_until_the_day_itself_the_steps_are_taken(scene: Scene, client: Client) -> None:
    Organisation.objects.filter(pk=scene.first.pk).update(dissolved_on=ON + timedelta(days=1))
    item = make_item(scene.first, state=ItemState.DONE, done_on=ON)
    client.force_login(scene.staff)
    response = client.post(reverse("reminders:item_undo", args=[item.pk]), headers=HTMX)
    assert (response.status_code, states()) == (200, [ItemState.OPEN])


def test_its_history_is_read(scene: Scene, client: Client) -> None:
    item = make_item(scene.first, name="开过的会", state=ItemState.DONE, done_on=ON)
    client.force_login(scene.staff)
    detail = reverse("reminders:item_detail", args=[item.pk])
    month = f"{reverse('reminders:month_list')}?organisation={scene.first.code}"
    for response in (client.get(detail), client.get(detail, headers=HTMX), client.get(month)):
        page = response.content.decode()
        assert "开过的会" in page
        assert [
            words for words in ("/close/", "/undo/", "/return/", "/not-applicable/") if words in page
        ] == []


def test_it_is_offered_to_nobody_and_named_only_by_those_above_it(scene: Scene) -> None:
    offered = place_of(scene.staff, code="", on=ON).others
    assert [code for code, _ in offered] == [scene.general.code, scene.second.code]
    assert place_of(scene.staff, code=scene.first.code, on=ON).reads_only is True
    with pytest.raises(UnknownPlace):
        place_of(scene.foreign_staff, code=scene.first.code, on=ON)
