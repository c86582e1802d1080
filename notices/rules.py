"""Vocabulary and pure rules of notices; no ORM, no clock."""

from datetime import datetime, time, timedelta

from django.db.models import TextChoices

# Told about a channel itself, so never over a channel that is in trouble.
CHANNEL_FAILING = "notices.channel_failing"

# How long to wait after the first, second … try in vain; the last one repeats.
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)
# After this many tries at least three days have passed: a mail server may be down from Friday evening to
# Monday morning. Tries are counted, not days since writing, so an outage of our own costs nobody a try.
TRIES = 13
# A row waits up to this part longer than its neighbour, so that a hundred do not knock at once.
SPREAD = 0.2
MORNING_SPREAD = timedelta(minutes=10)
# What a provider may ask us to wait at most; "in ten years" is a mistake of theirs.
LONGEST_ASKED = timedelta(days=1)
# Longer than any sender may take; a worker that died gives its row back after it.
LEASE = timedelta(minutes=3)
# The second busy spring after a message was told; by then everything it told of has been settled or judged.
KEPT_FOR = timedelta(days=400)


class Level(TextChoices):
    """How soon something has to reach a person."""

    DIGEST = "digest", "每周汇总"
    DUE = "due", "到期提醒"
    URGENT = "urgent", "及时通知"


class ChannelKind(TextChoices):
    """Ways out of the portal; the inbox in the portal is always there and is no channel."""

    EMAIL = "email", "电子邮件"
    WECOM = "wecom", "企业微信机器人"
    DINGTALK = "dingtalk", "钉钉机器人"
    FEISHU = "feishu", "飞书机器人"
    WEBHOOK = "webhook", "自定义接口"


ROBOTS = frozenset({ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU})


class DeliveryState(TextChoices):
    WAITING = "waiting", "等待发送"
    SENDING = "sending", "正在发送"
    SENT = "sent", "已送达"
    DEAD = "dead", "未能送达"
    CANCELLED = "cancelled", "不必再发"


# Nothing more happens to these by itself.
FINAL_STATES = frozenset({DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.CANCELLED})


def is_quiet(at: time, *, start: time, end: time) -> bool:
    """Whether `at` lies in [start, end), over midnight where start is the later one; equal means never."""
    if start <= end:
        return start <= at < end
    return at >= start or at < end


def leave_at(moment: datetime, *, start: time, end: time) -> datetime:
    """The first moment from this one on that is not quiet. `moment` is aware, in the person's zone."""
    if not is_quiet(moment.time(), start=start, end=end):
        return moment
    wakes = datetime.combine(moment.date(), end, tzinfo=moment.tzinfo)
    return wakes if wakes > moment else wakes + timedelta(days=1)


def retry_wait(tried: int, *, seed: int, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after that many tries in vain, at least what the provider asked; None to give up.

    `seed` is the row's number: the same row always waits the same, others a little more or less.
    """
    if tried >= TRIES:
        return None
    wait = WAITS[min(max(tried, 1), len(WAITS)) - 1] * (1 + SPREAD * _share(seed))
    return max(wait, min(asked or timedelta(), LONGEST_ASKED))


def retry_at(moment: datetime, *, start: time, end: time, seed: int) -> datetime:
    """Like leave_at; rows that the quiet hours held back leave one after the other."""
    wakes = leave_at(moment, start=start, end=end)
    if wakes == moment:
        return moment
    later = wakes + MORNING_SPREAD * _share(seed)
    return wakes if is_quiet(later.time(), start=start, end=end) else later


def _share(seed: int) -> float:
    """A number in [0, 1) that looks unlike its neighbours' (multiplicative hashing by Knuth)."""
    return (seed * 2654435761 % 2**32) / 2**32
