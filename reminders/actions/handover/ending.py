"""Cancelling a handover: by staff, or by the portal when its cause fell away. Never without a reason."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from reminders.actions.handover.granting import release_grant
from reminders.actions.handover.refusals import HandoverRefused, running
from reminders.actions.handover.telling import tell_over
from reminders.handover_rules import HandoverState
from reminders.models import Handover

REASON_LENGTH = 200


@transaction.atomic
def cancel_handover(handover: Handover, *, reason: str, by: User, on: date) -> Handover:
    """Staff take a handover back. Raises HandoverRefused."""
    row = running(handover)
    if not reason.strip():
        raise HandoverRefused("请填写撤销的原因。")
    cancel(row, reason=reason.strip(), by=by, on=on, now=timezone.now())
    handover.refresh_from_db()
    return row


def cancel(row: Handover, *, reason: str, by: User | None, on: date, now: datetime) -> None:
    """The same for a locked row; `by` is None where the portal itself saw the cause fall away."""
    row.state, row.reason, row.cancelled_by = HandoverState.CANCELLED, reason[:REASON_LENGTH], by
    row.save(update_fields=["state", "reason", "cancelled_by"])
    release_grant(row, on=on)
    audit.record("reminders.handover_cancelled", by=by, target=row, detail={"reason": row.reason})
    tell_over(row, on=on, now=now)
