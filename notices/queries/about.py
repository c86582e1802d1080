"""Who was told of one matter, for the page of that matter."""

from dataclasses import dataclass
from datetime import datetime

from notices.models import Message
from notices.queries.inbox import Sending, sending_of

SHOWN = 100


@dataclass(frozen=True)
class Told:
    """`read_at` is when it was opened in the portal; `sendings` what happened on each channel."""

    recipient: str
    title: str
    made_at: datetime
    read_at: datetime | None
    sendings: tuple[Sending, ...]


def told_about(subject: str) -> list[Told]:
    """Latest first, SHOWN at most. Whether the reader may see the matter, its page has decided."""
    about = Message.objects.filter(lines__subject=subject).distinct()
    about = about.select_related("recipient").prefetch_related("deliveries__channel")
    return [
        Told(
            recipient=str(message.recipient),
            title=message.title,
            made_at=message.made_at,
            read_at=message.read_at,
            sendings=tuple(sending_of(each) for each in message.deliveries.all()),
        )
        for message in about.order_by("-made_at", "-pk")[:SHOWN]
    ]
