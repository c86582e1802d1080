"""Two people, or a person and the job, at the same moment, on PostgreSQL: one wins, the other is told why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from branches.rules import Role
from errorbank.actions.entries import EntryRefused, Wording, propose_change, publish_version, return_version
from errorbank.actions.findings import close_finding, return_finding, submit_finding
from errorbank.actions.proposals import ProposalRefused, confirm_proposal, dismiss_proposal
from errorbank.actions.rechecks import fail_recheck, pass_recheck
from errorbank.actions.rechecks_settle import RecheckDone, settle_by_data
from errorbank.actions.schedule import schedule_rechecks
from errorbank.models import EntryVersion, Finding, Proposal, Recheck
from errorbank.rules import RecheckState, Severity
from errorbank.rules.lifecycle import WrongState
from notices.models import Message
from tests.branches.test_at_once import first_then
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_closed, make_entry, make_finding
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


def test_of_two_who_review_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    colleague = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    finding = make_finding(scene.first, by=scene.staff, on=ON)
    submit_finding(finding, text="已补办", by=scene.worker, on=ON)
    won, lost = first_then(
        lambda: close_finding(finding, by=scene.staff, on=ON),
        lambda: return_finding(finding, reason="缺材料", by=colleague, on=ON),
    )
    assert (type(won), type(lost)) == (Finding, WrongState)
    assert Recheck.objects.filter(finding=finding).count() == 1
    again = first_then(
        lambda: Finding.objects.select_for_update().get(pk=finding.pk),
        lambda: close_finding(finding, by=colleague, on=ON),
    )
    assert [type(result) for result in again] == [Finding, WrongState]


def test_the_job_gives_away_nothing_that_is_answered_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, recheck = waiting(monkeypatch)
    won, told = first_then(
        lambda: pass_recheck(recheck, result="齐全", by=scene.staff, on=ON),
        lambda: schedule_rechecks(on=ON).announced,
    )
    assert (type(won), told) == (Recheck, 0)
    assert Recheck.objects.get(pk=recheck.pk).announced_at is None


def test_two_runs_at_once_tell_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, _ = waiting(monkeypatch)
    first, second = first_then(
        lambda: schedule_rechecks(on=ON).announced, lambda: schedule_rechecks(on=ON).announced
    )
    assert (first, second) == (1, 0)
    assert Message.objects.filter(recipient=scene.staff, event="errorbank.recheck_due").count() == 1


def test_of_two_who_write_the_same_problem_down_the_second_is_a_repeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = make_scene(monkeypatch)
    entry = make_entry()
    first, second = first_then(
        lambda: make_finding(scene.first, entry=entry, by=scene.staff, on=ON),
        lambda: make_finding(scene.first, entry=entry, by=scene.overseer, on=ON),
    )
    assert isinstance(first, Finding)
    assert isinstance(second, Finding)
    assert (first.repeat_of, second.repeat_of) == (None, first)


def test_of_two_who_decide_on_a_proposal_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    entry = make_entry()
    row = Proposal.objects.create(
        organisation=scene.first, rule=entry.code, entry=entry, words="x", happened_on=ON, noticed_on=ON
    )
    won, lost = first_then(
        lambda: confirm_proposal(row, by=scene.staff, on=ON),
        lambda: dismiss_proposal(row, reason="已批准", by=scene.staff, on=ON),
    )
    assert (type(won), type(lost)) == (Finding, ProposalRefused)


def test_of_two_who_review_a_wording_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    entry = make_entry(organisation=scene.general)
    assert entry.published is not None
    wording = replace(Wording.of(entry.published), measure="另一种")
    version = propose_change(entry, wording=wording, by=scene.worker, on=ON, note="改")
    won, lost = first_then(
        lambda: publish_version(version, by=scene.staff),
        lambda: return_version(version, note="再改", by=scene.staff),
    )
    assert (type(won), type(lost)) == (EntryVersion, EntryRefused)
