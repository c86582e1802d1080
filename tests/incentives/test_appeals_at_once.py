"""The same appeal twice at the same moment, and two answers to one, on PostgreSQL."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections, transaction
from django.utils import timezone

from incentives.actions.appeals import answer_appeal, appeal
from incentives.models import Appeal
from incentives.rules.contributions import IncentiveRefused
from tests.reminders.scene import ON, Scene, make_scene

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def at_once(act: Callable[[], object]) -> list[str]:
    """Do it twice, the second while the first is not committed; returns what was refused."""
    said: list[str] = []

    def follow() -> None:
        try:
            act()
        except IncentiveRefused as refused:
            said.append(str(refused))
        finally:
            connections.close_all()

    follower = threading.Thread(target=follow)
    with transaction.atomic():
        act()
        follower.start()
        follower.join(1)
    follower.join(10)
    assert not follower.is_alive()
    return said


def contest(scene: Scene) -> Appeal:
    return appeal(
        scene.first, year=ON.year, entry=None, words="少记了", by=scene.worker, on=ON, now=timezone.now()
    )


def test_pressed_twice_it_is_one(scene: Scene) -> None:
    assert at_once(lambda: contest(scene)) == ["这一项的申诉正在等答复，不用重复提出。"]
    assert Appeal.objects.count() == 1


def test_two_answers_leave_one(scene: Scene) -> None:
    row = contest(scene)

    def answer() -> Appeal:
        return answer_appeal(row, corrected=False, answer="核对过", by=scene.staff, on=ON, now=timezone.now())

    assert at_once(answer) == ["这一件刚刚已经答复过，请刷新页面查看。"]
