"""What the tests of the error bank share: a general branch with two branches, and a foreign one."""

import pytest

from tests.reminders.scene import Scene, make_scene


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)
