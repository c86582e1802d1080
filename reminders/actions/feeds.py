"""Making, replacing and ending calendar links."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.rules import Refusal
from reminders.feed_rules import MOST_LINKS, digest_of
from reminders.models import CalendarFeed

# 256 bits: a link cannot be found by trying.
_TOKEN_BYTES = 32


class TooManyLinks(Refusal):
    def __str__(self) -> str:
        return f"最多同时使用 {MOST_LINKS} 个链接，请先停用不用的。"


class LinkEnded(Refusal):
    def __str__(self) -> str:
        return "这个链接已经停用，请新建一个。"


@dataclass(frozen=True)
class Made:
    """A new link. The token is here and nowhere else: only its digest is kept."""

    feed: CalendarFeed
    token: str


@transaction.atomic
def make_feed(user: User, *, label: str, now: datetime) -> Made:
    """Raises TooManyLinks."""
    _lock(user)
    if CalendarFeed.objects.of(user).in_use().count() >= MOST_LINKS:
        raise TooManyLinks
    made = _made(user, label.strip(), now)
    audit.record("reminders.feed_made", by=user, target=made.feed, detail={"label": made.feed.label})
    return made


@transaction.atomic
def remake_feed(feed: CalendarFeed, *, now: datetime) -> Made:
    """A new link in the place of this one, which ends: for a link that somebody else may have seen.

    Raises LinkEnded.
    """
    _end(feed, now)
    made = _made(feed.user, feed.label, now)
    detail = {"label": feed.label, "instead_of": feed.pk}
    audit.record("reminders.feed_remade", by=feed.user, target=made.feed, detail=detail)
    return made


@transaction.atomic
def revoke_feed(feed: CalendarFeed, *, now: datetime) -> None:
    """Nothing is shown under this link any more. Raises LinkEnded."""
    _end(feed, now)
    audit.record("reminders.feed_revoked", by=feed.user, target=feed, detail={"label": feed.label})


def note_used(feed: CalendarFeed, *, on: date) -> None:
    """Keep the day of the last reading; one write a day at most."""
    if feed.used_on != on:
        CalendarFeed.objects.filter(pk=feed.pk).update(used_on=on)


def _lock(user: User) -> None:
    """Two links at once are counted one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _made(user: User, label: str, now: datetime) -> Made:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    feed = CalendarFeed.objects.create(user=user, label=label, digest=digest_of(token), made_at=now)
    return Made(feed, token)


def _end(feed: CalendarFeed, now: datetime) -> None:
    """The filtered update lets one of two win."""
    if not CalendarFeed.objects.in_use().filter(pk=feed.pk).update(revoked_at=now):
        raise LinkEnded
