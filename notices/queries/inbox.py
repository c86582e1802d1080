"""A person's messages in the portal, and what became of them outside."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import prefetch_related_objects

from accounts.models import User
from notices.events import Event, all_events
from notices.models import Delivery, Line, Message
from notices.models.message import MessageQuerySet
from notices.queries.standing import standing_lines
from notices.rules import DeliveryState, Level


def unread_count(user: User) -> int:
    return Message.objects.of(user).unread().count()


def inbox(user: User, *, unread: bool = False, level: Level | None = None) -> MessageQuerySet:
    """Newest first, with their lines; the view cuts pages."""
    found = Message.objects.of(user)
    if unread:
        found = found.unread()
    if level is not None:
        found = found.filter(level=level)
    return found.select_related("organisation").prefetch_related("lines").order_by("-made_at", "-pk")


def label_of(message: Message) -> str:
    """What kind of matter this is; what an app that is gone told of stays readable."""
    event: Event | None = all_events().get(message.event)
    return event.label if event else "其他通知"


@dataclass(frozen=True)
class LineRow:
    text: str
    url: str
    settled: bool


@dataclass(frozen=True)
class Sending:
    """One message on one channel. `at`: when it arrived, failed, was cancelled, or is tried next."""

    channel: str
    kind: str
    state: DeliveryState
    at: datetime | None
    words: str


@dataclass(frozen=True)
class MessagePage:
    message: Message
    label: str
    lines: tuple[LineRow, ...]
    sendings: tuple[Sending, ...]


def message_page(message: Message, *, on: date) -> MessagePage:
    """Everything about one message; lines settled meanwhile are marked."""
    prefetch_related_objects([message], "lines")
    standing = {line.pk for line in standing_lines([message], on=on)[message.pk]}
    rows = sorted(message.lines.all(), key=lambda line: line.position)
    sends = message.deliveries.select_related("channel").order_by("pk")
    return MessagePage(
        message=message,
        label=label_of(message),
        lines=tuple(_row(line, standing) for line in rows),
        sendings=tuple(sending_of(delivery) for delivery in sends),
    )


def _row(line: Line, standing: set[int]) -> LineRow:
    return LineRow(line.text, line.url, settled=line.pk not in standing)


def sending_of(delivery: Delivery) -> Sending:
    """Takes a delivery with its channel."""
    state = DeliveryState(delivery.state)
    waits = state == DeliveryState.WAITING
    return Sending(
        channel=delivery.channel.label,
        kind=delivery.channel.get_kind_display(),
        state=state,
        at=delivery.next_try_at if waits else delivery.settled_at,
        words=delivery.answer,
    )
