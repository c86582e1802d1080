"""A person's ways out of the portal, as they are shown: never an address, only what tells two apart."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from accounts.models import User
from branches.sealed import SealRefused
from notices.events import Event
from notices.models import Channel
from notices.notice_events import CHANNEL_TEST
from notices.providers import webhook_providers
from notices.rules import ROBOTS, ChannelKind, ChannelState, Level
from notices.senders import email_available, open_target

TAIL = 4


@dataclass(frozen=True)
class ChannelRow:
    """`tail`: the last four characters of the address, of a mailbox its first letter and its host."""

    channel: Channel
    tail: str
    state: ChannelState

    @property
    def is_robot(self) -> bool:
        return self.channel.kind in ROBOTS


@dataclass(frozen=True)
class Choice:
    """One event on one channel: `value` names the pair in the form."""

    value: str
    channel: str
    checked: bool


@dataclass(frozen=True)
class ChoiceRow:
    event: Event
    choices: tuple[Choice, ...]


def channel_row(channel: Channel) -> ChannelRow:
    return ChannelRow(channel, _tail(channel), _state(channel))


def channel_rows(user: User) -> list[ChannelRow]:
    return [channel_row(channel) for channel in Channel.objects.of(user).order_by("pk")]


def kinds_on_offer() -> list[ChannelKind]:
    """What this installation can send with."""
    asked = {ChannelKind.EMAIL: email_available(), ChannelKind.WEBHOOK: bool(webhook_providers())}
    return [kind for kind in ChannelKind if asked.get(kind, True)]


def choosable(events: Collection[Event]) -> list[Event]:
    """A trial is asked for by a button and goes where the button stands: nothing to choose. By level."""
    levels = list(Level)
    found = [event for event in events if event.code != CHANNEL_TEST]
    return sorted(found, key=lambda event: levels.index(event.level))


def choice_table(
    channels: Sequence[Channel], events: Collection[Event]
) -> list[tuple[Level, list[ChoiceRow]]]:
    """By level the events, each with its box on every channel."""
    return [
        (level, [ChoiceRow(event, tuple(_choice(channel, event) for channel in channels)) for event in group])
        for level, group in groupby(choosable(events), key=lambda event: event.level)
    ]


def choice_value(channel: Channel, event: Event) -> str:
    return f"{channel.pk}:{event.code}"


def _choice(channel: Channel, event: Event) -> Choice:
    wanted = event.level in channel.levels and event.code not in channel.muted
    return Choice(choice_value(channel, event), channel.label, wanted)


def _state(channel: Channel) -> ChannelState:
    if not channel.active:
        return ChannelState.PAUSED
    if channel.failing_since is not None:
        return ChannelState.FAILING
    return ChannelState.WORKS if channel.tested_at else ChannelState.UNTRIED


def _tail(channel: Channel) -> str:
    """Nothing where the seal cannot be opened: the trial then says so in words."""
    try:
        target = open_target(channel.target_sealed)
    except SealRefused:
        return ""
    if channel.kind == ChannelKind.EMAIL:
        name, _, host = target.rpartition("@")
        return f"{name[:1]}…@{host}"
    return f"…{target[-TAIL:]}"
