"""The scene of the board on a day after October, with briefs of it."""

from datetime import UTC, date, datetime

import pytest

from branches.models import Organisation
from dashboards.actions.briefs import prepare_brief, release_brief
from dashboards.models import Brief
from periods.months import Month
from tests.clock import stop_clock
from tests.dashboards.board_scene import Scene, make_scene

OCTOBER, SEPTEMBER = Month(2026, 10), Month(2026, 9)
ON = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 2, tzinfo=UTC)


def make_brief_scene(monkeypatch: pytest.MonkeyPatch, *, branches: int = 3) -> Scene:
    scene = make_scene(monkeypatch, branches=branches)
    stop_clock(monkeypatch, ON)
    return scene


def prepared(scene: Scene, month: Month = OCTOBER, *, place: Organisation | None = None) -> Brief:
    return prepare_brief(place or scene.general, month, by=scene.staff, on=ON, now=NOW)


def released(scene: Scene, month: Month = OCTOBER, *, place: Organisation | None = None) -> Brief:
    return release_brief(prepared(scene, month, place=place), by=scene.staff, on=ON, now=NOW)
