"""What could not be delivered is tried again by hand."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.rules import Refusal
from notices.models import Delivery
from notices.queries.preferences import preferences_of
from notices.rules import DeliveryState


class RetryRefused(Refusal):
    """This delivery cannot be tried again."""


@transaction.atomic
def retry_delivery(delivery: Delivery, *, by: User, now: datetime) -> Delivery:
    """Put a dead letter back into the queue, with all its tries before it. Raises RetryRefused.

    Whether it is still worth sending is asked right before it leaves, as for every other.
    """
    locked = Delivery.objects.select_for_update(of=("self",), no_key=True)
    row = locked.select_related("channel__user__notice_preference").get(pk=delivery.pk)
    if row.state != DeliveryState.DEAD:
        raise RetryRefused(f"这条通知现在是“{row.get_state_display()}”，不需要重新发送。")
    if row.channel.removed_at is not None or not row.channel.active:
        raise RetryRefused("收件人已停用或删除这个通知方式，请联系本人重新设置后再通知。")
    if not row.channel.user.is_active:
        raise RetryRefused("收件人的账号已停用，不能再发送。")
    row.state, row.attempts, row.settled_at = DeliveryState.WAITING, 0, None
    row.next_try_at = preferences_of(row.channel.user).leaves_at(now)
    row.save(update_fields=["state", "attempts", "settled_at", "next_try_at"])
    audit.record("notices.delivery_retried", by=by, target=row, detail=_detail(row))
    return row


def _detail(row: Delivery) -> dict[str, object]:
    return {"event": row.message.event, "recipient": row.channel.user_id, "kind": row.channel.kind}
