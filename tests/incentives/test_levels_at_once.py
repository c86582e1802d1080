"""Two people enter the panel's result at the same moment, on PostgreSQL."""

import threading

import pytest
from django.db import connections, transaction

from incentives.actions.levels import decide_level
from incentives.models import PanelVote, PublicNotice
from incentives.rules.contributions import IncentiveRefused
from tests.incentives.level_scene import applied, panel
from tests.reminders.scene import ON, make_scene

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_a_case_is_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    case, votes, said = applied(scene), panel(scene), []

    def follow() -> None:
        try:
            decide_level(case, votes=votes, held_on=ON, by=scene.staff, on=ON)
        except IncentiveRefused as refused:
            said.append(str(refused))
        finally:
            connections.close_all()

    follower = threading.Thread(target=follow)
    with transaction.atomic():
        decide_level(case, votes=votes, held_on=ON, by=scene.staff, on=ON)
        follower.start()
        follower.join(1)
    follower.join(10)
    assert not follower.is_alive()
    assert said == ["现在是“公示中”，不能做这一步，请刷新页面查看。"]
    assert (PanelVote.objects.count(), PublicNotice.objects.count()) == (3, 1)
