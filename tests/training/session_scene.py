"""A session of the scene, planned by its staff."""

from decimal import Decimal
from typing import Any

from branches.models import Member
from tests.factories.branches import make_member
from tests.reminders.scene import ON, Scene
from training.actions.sessions import SessionData, plan_session
from training.models import Session
from training.rules.sessions import Audience, SessionKind


def people(scene: Scene, count: int = 3) -> list[Member]:
    return [make_member(scene.first) for _ in range(count)]


def said(scene: Scene, **fields: Any) -> SessionData:
    given: dict[str, Any] = {
        "kind": SessionKind.CASE,
        "title": "会议记录里的错题",
        "held_on": ON,
        "minutes": 90,
        "hours": Decimal(2),
        "place": "三楼会议室",
        "leader_name": "外请老师",
        "branches": [scene.first, scene.second],
        "audience": Audience.EVERYBODY,
    }
    return SessionData(**{**given, **fields})


def planned(scene: Scene, **fields: Any) -> Session:
    return plan_session(scene.general, data=said(scene, **fields), by=scene.staff, on=ON)
