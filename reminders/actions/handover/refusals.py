"""Why an act of a handover is refused, and the row every act locks first."""

from accounts.models import User
from branches.rules import Refusal
from reminders.handover_rules import RUNNING_STATES, HandoverState
from reminders.models import Handover


class HandoverRefused(Refusal):
    """The act does not fit the handover as it stands, or not this person."""


def locked(handover: Handover) -> Handover:
    """The row as it is now, with its holders; everything about one handover waits here."""
    rows = Handover.objects.select_for_update(of=("self",)).select_related(
        "organisation__parent",
        "leaver",
        "leaver_post__organisation",
        "leaver_post__member__user",
        "leaver_post__user",
        "newcomer_post__member__user",
        "newcomer_post__user",
        "grant",
    )
    return rows.get(pk=handover.pk)


def running(handover: Handover) -> Handover:
    """The locked row. Raises HandoverRefused once it is over."""
    row = locked(handover)
    if row.state == HandoverState.SIGNED:
        raise HandoverRefused("交接已经完成，内容不再变动。")
    if row.state not in RUNNING_STATES:
        raise HandoverRefused(f"交接已撤销（{row.reason}），不用再办理。")
    return row


def refuse_signed(row: Handover) -> None:
    if row.signatures.exists():
        raise HandoverRefused("已有人签字，清单不再变动；确需更改的，请由党总支撤销后重新发起。")


def name_of(user: User) -> str:
    return str(user)[:40]
