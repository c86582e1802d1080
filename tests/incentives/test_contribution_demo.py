"""The demo of contributions, told on a small tree."""

import pytest

from branches.demo import DemoTree
from branches.models import AccessGrant
from incentives.demo_contributions import NAMED, load
from incentives.models import BonusSheet, BranchCondition, ContributionEntry, Nomination
from incentives.rules.contributions import NominationState
from tests.factories.branches import make_holder, make_organisation, make_user
from tests.incentives.entry_scene import closed_item
from tests.reminders.scene import ON, make_scene


def test_the_demo_has_entries_nominations_a_correction_and_a_sheet(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = make_scene(monkeypatch)
    places = {f"B{n}": make_organisation(parent=scene.general, party_day=10) for n in range(4)}
    workers = {code: make_holder(place) for code, place in places.items()}
    closed_item(scene.first, scene.worker)
    tree = DemoTree(ON, make_user(), scene.committee, scene.general, scene.staff)
    tree.branches, tree.workers = {"B9": scene.first, **places}, workers
    load(tree)
    states = [Nomination.objects.filter(state=state).count() for state in NominationState]
    assert (len(NAMED), states) == (5, [1, 3, 1])
    assert ContributionEntry.objects.filter(corrects=None).count() == 4
    assert ContributionEntry.objects.filter(corrects__isnull=False).count() == 1
    assert (BranchCondition.objects.count(), AccessGrant.objects.count()) == (4, 1)
    sheet = BonusSheet.objects.get()
    assert (sheet.year, sheet.records.count(), sheet.total <= sheet.budget) == (2025, 5, True)
