"""A branch says what a visit was worth; and staff decide on coming less often."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from burden.actions.visits import VisitRefused
from burden.models import FrequencyDecision, VisitRating
from burden.queries.visit_frequency import Proposal
from burden.queries.visit_ratings import department_of, may_change, quarter_number, rated_since
from burden.rules.visit_vocabulary import Decision, Extra, Grade
from errorbank.models import Inspection


@transaction.atomic
def rate_visit(
    inspection: Inspection, branch: Organisation, *, grade: Grade, extra: Extra, by: User, on: date
) -> VisitRating:
    """Say it or change it. Raises VisitRefused. The log keeps that it was said, never what."""
    # Locked, so that of two people of the branch at once the second changes what the first said.
    Inspection.objects.select_for_update().get(pk=inspection.pk)
    row = VisitRating.objects.filter(inspection=inspection, branch=branch).first()
    if row is None:
        row = _first(inspection, branch, on)
    elif not may_change(row, on=on):
        raise VisitRefused("评价所在的季度已经结束，不能再改。")
    row.grade, row.extra = grade, extra
    row.save()
    audit.record("burden.visit_rated", by=by, target=inspection, detail={"branch": branch.pk})
    return row


def _first(inspection: Inspection, branch: Organisation, on: date) -> VisitRating:
    if not inspection.targets.filter(pk=branch.pk).exists():
        raise VisitRefused("这次检查没有到本支部，不用评价。")
    if not rated_since(on) <= inspection.until <= on:
        raise VisitRefused("检查结束后的当季和下一季可以评价，现在不在这段时间内。")
    visits = list(inspection.planned_visits.order_by("since", "pk"))
    return VisitRating(
        inspection=inspection,
        branch=branch,
        organisation=inspection.organisation,
        department=department_of(inspection, visits),
        year=on.year,
        quarter=quarter_number(on),
    )


@transaction.atomic
def decide_frequency(
    proposal: Proposal, *, decision: Decision, reason: str, by: User, on: date
) -> FrequencyDecision:
    """Accept or decline to come less often; once a year. Raises VisitRefused."""
    Organisation.objects.select_for_update().get(pk=proposal.organisation.pk)
    if decision is Decision.DECLINED and not reason.strip():
        raise VisitRefused("不同意的，请写明原因。")
    row, made = FrequencyDecision.objects.get_or_create(
        organisation=proposal.organisation,
        year=proposal.year,
        department=proposal.department,
        clause=proposal.clause,
        defaults={
            "clause_name": proposal.clause_name,
            "times_before": proposal.times,
            "times": proposal.fewer,
            "decision": decision,
            "reason": reason.strip(),
            "by": by,
            "on": on,
        },
    )
    if not made:
        raise VisitRefused("这条建议已经有了决定，没有重复登记。")
    audit.record("burden.frequency_decided", by=by, target=row, detail={"decision": decision.value})
    return row
