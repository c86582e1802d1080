"""The yearly check, the warning, its delivery and lowering, by their pages."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from incentives.models import LevelTerm, LevelWarning, LevelYear
from incentives.rules.levels import LevelCode
from tests.incentives.level_scene import held
from tests.reminders.scene import ON, Scene, make_scene


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def test_staff_check_warn_deliver_and_lower(scene: Scene, client: Client) -> None:
    term = held(scene, LevelCode.SUPERVISOR, date(2024, 1, 1))
    pages = [reverse(f"incentives:{name}", args=[term.pk]) for name in ("level_year", "level_warn")]
    client.force_login(scene.foreign_staff)
    assert [client.get(page).status_code for page in pages] == [404, 404]
    client.force_login(scene.worker)
    assert [client.get(page).status_code for page in pages] == [403, 403]
    client.force_login(scene.staff)
    year, warn = pages
    assert [client.post(year, {"year": each}).status_code for each in ("2025", "2025", "2026")] == [
        302,
        422,
        422,
    ]
    assert client.post(year, {"year": "2024"}).status_code == 302
    assert client.post(warn, {"words": "两年未达标"}).status_code == 422
    LevelYear.objects.update(met=False)
    assert client.post(warn, {"words": "两年未达标"}).status_code == 302
    warning = LevelWarning.objects.get()
    steps = ("level_deliver", "level_lower", "level_received")
    deliver, lower, received = (reverse(f"incentives:{name}", args=[warning.pk]) for name in steps)
    assert [client.post(lower).status_code, client.post(received).status_code] == [422, 404]
    assert client.post(deliver, {"delivered_on": ON.isoformat(), "words": "当面送交"}).status_code == 302
    client.force_login(scene.worker)
    assert [client.get(received).status_code, client.post(received).status_code] == [405, 302]
    client.force_login(scene.staff)
    assert client.post(lower).status_code == 302
    assert LevelTerm.objects.get(ended_on=None).level == LevelCode.SPECIALIST
