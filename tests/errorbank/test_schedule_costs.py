"""The daily work asks as often for many rechecks, branches and verifiers as for one."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.models import Organisation, Post
from branches.rules import Role
from errorbank.actions.announcing import announce
from errorbank.actions.proposals import notice_all
from errorbank.models import Finding, Recheck
from errorbank.queries.verifying import askable, may_verify
from errorbank.rules import FindingState, RecheckMode, Severity, StepKind
from tests.factories.branches import make_holder, make_member, make_organisation, make_post
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import ON, Scene

SOON = ON + timedelta(days=3)


def waiting(place: Organisation, **fields: object) -> Recheck:
    """A recheck that was told to nobody yet."""
    finding = make_finding(place, on=date(2026, 10, 1), severity=Severity.SERIOUS)
    Finding.objects.filter(pk=finding.pk).update(state=FindingState.RECHECKING, closed_on=date(2026, 10, 20))
    return Recheck.objects.create(finding=finding, stage=1, due_on=SOON, mode=RecheckMode.VERIFIER, **fields)


def statements(day: date) -> int:
    rows = Recheck.objects.waiting().select_related(
        "finding__organisation", "finding__responsible_post__member", "verifier"
    )
    with CaptureQueriesContext(connection) as asked:
        announce(list(rows.order_by("pk")), day=day)
    return len(asked)


def test_announcing_asks_as_often_for_many_as_for_one(scene: Scene) -> None:
    waiting(scene.first)
    one, again = statements(ON), statements(ON)
    Recheck.objects.update(verifier=None, announced_at=None)
    for place in (scene.first, scene.second, scene.foreign_branch):
        make_holder(place, Role.SECRETARY)
        waiting(place)
    make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    assert (statements(ON + timedelta(days=1)), statements(ON + timedelta(days=2))) == (one, again)
    assert set(Recheck.objects.values_list("verifier", flat=True)) > {scene.staff.pk, scene.foreign_staff.pk}


def test_rechecks_are_shared_out_evenly(scene: Scene) -> None:
    other = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    rows = [waiting(scene.first) for _ in range(4)]
    announce(rows, day=ON)
    held = sorted(Recheck.objects.values_list("verifier", flat=True))
    assert held == [scene.staff.pk] * 2 + [other.pk] * 2


def test_who_may_be_asked_is_told_the_same_for_many_as_for_one(scene: Scene) -> None:
    """The batch beside the single question, with a fixer, a member of the branch and a neighbour."""
    row = waiting(scene.first)
    fixer, inside = (make_holder(scene.general, Role.GENERAL_BRANCH_STAFF) for _ in range(2))
    row.finding.steps.create(kind=StepKind.SUBMITTED, on=ON, by=fixer)
    make_member(scene.first, user=inside)
    neighbour, gone = make_holder(scene.second), make_holder(scene.second)
    make_post(scene.first, Role.SECRETARY, user=neighbour)
    Post.objects.filter(user=gone).update(until=ON - timedelta(days=1))
    beside = make_holder(make_organisation(parent=scene.general), Role.SECRETARY)
    users = [scene.staff, fixer, inside, neighbour, beside]
    assert [user for user in users if not may_verify(row, user, on=ON)] == [scene.staff, beside]
    assert list(askable(row, on=ON)) == [scene.staff.pk, beside.pk]


@pytest.mark.parametrize("branches", [1, 4])
def test_detection_asks_as_often_for_many_branches_as_for_one(scene: Scene, branches: int) -> None:
    make_entry("EB001", detection="EB001")
    make_entry("EB014", detection="EB014")
    for _ in range(branches):
        make_organisation(parent=scene.general)
    with CaptureQueriesContext(connection) as asked:
        notice_all(on=ON)
    assert len(asked) == 17
