"""A finding from being written down to holding for good; every step once, twice and refused."""

from datetime import date, timedelta

import pytest

from errorbank.actions.findings import (
    accept_finding,
    close_finding,
    return_finding,
    start_rectifying,
    submit_finding,
)
from errorbank.actions.findings_write import FindingRefused, end_acceptance
from errorbank.actions.rechecks import fail_recheck, pass_recheck
from errorbank.actions.rechecks_settle import RecheckDone, RecheckRefused
from errorbank.models import Recheck
from errorbank.rules import FindingState, RecheckMode, RecheckState, Severity, Source, StepKind
from errorbank.rules.lifecycle import WrongState
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_closed, make_entry, make_finding
from tests.reminders.scene import ON, Scene


def steps(finding: object) -> list[str]:
    return list(finding.steps.order_by("pk").values_list("kind", flat=True))  # type: ignore[attr-defined]  # a test


def test_from_found_to_closed_for_good(scene: Scene) -> None:
    finding = make_finding(scene.first, by=scene.staff, on=ON, severity=Severity.SERIOUS)
    assert (finding.state, finding.deadline_on) == (FindingState.OPEN, ON + timedelta(days=15))
    start_rectifying(finding, by=scene.worker, on=ON)
    submit_finding(finding, text="已补开会议", by=scene.worker, on=ON)
    return_finding(finding, reason="缺实到人数", by=scene.staff, on=ON)
    submit_finding(finding, text="已补实到人数", by=scene.worker, on=ON)
    closed = close_finding(finding, by=scene.staff, on=ON)
    assert (closed.state, closed.closed_on) == (FindingState.RECHECKING, ON)
    for days in (30, 90, 180):
        recheck = Recheck.objects.waiting().get(finding=finding)
        day = ON + timedelta(days=days)
        assert (recheck.due_on, recheck.mode) == (day, RecheckMode.VERIFIER)
        pass_recheck(recheck, result="查最近三次，要素齐全", by=scene.staff, on=day)
    finding.refresh_from_db()
    assert finding.state == FindingState.CLOSED
    assert steps(finding) == [
        StepKind.FOUND,
        StepKind.STARTED,
        StepKind.SUBMITTED,
        StepKind.RETURNED,
        StepKind.SUBMITTED,
        StepKind.CLOSED,
        StepKind.RECHECKED,
    ]


def test_a_step_out_of_order_says_where_the_finding_is(scene: Scene) -> None:
    finding = make_finding(scene.first, by=scene.staff, on=ON)
    with pytest.raises(WrongState, match="现在是“待整改”"):
        close_finding(finding, by=scene.staff, on=ON)
    submit_finding(finding, text="已补办", by=scene.worker, on=ON)
    with pytest.raises(WrongState, match="现在是“待审核”"):
        submit_finding(finding, text="已补办", by=scene.worker, on=ON)
    assert steps(finding) == [StepKind.FOUND, StepKind.SUBMITTED]


def test_who_fixed_it_neither_approves_nor_rechecks(scene: Scene) -> None:
    finding = make_finding(scene.first, by=scene.staff, on=ON, severity=Severity.SERIOUS)
    submit_finding(finding, text="已补办", by=scene.worker, on=ON)
    with pytest.raises(FindingRefused, match="整改人不能审核"):
        close_finding(finding, by=scene.worker, on=ON)
    close_finding(finding, by=scene.staff, on=ON)
    recheck = Recheck.objects.waiting().get(finding=finding)
    with pytest.raises(RecheckRefused, match="整改人不能复查"):
        pass_recheck(recheck, result="好", by=scene.worker, on=ON)
    colleague = make_holder(scene.first)
    with pytest.raises(RecheckRefused, match="其他支部"):
        pass_recheck(recheck, result="好", by=colleague, on=ON)
    assert Recheck.objects.get(pk=recheck.pk).state == RecheckState.WAITING


def test_a_failed_recheck_is_a_new_finding_that_starts_again(scene: Scene) -> None:
    finding = make_closed(
        scene.first, fixer=scene.worker, closer=scene.staff, on=ON, severity=Severity.SERIOUS
    )
    recheck = Recheck.objects.waiting().get(finding=finding)
    day = ON + timedelta(days=30)
    made = fail_recheck(recheck, result="又缺票数", by=scene.staff, on=day)
    finding.refresh_from_db()
    assert (made.repeat_of, made.severity, made.source) == (finding, Severity.SERIOUS, Source.RECHECK)
    assert (made.state, made.deadline_on) == (FindingState.OPEN, day + timedelta(days=15))
    assert finding.state == FindingState.CLOSED
    assert not Recheck.objects.waiting().filter(finding=finding).exists()
    with pytest.raises(RecheckDone, match="登记为“未通过”"):
        pass_recheck(recheck, result="好了", by=scene.staff, on=day)


@pytest.mark.parametrize(("gap", "repeat"), [(180, True), (181, False)])
def test_the_same_within_half_a_year_is_a_repeat(scene: Scene, gap: int, repeat: bool) -> None:
    entry = make_entry()
    day = date(2026, 3, 2)
    first = make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=day, entry=entry)
    again = make_finding(scene.first, entry=entry, by=scene.staff, on=day + timedelta(days=gap))
    elsewhere = make_finding(scene.second, entry=entry, by=scene.staff, on=day + timedelta(days=gap))
    assert again.repeat_of == (first if repeat else None)
    assert again.severity == (Severity.SERIOUS if repeat else Severity.GENERAL)
    assert elsewhere.repeat_of is None


def test_what_a_branch_reports_itself_is_linked_but_not_held_against_it(scene: Scene) -> None:
    entry = make_entry()
    first = make_finding(scene.first, entry=entry, by=scene.staff, on=ON)
    own = make_finding(
        scene.first, entry=entry, by=scene.worker, on=ON, source=Source.SELF_CHECK, self_reported=True
    )
    assert (own.repeat_of, own.severity, own.self_reported) == (first, Severity.GENERAL, True)
    assert list(type(own).objects.counted()) == [first]


def test_what_a_branch_cannot_fix_is_put_off_to_who_can(scene: Scene) -> None:
    finding = make_finding(scene.first, by=scene.staff, on=ON)
    until = ON + timedelta(days=90)
    with pytest.raises(FindingRefused, match="上级组织"):
        accept_finding(finding, owner=scene.second, until=until, reason="无场地", by=scene.staff, on=ON)
    put_off = accept_finding(
        finding, owner=scene.general, until=until, reason="无场地", by=scene.staff, on=ON
    )
    assert (put_off.state, put_off.accepted_owner) == (FindingState.ACCEPTED, scene.general)
    day = until + timedelta(days=1)
    on_again = end_acceptance(finding, by=None, on=day)
    assert (on_again.state, on_again.accepted_until) == (FindingState.RECTIFYING, None)
    assert on_again.deadline_on == day + timedelta(days=30)
