"""Where branches become one, open problems and rechecks go along and open proposals fall."""

from datetime import timedelta

from errorbank.actions.schedule import schedule_rechecks
from errorbank.models import Finding, Proposal, Recheck
from errorbank.rules import FindingState, ProposalState, RecheckState, Severity
from reminders.actions.joint import carry_out, preview
from tests.factories.errorbank import make_closed, make_entry, make_finding
from tests.reminders.test_joint_carry_out import DAY, TODAY, Case, case

__all__ = ["case"]


def test_findings_and_rechecks_follow_into_the_joint_branch(case: Case) -> None:
    day = TODAY - timedelta(days=200)
    settled = make_closed(case.second, fixer=case.clerk, closer=case.staff, on=day)
    Finding.objects.filter(pk=settled.pk).update(state=FindingState.CLOSED)
    Recheck.objects.update(state=RecheckState.CANCELLED)
    open_one = make_finding(case.first, by=case.staff, on=TODAY - timedelta(days=5))
    closed = make_closed(
        case.second,
        fixer=case.clerk,
        closer=case.staff,
        on=TODAY - timedelta(days=40),
        severity=Severity.SERIOUS,
    )
    entry = make_entry()
    Proposal.objects.create(
        organisation=case.first, rule=entry.code, entry=entry, words="x", happened_on=DAY, noticed_on=DAY
    )
    preview(case.plan, effective_on=DAY, by=case.staff, today=TODAY)
    assert Finding.objects.get(pk=open_one.pk).organisation == case.first
    made = carry_out(case.plan, effective_on=DAY, by=case.staff, today=TODAY).groups[0].joined.made
    places = dict(Finding.objects.values_list("pk", "organisation"))
    assert places == {settled.pk: case.second.pk, open_one.pk: made.pk, closed.pk: made.pk}
    assert open_one.steps.latest("pk").text == f"由“{case.first.name}”转来，责任人请重新指定"
    assert Proposal.objects.get().state == ProposalState.GONE
    assert schedule_rechecks(on=TODAY).announced == 1
    assert Recheck.objects.waiting().get(finding=closed).verifier == case.staff
