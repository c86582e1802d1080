"""Helpers and pairs of the scene: a colleague who helps, and a pupil who is the scene's worker."""

from datetime import timedelta
from typing import Any

from accounts.models import User
from branches.rules import Role
from tests.factories.branches import make_holder
from tests.reminders.scene import ON, Scene
from training.actions.mentors import PairData, make_pair, offer_topics
from training.models import MentorTopic, Pair


def colleague(scene: Scene, **fields: Any) -> User:
    return make_holder(scene.second, Role.WORKER, **fields)


def offered(user: User, topic: str = "meetings", most: int = 2) -> MentorTopic:
    offer_topics(user, topics=[topic], most=most)
    return MentorTopic.objects.get(user=user, topic=topic)


def paired(scene: Scene, mentor: User, **fields: Any) -> Pair:
    given: dict[str, Any] = {
        "mentor": mentor,
        "pupil": scene.worker,
        "goals": ["meetings"],
        "since": ON - timedelta(days=9),
        "until": ON + timedelta(days=30),
    }
    return make_pair(scene.general, data=PairData(**{**given, **fields}), by=scene.staff, on=ON)
