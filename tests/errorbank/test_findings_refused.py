"""What is not written down: names, the same twice, problems of branches long gone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from branches.models import Organisation
from errorbank.actions.findings import accept_finding, close_finding, return_finding, submit_finding
from errorbank.actions.findings_write import FindingRefused
from errorbank.actions.inspections import report_own
from errorbank.actions.proposals import notice_all
from errorbank.actions.rechecks import fail_recheck, pass_recheck
from errorbank.models import Finding, Proposal, Recheck
from errorbank.rules import ErrorCategory, FindingState, ProposalState, Severity, Source
from tests.factories.branches import make_member
from tests.factories.errorbank import make_closed, make_entry, make_finding
from tests.reminders.scene import ON, Scene

NAME = "欧阳示例"
NAMED = f"{NAME}没有交清党费"
TOUR: dict[str, Any] = {"source": Source.INSPECTION_TOUR}


@pytest.mark.parametrize("field", ["problem", "detail", "measure"])
def test_what_a_tour_found_names_nobody_of_the_branch(scene: Scene, field: str) -> None:
    make_member(scene.first, name=NAME)
    given = {**TOUR, field: NAMED}
    with pytest.raises(FindingRefused, match=f"姓名“{NAME}”"):
        make_finding(scene.first, on=ON, **given)
    assert Finding.objects.count() == 0
    make_finding(scene.second, on=ON, **given)


def test_nor_does_any_later_step_of_it(scene: Scene) -> None:
    make_member(scene.first, name=NAME)
    finding = make_finding(scene.first, by=scene.staff, on=ON, **TOUR)
    staff: dict[str, Any] = {"by": scene.staff, "on": ON}
    until = ON + timedelta(days=9)

    def refused(step: Callable[[], object]) -> None:
        with pytest.raises(FindingRefused, match="去标识"):
            step()

    refused(lambda: submit_finding(finding, text=NAMED, by=scene.worker, on=ON))
    refused(lambda: accept_finding(finding, owner=scene.general, until=until, reason=NAMED, **staff))
    submit_finding(finding, text="已补交", by=scene.worker, on=ON)
    refused(lambda: return_finding(finding, reason=NAMED, **staff))
    refused(lambda: close_finding(finding, text=NAMED, **staff))
    finding.refresh_from_db()
    assert (finding.state, finding.steps.filter(text__contains=NAME).count()) == (FindingState.SUBMITTED, 0)


def test_nor_its_rechecks_nor_what_comes_of_them(scene: Scene) -> None:
    make_member(scene.first, name=NAME)
    day = ON - timedelta(days=30)
    closed = make_closed(
        scene.first, fixer=scene.worker, closer=scene.staff, on=day, severity=Severity.SERIOUS, **TOUR
    )
    recheck = Recheck.objects.waiting().get(finding=closed)
    for answer in (pass_recheck, fail_recheck):
        with pytest.raises(FindingRefused, match="去标识"):
            answer(recheck, result=NAMED, by=scene.staff, on=ON)
    made = fail_recheck(recheck, result="又没有交清", by=scene.staff, on=ON)
    with pytest.raises(FindingRefused, match="去标识"):
        submit_finding(made, text=NAMED, by=scene.worker, on=ON)


def test_other_findings_may_say_who_it_was(scene: Scene) -> None:
    make_member(scene.first, name=NAME)
    assert make_finding(scene.first, on=ON, detail=NAMED).detail == NAMED


def test_a_dissolved_branch_gets_no_new_problem(scene: Scene) -> None:
    Organisation.objects.filter(pk=scene.first.pk).update(dissolved_on=ON)
    with pytest.raises(FindingRefused, match="已撤销"):
        make_finding(scene.first, on=ON)


def test_the_same_is_reported_once_a_day(scene: Scene) -> None:
    def report(problem: str = "漏记了记录人") -> Finding:
        return report_own(
            scene.first,
            problem=problem,
            category=ErrorCategory.MEETINGS,
            happened_on=ON,
            measure="",
            by=scene.worker,
            on=ON,
        )

    report()
    with pytest.raises(FindingRefused, match="没有重复登记"):
        report(" 漏记了记录人 ")
    report("漏记了主持人")
    assert Finding.objects.count() == 2


def test_proposals_about_a_dissolved_branch_fall(scene: Scene) -> None:
    entry = make_entry()
    Proposal.objects.create(
        organisation=scene.first, rule=entry.code, entry=entry, words="x", happened_on=ON, noticed_on=ON
    )
    Organisation.objects.filter(pk=scene.first.pk).update(dissolved_on=ON)
    assert notice_all(on=ON).gone == 1
    assert Proposal.objects.get().state == ProposalState.GONE
    assert notice_all(on=ON).gone == 0
