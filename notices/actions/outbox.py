"""Telling people: rows written in the caller's transaction, so that what is undone was never told."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from branches.models import Organisation
from notices.events import event_of
from notices.models import Channel, Delivery, Line, Message, NoticePreference
from notices.queries.standing import is_empty, standing_lines
from notices.rules import DeliveryState, Level

BATCH = 500
LINES_AT_ONCE = 2000
OVERTAKEN = "已有更新的一条，这一条不再单独发送。"
SETTLED = "所说的事项已经办结，不必再发。"


@dataclass(frozen=True)
class LineData:
    """One matter. `outside_text` leaves the portal: the kind of matter and by when, nobody's name."""

    text: str
    outside_text: str
    subject: str = ""
    url: str = ""


@dataclass(frozen=True)
class Letter:
    """What one person is to be told, once per `key`.

    level: None takes the event's own. inside_only: stays in the inbox and leaves on no channel.
    """

    recipient: User
    event: str
    key: str
    title: str
    outside_title: str
    lines: tuple[LineData, ...]
    intro: str = ""
    url: str = ""
    series: str = ""
    more: int = 0
    organisation: Organisation | None = None
    level: Level | None = None
    inside_only: bool = False


def tell(letter: Letter, *, now: datetime) -> Message | None:
    """Write one message and its deliveries; None when it was told before. Raises UnknownEvent."""
    made = _write([letter], now)
    return made[0] if made else None


def tell_all(letters: Iterable[Letter], *, now: datetime) -> int:
    """Tell many; returns how many were new. The number of statements is bounded per BATCH letters.

    Written in the order of recipients, so that two processes telling the same people wait for each other
    instead of for ever; of one recipient in the order given. Raises UnknownEvent.
    """
    ordered = sorted(letters, key=lambda letter: letter.recipient.pk)
    return sum(len(_write(ordered[n : n + BATCH], now)) for n in range(0, len(ordered), BATCH))


@transaction.atomic
def withdraw(subjects: Collection[str], *, now: datetime) -> int:
    """Cancel waiting deliveries that tell of these matters and of nothing else that is open."""
    ordered, on = sorted(subjects), timezone.localdate(now)
    return sum(_withdraw(ordered[n : n + BATCH], on=on, now=now) for n in range(0, len(ordered), BATCH))


def _withdraw(subjects: Sequence[str], *, on: date, now: datetime) -> int:
    waiting = Delivery.objects.waiting()
    # Named again for the index, which holds only lines with a subject.
    told = Line.objects.filter(subject__in=subjects, message=OuterRef("pk")).exclude(subject="")
    sends = waiting.filter(message=OuterRef("pk"))
    messages = list(Message.objects.filter(Exists(told), Exists(sends)).prefetch_related("lines"))
    standing = standing_lines(messages, on=on)
    empty = [message.pk for message in messages if is_empty(message, standing[message.pk])]
    return waiting.filter(message__in=empty).update(
        state=DeliveryState.CANCELLED, answer=SETTLED, settled_at=now
    )


@transaction.atomic
def _write(letters: Sequence[Letter], now: datetime) -> list[Message]:
    """The new ones of these, with their lines and deliveries. What another process tells at the same
    moment is waited for and then is not new: only the uids found afterwards were written here."""
    rows = [_message(letter, now) for letter in letters]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    uids = [row.uid for row in rows]
    written = dict(Message.objects.filter(uid__in=uids).values_list("uid", "pk"))
    new = [(row, letter) for row, letter in zip(rows, letters, strict=True) if row.uid in written]
    for row, _ in new:
        row.pk, row._state.adding = written[row.uid], False
    lines = [line for row, letter in new for line in _lines(row, letter)]
    Line.objects.bulk_create(lines, batch_size=LINES_AT_ONCE)
    _deliver([row for row, letter in new if not letter.inside_only], now)
    _overtake([row for row, _ in new if row.series], now)
    return [row for row, _ in new]


def _message(letter: Letter, now: datetime) -> Message:
    return Message(
        recipient=letter.recipient,
        event=letter.event,
        level=letter.level or event_of(letter.event).level,
        key=letter.key,
        series=letter.series,
        organisation=letter.organisation,
        title=_fit(letter.title, 120),
        outside_title=_fit(letter.outside_title, 120),
        intro=_fit(letter.intro, 300),
        url=letter.url,
        more=letter.more,
        made_at=now,
    )


def _lines(message: Message, letter: Letter) -> Iterable[Line]:
    for position, line in enumerate(letter.lines):
        yield Line(
            message=message,
            position=position,
            subject=line.subject,
            text=_fit(line.text, 200),
            outside_text=_fit(line.outside_text, 200),
            url=line.url,
        )


def _fit(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _overtake(new: Sequence[Message], now: datetime) -> None:
    """What still waits of an older message of the same series and recipient need not be sent."""
    if not new:
        return
    newer = Message.objects.filter(
        pk__in=[row.pk for row in new],
        recipient=OuterRef("message__recipient"),
        series=OuterRef("message__series"),
        pk__gt=OuterRef("message"),
    )
    waiting = Delivery.objects.waiting().filter(
        message__recipient__in={row.recipient_id for row in new},
        message__series__in={row.series for row in new},
    )
    waiting.filter(Exists(newer)).update(state=DeliveryState.CANCELLED, answer=OVERTAKEN, settled_at=now)


def _deliver(new: Sequence[Message], now: datetime) -> None:
    people = {row.recipient_id for row in new}
    channels: dict[int, list[Channel]] = {}
    for channel in Channel.objects.in_use().filter(user__in=people).order_by("pk"):
        channels.setdefault(channel.user_id, []).append(channel)
    preferences = NoticePreference.objects.filter(user__in=channels).in_bulk(field_name="user_id")
    Delivery.objects.bulk_create(
        Delivery(
            message=row,
            channel=channel,
            made_at=now,
            next_try_at=preferences.get(row.recipient_id, NoticePreference()).leaves_at(now),
        )
        for row in new
        for channel in channels.get(row.recipient_id, [])
        if channel.takes(row)
    )
