"""Branches that become one: what is not settled for good goes along, with its rechecks and its history."""

from collections.abc import Iterable
from datetime import date

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from errorbank.actions.catching_up import catch_up
from errorbank.models import Finding, FindingStep, Proposal
from errorbank.rules import UNSETTLED_STATES, FindingState, ProposalState, StepKind

GOING = UNSETTLED_STATES | {FindingState.RECHECKING}


def hold_findings(old: Iterable[Organisation], *, on: date) -> list[Finding]:
    """What will go along, locked before the branches as everywhere; what was due before is settled first."""
    keys = [place.pk for place in old]
    going = Finding.objects.filter(organisation__in=keys, state__in=sorted(GOING))
    catch_up(keys, on=on, findings=list(going.values_list("pk", flat=True)))
    rows = Finding.objects.select_for_update(of=("self",)).filter(organisation__in=keys)
    return list(rows.filter(state__in=sorted(GOING)).select_related("organisation").order_by("pk"))


def carry_findings(
    made: Organisation, findings: Iterable[Finding], *, on: date, by: User | None
) -> tuple[str, ...]:
    """Let the joint branch go on with them; who answered for them there is asked for anew.

    Rechecks of what was closed go along as well. Open
    proposals about the old branches fall: the joint branch is looked at by itself.
    """
    moved = []
    for finding in findings:
        before = finding.organisation
        finding.organisation, finding.responsible_post, finding.responsible_name = made, None, ""
        finding.save(update_fields=["organisation", "responsible_post", "responsible_name"])
        text = f"由“{before.name}”转来，责任人请重新指定"
        FindingStep.objects.create(finding=finding, kind=StepKind.CORRECTED, on=on, text=text, by=by)
        audit.record("errorbank.finding_carried", by=by, target=finding, detail={"before": before.pk})
        moved.append(finding.problem)
    return tuple(moved)


def drop_proposals(old: Iterable[Organisation]) -> int:
    keys = [place.pk for place in old]
    return Proposal.objects.open().filter(organisation__in=keys).update(state=ProposalState.GONE)
