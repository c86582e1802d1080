"""Sending what waits: each row is claimed for a while, sent outside any transaction, settled by who holds it.

At least once: a worker that dies between sending and settling leaves its row to another one after the
lease. See docs/adr/0009-outbox.md.
"""

import logging
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from notices.actions.outbox import OVERTAKEN, SETTLED
from notices.actions.trouble import note_success, note_trouble
from notices.models import Channel, Delivery, Line, Message
from notices.models.message import DeliveryQuerySet
from notices.queries.preferences import preferences_of
from notices.queries.standing import is_empty, standing_lines
from notices.rules import LEASE, TRIES, DeliveryState, retry_at, retry_wait
from notices.senders import Answer, Outcome, Outgoing
from notices.senders import send as send_out

Send = Callable[[Channel, Outgoing], Answer]
Clock = Callable[[], datetime]

BATCH = 20
# What was asked before sending holds for so long; the rest of a slow batch is given back and asked anew.
FRESH_FOR = timedelta(seconds=30)
BUDGET = timedelta(seconds=50)

INTERRUPTED = "多次发送都中途中断，没有得到对方的答复。"
PROMISE = "系统会自动重试。"
NOT_CHECKED = f"发送前没能核对事项是否已办结；{PROMISE}"

logger = logging.getLogger(__name__)


class Fate(Enum):
    """What became of one claimed row. HELD: not now (quiet hours). LOST: another worker has it."""

    SENT = auto()
    LATER = auto()
    DEAD = auto()
    CANCELLED = auto()
    HELD = auto()
    LOST = auto()


@dataclass(frozen=True)
class Delivered:
    """How many rows came to which fate in one run."""

    sent: int = 0
    later: int = 0
    dead: int = 0
    cancelled: int = 0
    held: int = 0
    lost: int = 0


@dataclass(frozen=True)
class _Round:
    """How this run sends and what time it is."""

    send: Send
    clock: Clock


def deliver_due(
    *,
    clock: Clock = timezone.now,
    limit: int = 200,
    send: Send = send_out,
    budget: timedelta = BUDGET,
) -> Delivered:
    """Work off what is due: at most `limit` rows, none begun after `budget`. Call outside transactions."""
    began, run = clock(), _Round(send, clock)
    fates: Counter[Fate] = Counter()
    while (left := limit - fates.total()) > 0 and clock() - began < budget:
        batch = _claim(clock(), size=min(BATCH, left))
        if not batch:
            break
        fates.update(_work_off(batch, run))
    return Delivered(**{fate.name.lower(): fates[fate] for fate in Fate})


def _claim(now: datetime, *, size: int) -> list[Delivery]:
    """Take the next due rows for LEASE. Mostly nothing is due: then no transaction is begun."""
    due = Delivery.objects.due(now=now)
    return _take(due, uuid.uuid4(), now, size) if due.exists() else []


@transaction.atomic
def _take(due: DeliveryQuerySet, lease: uuid.UUID, now: datetime, size: int) -> list[Delivery]:
    """Rows that another worker is just taking are left to it."""
    free = due.in_turn().select_for_update(of=("self",), skip_locked=True)
    pks = list(free.values_list("pk", flat=True)[:size])
    due.filter(pk__in=pks).update(state=DeliveryState.SENDING, lease=lease, leased_until=now + LEASE)
    return list(Delivery.objects.filter(pk__in=pks, lease=lease).for_sending().in_turn())


def _work_off(batch: Sequence[Delivery], run: _Round) -> Iterable[Fate]:
    asked_at = run.clock()
    standing = _standing([delivery.message for delivery in batch], timezone.localdate(asked_at))
    for place, delivery in enumerate(batch):
        if place and run.clock() - asked_at >= FRESH_FOR:
            _give_back(batch[place:])
            return
        yield _deliver(delivery, standing[delivery.message_id], run)


def _standing(messages: Iterable[Message], on: date) -> dict[int, list[Line] | None]:
    """The lines that still stand, one question per event; None where it could not be answered."""
    by_event: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_event[message.event].append(message)
    found: dict[int, list[Line] | None] = {}
    for event, asked in by_event.items():
        try:
            found.update(standing_lines(asked, on=on))
        except Exception:  # one app's mistake must not keep everybody's messages back
            logger.exception("what still stands of %s could not be told", event)
            found.update(dict.fromkeys(message.pk for message in asked))
    return found


def _give_back(rest: Sequence[Delivery]) -> None:
    mine = Delivery.objects.filter(pk__in=[delivery.pk for delivery in rest], lease=rest[0].lease)
    mine.update(state=DeliveryState.WAITING, lease=None, leased_until=None)


def _deliver(delivery: Delivery, lines: list[Line] | None, run: _Round) -> Fate:
    now = run.clock()
    if words := _unnecessary(delivery, lines):
        return _close(delivery, DeliveryState.CANCELLED, words, now, Fate.CANCELLED)
    if preferences_of(delivery.message.recipient).leaves_at(now) > now:
        return _wait(delivery, now, "", Fate.HELD)
    if delivery.attempts >= TRIES:
        return _give_up(delivery, INTERRUPTED, now)
    if not _begin(delivery, now):
        return Fate.LOST
    if lines is None:
        answer = Answer(Outcome.LATER, NOT_CHECKED)
    else:
        answer = _answer(run.send, delivery.channel, _outgoing(delivery, lines))
    return _settle(delivery, answer, run.clock())


def _unnecessary(delivery: Delivery, lines: list[Line] | None) -> str:
    """Why this need not be sent after all; empty when it should be."""
    message, channel = delivery.message, delivery.channel
    reasons = (
        (not message.recipient.is_active, "收件人的账号已停用。"),
        (channel.removed_at is not None or not channel.active, "这个通知方式已停用或删除。"),
        (not channel.takes(message), "收件人已设置不在这里接收这类通知。"),
        (getattr(delivery, "overtaken", False), OVERTAKEN),
        (lines is not None and is_empty(message, lines), SETTLED),
    )
    return next((words for applies, words in reasons if applies), "")


def _begin(delivery: Delivery, now: datetime) -> bool:
    """Count the try and renew the lease; False when the row is no longer ours."""
    if not Delivery.objects.held(delivery).update(attempts=F("attempts") + 1, leased_until=now + LEASE):
        return False
    delivery.attempts += 1
    return True


def _outgoing(delivery: Delivery, lines: Iterable[Line]) -> Outgoing:
    message = delivery.message
    return Outgoing(
        reference=f"{message.uid}.{delivery.channel_id}",
        title=message.outside_title,
        lines=tuple(line.outside_text for line in lines),
        more=message.more,
        link=f"{settings.PORTAL_URL}{message.url}" if settings.PORTAL_URL and message.url else "",
    )


def _answer(send: Send, channel: Channel, outgoing: Outgoing) -> Answer:
    try:
        return send(channel, outgoing)
    except Exception as error:  # a row that breaks its sender must not hold up all that wait behind it
        logger.exception("the sender of channel %s broke", channel.pk)
        return Answer(Outcome.LATER, f"发送程序出错（{type(error).__name__}）；{PROMISE}")


def _settle(delivery: Delivery, answer: Answer, now: datetime) -> Fate:
    if answer.outcome is Outcome.SENT:
        return _arrive(delivery, answer.words, now)
    wait = retry_wait(delivery.attempts, seed=delivery.pk, asked=answer.retry_after)
    if answer.outcome is Outcome.NEVER:
        return _give_up(delivery, answer.words, now)
    if wait is None:
        return _give_up(delivery, _in_vain(answer.words), now)
    return _wait(delivery, now + wait, answer.words, Fate.LATER)


def _in_vain(words: str) -> str:
    """What was said of the last try, without the promise of another one."""
    return f"多次重试仍未送达。{words.removesuffix(PROMISE).rstrip('；，、。')}。"


def _wait(delivery: Delivery, until: datetime, words: str, fate: Fate) -> Fate:
    preference = preferences_of(delivery.message.recipient)
    next_try_at = retry_at(
        timezone.localtime(until), start=preference.quiet_from, end=preference.quiet_until, seed=delivery.pk
    )
    kept = Delivery.objects.held(delivery).update(
        state=DeliveryState.WAITING,
        next_try_at=next_try_at,
        answer=(words or delivery.answer)[:300],
        lease=None,
        leased_until=None,
    )
    return fate if kept else Fate.LOST


@transaction.atomic
def _arrive(delivery: Delivery, words: str, now: datetime) -> Fate:
    fate = _close(delivery, DeliveryState.SENT, words, now, Fate.SENT)
    if fate is Fate.SENT:
        note_success(delivery.channel)
    return fate


@transaction.atomic
def _give_up(delivery: Delivery, words: str, now: datetime) -> Fate:
    fate = _close(delivery, DeliveryState.DEAD, words, now, Fate.DEAD)
    if fate is Fate.DEAD:
        note_trouble(delivery.channel, words, now=now)
    return fate


def _close(delivery: Delivery, state: DeliveryState, words: str, now: datetime, fate: Fate) -> Fate:
    closed = Delivery.objects.held(delivery).update(
        state=state,
        answer=words[:300],
        sent_at=now if state == DeliveryState.SENT else None,
        settled_at=now,
        lease=None,
        leased_until=None,
    )
    return fate if closed else Fate.LOST
