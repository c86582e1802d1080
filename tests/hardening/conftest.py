"""The demo, those who look at it, and the objects made for pages the demo has nothing for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from tests.clock import stop_clock
from tests.database import LoadedDemo
from tests.hardening.scenery import scenery
from tests.hardening.scenery.world import World
from tests.hardening.viewers import AS_OF, viewers


@pytest.fixture(scope="module")
def demo(loaded_demo: LoadedDemo) -> Iterator[None]:
    with loaded_demo(AS_OF):
        yield


@pytest.fixture
def people(demo: None, db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, User | None]:
    stop_clock(monkeypatch, AS_OF)
    return viewers(on=AS_OF)


@pytest.fixture
def world(people: dict[str, User | None], settings: Settings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path  # a box of its own: what other tests sealed cannot be opened here
    names = ("own_worker", "own_secretary", "staff", "leaver")
    worker, secretary, staff, leaver = (user for name in names if (user := people[name]))
    return World(AS_OF, worker, secretary, staff, leaver)


@pytest.fixture
def made(world: World) -> dict[str, str]:
    """URL name → address of an object of the own branch, made for this page."""
    return scenery(world)
