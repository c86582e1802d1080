"""Reading one's messages, and forgetting old ones."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from notices.models import Delivery, Message
from notices.rules import KEPT_FOR, DeliveryState

CHUNK = 500


def mark_read(message: Message, *, now: datetime) -> bool:
    """Note the first reading; False when it was read before."""
    return bool(Message.objects.unread().filter(pk=message.pk).update(read_at=now))


def mark_all_read(user: User, *, now: datetime) -> int:
    """Everything told up to this moment; what comes while the person reads stays unread."""
    return Message.objects.of(user).unread().filter(made_at__lte=now).update(read_at=now)


def forget_old_messages(*, now: datetime) -> int:
    """Delete what was told longer ago than KEPT_FOR, a chunk per transaction; returns how many.

    Kept: what is still on its way, and what could not be delivered and was not read in the portal either,
    while its recipient can still sign in. That somebody was told of a handover or a task stands in their
    own records and in the audit log.
    """
    forgotten = 0
    while count := _forget_chunk(now):
        forgotten += count
    return forgotten


@transaction.atomic
def _forget_chunk(now: datetime) -> int:
    sends = Delivery.objects.filter(message=OuterRef("pk"))
    moving = sends.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    unheard = sends.filter(
        state=DeliveryState.DEAD, message__read_at=None, message__recipient__is_active=True
    )
    old = Message.objects.filter(~Exists(moving), ~Exists(unheard), made_at__lt=now - KEPT_FOR)
    pks = list(old.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    Message.objects.filter(pk__in=pks).delete()
    return len(pks)
