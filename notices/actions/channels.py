"""A person's own channels and hours. Addresses come in as typed and are kept sealed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.rules import Refusal
from notices.actions.trouble import note_success
from notices.models import Channel, NoticePreference
from notices.rules import ChannelKind, Level
from notices.senders import (
    Answer,
    check_secret,
    check_target,
    seal_target,
    send_trial,
    target_digest,
    target_digests,
)

CHANNELS_PER_PERSON = 8


class ChannelRefused(Refusal):
    """This address cannot be added or changed so."""


@dataclass(frozen=True)
class Wishes:
    """What one channel is wanted for."""

    label: str
    levels: Collection[Level]
    muted: Collection[str] = ()
    active: bool = True


@dataclass(frozen=True)
class Hours:
    """When a person wants to be told; equal times mean no quiet hours."""

    quiet_from: time
    quiet_until: time
    digest_weekday: int
    digest_at: time
    spare_busy_season: bool


@transaction.atomic
def add_channel(user: User, *, kind: ChannelKind, address: str, secret: str, wishes: Wishes) -> Channel:
    """Raises Refusal with what is wrong with the address or secret, ChannelRefused for one kept already."""
    target, key = check_target(kind, address), check_secret(kind, secret)
    mine = Channel.objects.of(User.objects.select_for_update(no_key=True).get(pk=user.pk))
    if mine.filter(kind=kind, target_digest__in=target_digests(target)).exists():
        raise ChannelRefused("这个地址已经在您的通知方式里，无需重复添加。")
    if mine.count() >= CHANNELS_PER_PERSON:
        raise ChannelRefused(f"最多保留 {CHANNELS_PER_PERSON} 个通知方式，请先删除不用的。")
    made = Channel.objects.create(
        user=user,
        kind=kind,
        target_sealed=seal_target(target),
        target_digest=target_digest(target),
        secret_sealed=seal_target(key) if key else None,
        **_columns(wishes),
    )
    audit.record("notices.channel_added", by=user, target=user, detail={"channel": made.pk, "kind": kind})
    return made


@transaction.atomic
def change_channel(channel: Channel, *, wishes: Wishes, by: User) -> Channel:
    """Raises ChannelRefused when it was removed meanwhile."""
    changed = Channel.objects.kept().filter(pk=channel.pk).update(**_columns(wishes))
    if not changed:
        raise ChannelRefused("这个通知方式已经删除，请刷新页面。")
    audit.record("notices.channel_changed", by=by, target=channel.user, detail={"channel": channel.pk})
    channel.refresh_from_db()
    return channel


@transaction.atomic
def remove_channel(channel: Channel, *, by: User, now: datetime) -> bool:
    """Nothing leaves there any more; what was sent stays readable. The address itself is thrown away.
    False when it was removed before."""
    removed = Channel.objects.kept().filter(pk=channel.pk)
    # Sealed all the same: a new key of the installation reaches every row.
    nothing = {"target_sealed": seal_target(""), "target_digest": "", "secret_sealed": None}
    if not removed.update(removed_at=now, active=False, **nothing):
        return False
    audit.record("notices.channel_removed", by=by, target=channel.user, detail={"channel": channel.pk})
    channel.refresh_from_db()
    return True


def try_channel(channel: Channel, *, now: datetime, send: Callable[[Channel], Answer] = send_trial) -> Answer:
    """Send one plain sentence at once, quiet hours or not: the owner sits in front of it. Call outside
    transactions; what arrives ends the channel's trouble."""
    answer = send(channel)
    if answer.sent:
        Channel.objects.filter(pk=channel.pk).update(tested_at=now)
        note_success(channel)
    channel.refresh_from_db()
    return answer


def save_hours(user: User, *, hours: Hours) -> NoticePreference:
    """Of what waits already, the quiet hours hold right before it leaves."""
    saved, _ = NoticePreference.objects.update_or_create(user=user, defaults=asdict(hours))
    return saved


def _columns(wishes: Wishes) -> Mapping[str, Any]:
    return {
        "label": wishes.label,
        "levels": sorted(wishes.levels),
        "muted": sorted(wishes.muted),
        "active": wishes.active,
    }
