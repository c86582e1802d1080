"""What people say about rechecks: who looks, and what was seen."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from errorbank.actions.announcing import tell_given
from errorbank.actions.catching_up import catch_up
from errorbank.actions.findings_write import refuse_names
from errorbank.actions.rechecks_settle import (
    RecheckRefused,
    fail,
    lead_on,
    locked_recheck,
    mark_lists,
    settle,
)
from errorbank.models import Finding, Recheck
from errorbank.queries.rechecks import first_day
from errorbank.queries.verifying import askable, may_verify
from errorbank.rules import RecheckMode, RecheckState


@transaction.atomic
def assign_verifier(recheck: Recheck, *, user: User, by: User | None, on: date) -> Recheck:
    """Ask somebody by name; no sample decides any more then. Raises RecheckDone, RecheckRefused.

    Before it is announced nobody is told: the day of that tells.
    """
    row = _held(recheck, on)
    if refusal := may_verify(row, user, on=on):
        raise RecheckRefused(refusal)
    if user.pk not in askable(row, on=on):
        raise RecheckRefused("请选择党总支工作人员，或同一党总支其他支部的党务工作者、书记。")
    mark_lists(row)
    row.verifier, row.verifier_name, row.mode = user, user.name, RecheckMode.VERIFIER
    row.save(update_fields=["verifier", "verifier_name", "mode"])
    mark_lists(row)
    if row.announced_at is not None and user != by:
        tell_given(row, on=on)
    audit.record("errorbank.verifier_assigned", by=by, target=row.finding, detail={"recheck": row.pk})
    return row


@transaction.atomic
def pass_recheck(recheck: Recheck, *, result: str, by: User, on: date) -> Recheck:
    """It holds, looked at when its time has come. Raises RecheckDone, RecheckRefused."""
    row = _answered_by_person(recheck, result, by, on)
    if (first := first_day(row, on=on)) > on:
        raise RecheckRefused(
            f"这次复查要看一段时间后有没有再出现，{first:%Y-%m-%d} 起可以登记“通过”；"
            "现在已看到问题的，可以登记“未通过”。"
        )
    settle(row, RecheckState.PASSED, result=result.strip(), on=on)
    lead_on(row, by=by, on=on)
    return row


@transaction.atomic
def fail_recheck(recheck: Recheck, *, result: str, by: User, on: date) -> Finding:
    """It does not hold: a new finding, more severe, starts again. Raises RecheckDone, RecheckRefused."""
    row = _answered_by_person(recheck, result, by, on)
    return fail(row, result.strip(), by=by, on=on, happened_on=on)


def _held(recheck: Recheck, on: date) -> Recheck:
    """Locked, as it stands after what was due until today. Raises RecheckDone, RecheckRefused."""
    catch_up([recheck.finding.organisation_id], on=on, findings=[recheck.finding_id])
    row = locked_recheck(recheck)
    if row.mode == RecheckMode.AUTOMATIC:
        raise RecheckRefused("这一次由系统在到期当天核对已登记的数据，不用另外登记。")
    return row


def _answered_by_person(recheck: Recheck, result: str, by: User, on: date) -> Recheck:
    """Raises RecheckDone, RecheckRefused, FindingRefused."""
    if not result.strip():
        raise RecheckRefused("请写明复查看到的结果。")
    row = _held(recheck, on)
    refuse_names(row.finding, result, on=on)
    if refusal := may_verify(row, by, on=on):
        raise RecheckRefused(refusal)
    if by.pk not in askable(row, on=on):
        raise RecheckRefused("这次复查已不由您办理，请党总支另行安排复查人。")
    row.verifier, row.verifier_name = by, by.name
    return row
