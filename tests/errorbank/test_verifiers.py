"""Who looks again: never the fixer, nobody of that branch, and nobody who has lost the post since."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from branches.models import Membership, Post
from branches.rules import MemberStatus, Role
from errorbank.actions.rechecks import assign_verifier, fail_recheck, pass_recheck
from errorbank.actions.rechecks_settle import RecheckRefused
from errorbank.actions.schedule import schedule_rechecks
from errorbank.models import Finding, Recheck
from errorbank.queries.rechecks import verifiers_for
from errorbank.rules import RecheckMode, RecheckState, Severity
from notices.models import Message
from tests.factories.branches import make_holder, make_member, make_post
from tests.factories.errorbank import make_closed, make_entry
from tests.reminders.scene import ON, Scene

NEXT = ON + timedelta(days=1)


def due(scene: Scene, *, days: int = 30, **fields: Any) -> Recheck:
    given = {"severity": Severity.SERIOUS, **fields}
    day = ON - timedelta(days=days)
    finding = make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=day, **given)
    return Recheck.objects.waiting().get(finding=finding)


def leaves(user: User, on: date = ON) -> None:
    Post.objects.filter(user=user).update(until=on)


def asked(recheck: Recheck) -> User | None:
    recheck.refresh_from_db()
    return recheck.verifier


def told(user: User) -> int:
    return Message.objects.filter(recipient=user, event="errorbank.recheck_due").count()


def test_who_lost_the_post_gives_the_recheck_to_a_colleague(scene: Scene) -> None:
    recheck = due(scene)
    schedule_rechecks(on=ON)
    assert asked(recheck) == scene.staff
    colleague = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    leaves(scene.staff)
    scene.general.refresh_from_db()
    assert schedule_rechecks(on=NEXT).announced == 1
    assert (asked(recheck), told(colleague)) == (colleague, 1)
    assert schedule_rechecks(on=NEXT + timedelta(days=1)).announced == 0
    assert told(colleague) == 1


def test_a_neighbour_who_left_gives_it_back_to_the_staff(scene: Scene) -> None:
    recheck = due(scene)
    neighbour = make_holder(scene.second, Role.SECRETARY)
    assign_verifier(recheck, user=neighbour, by=scene.staff, on=ON)
    schedule_rechecks(on=ON)
    assert (asked(recheck), told(neighbour)) == (neighbour, 1)
    leaves(neighbour)
    schedule_rechecks(on=NEXT)
    assert asked(recheck) == scene.staff


@pytest.mark.parametrize("severity", [Severity.GENERAL, Severity.SERIOUS])
def test_who_moves_into_that_branch_gives_up_serious_ones(scene: Scene, severity: Severity) -> None:
    recheck = due(scene, days=29, severity=severity)
    neighbour = make_holder(scene.second)
    assign_verifier(recheck, user=neighbour, by=scene.staff, on=ON)
    schedule_rechecks(on=ON)
    make_post(scene.first, Role.DEPUTY_SECRETARY, user=neighbour)
    schedule_rechecks(on=NEXT)
    assert asked(recheck) == (scene.staff if severity == Severity.SERIOUS else neighbour)


def test_where_nobody_may_any_more_it_waits_until_somebody_may(scene: Scene) -> None:
    recheck = due(scene)
    schedule_rechecks(on=ON)
    leaves(scene.staff)
    assert schedule_rechecks(on=NEXT).announced == 0
    assert (asked(recheck), recheck.verifier_name) == (None, "")
    later = NEXT + timedelta(days=1)
    colleague = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    assert schedule_rechecks(on=later).announced == 1
    assert asked(recheck) == colleague


def test_a_locked_account_is_asked_no_more(scene: Scene) -> None:
    recheck = due(scene)
    schedule_rechecks(on=ON)
    User.objects.filter(pk=scene.staff.pk).update(is_active=False)
    schedule_rechecks(on=NEXT)
    assert asked(recheck) is None


def test_a_member_of_that_branch_does_not_look_at_serious_ones(scene: Scene) -> None:
    recheck = due(scene)
    colleague = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    member = make_member(scene.first)
    member.user = colleague
    member.save()
    assert Membership.objects.at(ON).filter(member=member, status=MemberStatus.FULL).exists()
    assert [key for key, _ in verifiers_for(recheck, on=ON)] == [str(scene.staff.pk)]
    with pytest.raises(RecheckRefused, match="其他支部"):
        pass_recheck(recheck, result="齐全", by=colleague, on=ON)


def test_people_from_elsewhere_are_not_asked(scene: Scene) -> None:
    recheck = due(scene)
    with pytest.raises(RecheckRefused, match="请选择党总支工作人员"):
        assign_verifier(recheck, user=scene.foreign_staff, by=scene.staff, on=ON)
    assert asked(recheck) is None


def test_given_to_another_after_it_was_announced_the_other_is_told(scene: Scene) -> None:
    recheck = due(scene)
    schedule_rechecks(on=ON)
    neighbour = make_holder(scene.second)
    assign_verifier(recheck, user=neighbour, by=scene.staff, on=ON)
    assign_verifier(recheck, user=neighbour, by=scene.staff, on=ON)
    assert told(neighbour) == 1


def test_who_is_asked_by_name_is_left_out_by_no_sample(scene: Scene) -> None:
    recheck = due(scene, days=10, severity=Severity.GENERAL)
    neighbour = make_holder(scene.second)
    assign_verifier(recheck, user=neighbour, by=scene.staff, on=ON)
    schedule_rechecks(on=recheck.due_on)
    assert (asked(recheck), recheck.state) == (neighbour, RecheckState.WAITING)


def test_what_data_answers_nobody_answers(scene: Scene) -> None:
    recheck = due(scene, days=10, entry=make_entry(detection="EB016"), severity=Severity.GENERAL)
    assert recheck.mode == RecheckMode.AUTOMATIC
    with pytest.raises(RecheckRefused, match="由系统"):
        pass_recheck(recheck, result="齐全", by=scene.staff, on=ON)
    with pytest.raises(RecheckRefused, match="由系统"):
        assign_verifier(recheck, user=scene.staff, by=scene.staff, on=ON)


def test_it_holds_only_after_its_time(scene: Scene) -> None:
    recheck = due(scene, days=22)
    with pytest.raises(RecheckRefused, match="2026-11-19 起可以登记“通过”"):
        pass_recheck(recheck, result="齐全", by=scene.staff, on=ON)
    pass_recheck(recheck, result="齐全", by=scene.staff, on=NEXT)
    second = Recheck.objects.waiting().get(finding=recheck.finding)
    with pytest.raises(RecheckRefused, match="起可以登记“通过”"):
        pass_recheck(second, result="齐全", by=scene.staff, on=NEXT)
    fail_recheck(second, result="又缺", by=scene.staff, on=NEXT)
    assert Finding.objects.count() == 2
