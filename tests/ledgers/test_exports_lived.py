"""A past month stays as exported while records are entered late and cancelled, and items are closed."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from ledgers.models import Export
from records.actions import cancel_record
from records.models import Record
from records.rules import GENERAL_MEETING
from tests.factories.records import make_held, moment
from tests.ledgers.test_exports import again, foot, words
from tests.reminders.scene import ON, Scene, central_action, done, make_item, make_scene

pytestmark = pytest.mark.django_db

FILES = ["meetings", "reminders"]
OCTOBER = "?period=2026-10"
DAY = date(2026, 10, 14)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    scene = make_scene(monkeypatch)
    for place in (scene.first, scene.second):
        make_held(place, GENERAL_MEETING, on=DAY, topics="讨论发展党员", place="会议室")
        make_item(place, central_action(f"meeting{place.pk}"), period="2026-10", due_on=date(2026, 10, 30))
    return scene


def exported(client: Client, slug: str) -> tuple[bytes, Export]:
    file = client.get(reverse("ledgers:ledger_export", args=[slug, "xlsx"]) + OCTOBER)
    return file.content, Export.objects.latest("pk")


def live_on(scene: Scene) -> None:
    """One comes late, one is cancelled, one is done."""
    make_held(scene.first, GENERAL_MEETING, on=DAY, entered=ON, topics="补登的会")
    cancel_record(Record.objects.filter(organisation=scene.second).get(), by=scene.staff, on=ON)
    # On the day that these tests live in, not on that of the machine.
    Record.objects.exclude(cancelled_at=None).update(cancelled_at=moment(ON))
    scene.first.reminder_items.update(**done(date(2026, 11, 2)))


@pytest.mark.parametrize("slug", FILES)
def test_a_past_month_comes_back_as_it_was(client: Client, scene: Scene, slug: str) -> None:
    client.force_login(scene.staff)
    first, made = exported(client, slug)
    paper = words(again(client, made, "pdf"))
    live_on(scene)
    assert again(client, made) == first
    assert words(again(client, made, "pdf")) == paper
    fresh, later = exported(client, slug)
    assert (fresh == first, later.checksum == made.checksum, later.as_of > made.as_of) == (False, False, True)
    assert (made.checksum in foot(first), later.checksum in foot(fresh)) == (True, True)


def test_what_has_changed_since_is_counted(client: Client, scene: Scene) -> None:
    client.force_login(scene.staff)
    made = {slug: exported(client, slug)[1] for slug in FILES}
    live_on(scene)

    def counts(slug: str) -> list[int]:
        html = client.get(reverse("ledgers:export_compare", args=[made[slug].number])).content.decode()
        parts = [html.partition(f"</b><span>{name}</span>")[0] for name in ("新增", "不再列入", "有变化")]
        return [int(part.rpartition("<b>")[2]) for part in parts]

    assert counts("meetings") == [1, 1, 0]
    assert counts("reminders") == [0, 0, 1]


def test_an_export_is_not_for_who_has_left(client: Client, scene: Scene) -> None:
    client.force_login(scene.worker)
    made = exported(client, "meetings")[1]
    scene.worker.posts.update(until=date(2026, 11, 1))
    assert client.post(reverse("ledgers:export_again", args=[made.number, "xlsx"])).status_code == 404


def test_a_paper_is_found_from_above_and_not_from_beside(client: Client, scene: Scene) -> None:
    client.force_login(scene.staff)
    made = exported(client, "meetings")[1]
    found = []
    for reader in (scene.overseer, scene.staff, scene.worker, scene.foreign_staff):
        client.force_login(reader)
        html = client.get(reverse("ledgers:export_check"), {"words": made.checksum[:8]}).content.decode()
        found.append(html.count(f"导出编号 {made.number}"))
    assert found == [1, 1, 0, 0]
