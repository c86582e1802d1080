"""What could not be delivered: to whom, what kind of matter, when and why; never what it said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from branches.models import Organisation, Post
from branches.queries.reach import holds
from notices.models import Delivery
from notices.models.message import DeliveryQuerySet
from notices.queries.inbox import label_of
from notices.rules import DeliveryState

VIEWING, RETRYING = "notices.view_failed", "notices.retry_failed"


@dataclass(frozen=True)
class DeadLetter:
    """`read_at`: seen in the portal meanwhile, so nobody waits for it. `can_retry`: the address is in use."""

    pk: int
    recipient: str
    event: str
    kind: str
    channel: str
    told_at: datetime
    failed_at: datetime | None
    tries: int
    why: str
    read_at: datetime | None
    can_retry: bool


def dead_letters(user: User, *, on: date, permission: str = VIEWING) -> DeliveryQuerySet:
    """Dead letters of people with a running post where this user has the permission; latest first."""
    dead = deliveries_to(user, on=on, permission=permission).filter(state=DeliveryState.DEAD)
    return dead.order_by("-settled_at", "-pk")


def deliveries_to(user: User, *, on: date, permission: str) -> DeliveryQuerySet:
    """Whatever went or goes out to these people: one that was dead a moment ago may wait again by now."""
    places = Organisation.objects.permitted_to(user, permission, on=on)
    people = User.objects.filter(holds(Post.objects.at(on).filter(organisation__in=places)))
    found = Delivery.objects.filter(message__recipient__in=people)
    return found.select_related("channel", "message__recipient")


def dead_letter_rows(dead: Iterable[Delivery]) -> list[DeadLetter]:
    """One page of dead_letters as the list shows it."""
    return [_row(delivery) for delivery in dead]


def _row(delivery: Delivery) -> DeadLetter:
    message, channel = delivery.message, delivery.channel
    in_use = channel.active and channel.removed_at is None and message.recipient.is_active
    return DeadLetter(
        pk=delivery.pk,
        recipient=str(message.recipient),
        event=label_of(message),
        kind=channel.get_kind_display(),
        channel=channel.label,
        told_at=message.made_at,
        failed_at=delivery.settled_at,
        tries=delivery.attempts,
        why=delivery.answer,
        read_at=message.read_at,
        can_retry=in_use,
    )
