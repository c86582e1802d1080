"""Two verifiers at the same moment, on PostgreSQL: one wins, the other is told who and what."""

from datetime import timedelta

import pytest

from branches.rules import Role
from errorbank.actions.rechecks import fail_recheck, pass_recheck
from errorbank.actions.rechecks_settle import RecheckDone, settle_by_data
from errorbank.models import Finding, Recheck
from errorbank.rules import RecheckState, Severity
from tests.branches.test_at_once import first_then
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_closed
from tests.reminders.scene import ON, Scene, make_scene

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def waiting(monkeypatch: pytest.MonkeyPatch) -> tuple[Scene, Recheck]:
    scene = make_scene(monkeypatch)
    day = ON - timedelta(days=40)
    finding = make_closed(
        scene.first, fixer=scene.worker, closer=scene.staff, on=day, severity=Severity.SERIOUS
    )
    return scene, Recheck.objects.waiting().get(finding=finding)


def test_of_two_verifiers_one_wins_and_the_other_sees_why(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, recheck = waiting(monkeypatch)
    colleague = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    won, lost = first_then(
        lambda: pass_recheck(recheck, result="齐全", by=scene.staff, on=ON),
        lambda: fail_recheck(recheck, result="又缺", by=colleague, on=ON),
    )
    assert (type(won), type(lost)) == (Recheck, RecheckDone)
    assert str(lost) == f"这次复查{ON:%Y-%m-%d} 已由{scene.staff.name}登记为“通过”，没有重复登记。"
    assert Finding.objects.count() == 1
    assert Recheck.objects.filter(state=RecheckState.WAITING).count() == 1


def test_the_nightly_run_and_a_verifier_answer_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, recheck = waiting(monkeypatch)
    won, lost = first_then(
        lambda: settle_by_data(recheck, hits=["又缺票数"], happened_on=ON, on=ON),
        lambda: pass_recheck(recheck, result="齐全", by=scene.staff, on=ON),
    )
    assert (type(won), type(lost)) == (Recheck, RecheckDone)
    assert str(lost) == f"这次复查{ON:%Y-%m-%d} 已由系统登记为“未通过”，没有重复登记。"
    assert Finding.objects.count() == 2
