"""The demo of honours, told on a small tree: a whole cycle, a running notice, a proposal."""

import pytest

from branches.demo import DemoTree
from branches.rules import Role
from incentives.demo_honours import load
from incentives.models import HonourCase, HonourStory, Objection, PublicNotice
from incentives.rules.honours import CaseState
from incentives.rules.public_notices import NoticeState, ObjectionOutcome
from incentives.rules.stories import StoryState
from tests.factories.branches import make_holder, make_organisation, make_user
from tests.reminders.scene import ON, make_scene


def test_the_demo_has_a_whole_cycle_and_a_running_notice(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    places = {f"B{n}": make_organisation(f"B{n}", parent=scene.general) for n in range(4)}
    workers = {code: make_holder(place) for code, place in places.items()}
    secretaries = {code: make_holder(place, Role.SECRETARY) for code, place in places.items()}
    tree = DemoTree(ON, make_user(), scene.committee, scene.general, scene.staff)
    tree.branches, tree.workers, tree.secretaries = places, workers, secretaries
    load(tree)
    states = HonourCase.objects.order_by("proposed_on").values_list("state", flat=True)
    assert list(states) == [CaseState.AWARDED, CaseState.NOTICED, CaseState.PROPOSED]
    notices = PublicNotice.objects.order_by("opened_on").values_list("state", flat=True)
    assert list(notices) == [NoticeState.CLEAR, NoticeState.OPEN]
    said = Objection.objects.get()
    assert (said.outcome, said.answered_by) == (ObjectionOutcome.DISMISSED, scene.overseer)
    stories = HonourStory.objects.order_by("pk").values_list("state", flat=True)
    assert list(stories) == [StoryState.RELEASED, StoryState.DRAFT]
