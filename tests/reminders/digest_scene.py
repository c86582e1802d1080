"""What the tests of the digest share: moments of the portal's zone, and what somebody was told."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.utils import timezone

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.rules import GrantKind
from notices.models import Message
from reminders.models import StandIn
from tests.factories.branches import make_user

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)
SUNDAY = date(2026, 11, 22)


def moment(on: date, hour: int = 9, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(hour, minute)))


def told(user: User) -> list[tuple[str, list[str]]]:
    """Every message of one person with its lines, in the order of telling."""
    messages = Message.objects.of(user).prefetch_related("lines").order_by("made_at", "pk")
    return [(message.key, texts(message)) for message in messages]


def texts(message: Message) -> list[str]:
    return [line.text for line in sorted(message.lines.all(), key=lambda line: line.position)]


def keys(*users: User) -> list[str]:
    return list(
        Message.objects.filter(recipient__in=users).order_by("made_at", "pk").values_list("key", flat=True)
    )


def names(lines: Iterable[str]) -> list[str]:
    """“【今天到期】主题党日（11 月 18 日 周三截止）” → “主题党日”."""
    return [line.partition("】")[2].partition("（")[0] for line in lines]


def stand_in(
    organisation: Organisation, absent_post: Post, *, since: date, until: date, user: User | None = None
) -> StandIn:
    """Leave as the action arranges it."""
    grant = AccessGrant.objects.create(
        user=user or make_user(),
        organisation=organisation,
        kind=GrantKind.STAND_IN,
        since=since,
        until=until,
        reason="请假代办",
    )
    return StandIn.objects.create(
        organisation=organisation, absent_post=absent_post, grant=grant, arranged_by=grant.user
    )
