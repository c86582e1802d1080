"""What people say about rechecks: who looks, and what was seen."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from errorbank.actions.catching_up import catch_up
from errorbank.actions.rechecks_settle import (
    RecheckRefused,
    fail,
    lead_on,
    locked_recheck,
    mark_lists,
    settle,
)
from errorbank.models import Finding, Recheck
from errorbank.queries.verifying import may_verify
from errorbank.rules import RecheckState


@transaction.atomic
def assign_verifier(recheck: Recheck, *, user: User, by: User | None, on: date) -> Recheck:
    """Raises RecheckDone, RecheckRefused."""
    row = locked_recheck(recheck)
    if refusal := may_verify(row, user, on=on):
        raise RecheckRefused(refusal)
    row.verifier, row.verifier_name = user, user.name
    row.save(update_fields=["verifier", "verifier_name"])
    mark_lists(row)
    audit.record("errorbank.verifier_assigned", by=by, target=row.finding, detail={"recheck": row.pk})
    return row


@transaction.atomic
def pass_recheck(recheck: Recheck, *, result: str, by: User, on: date) -> Recheck:
    """It holds. Raises RecheckDone, RecheckRefused."""
    row = _answered_by_person(recheck, result, by, on)
    settle(row, RecheckState.PASSED, result=result.strip(), on=on)
    lead_on(row, by=by, on=on)
    return row


@transaction.atomic
def fail_recheck(recheck: Recheck, *, result: str, by: User, on: date) -> Finding:
    """It does not hold: a new finding, more severe, starts again. Raises RecheckDone, RecheckRefused."""
    row = _answered_by_person(recheck, result, by, on)
    return fail(row, result.strip(), by=by, on=on, happened_on=on)


def _answered_by_person(recheck: Recheck, result: str, by: User, on: date) -> Recheck:
    if not result.strip():
        raise RecheckRefused("请写明复查看到的结果。")
    catch_up([recheck.finding.organisation_id], on=on)
    row = locked_recheck(recheck)
    if refusal := may_verify(row, by, on=on):
        raise RecheckRefused(refusal)
    row.verifier, row.verifier_name = by, by.name
    return row
