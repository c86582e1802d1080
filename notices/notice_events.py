"""What this app itself tells people about. Leaf: the day is given, nothing is written here."""

from collections.abc import Collection
from datetime import date

from notices.events import Event
from notices.models import Channel
from notices.rules import CHANNEL_FAILING, Level

CHANNEL_TEST = "notices.channel_test"

_CHANNEL = "channel:"


def channel_subject(pk: int) -> str:
    return f"{_CHANNEL}{pk}"


def still_failing(subjects: Collection[str], on: date) -> set[str]:
    """Channels still in use that nothing has got through since."""
    numbers = [int(subject.removeprefix(_CHANNEL)) for subject in subjects]
    failing = Channel.objects.in_use().filter(pk__in=numbers, failing_since__isnull=False)
    return {channel_subject(pk) for pk in failing.values_list("pk", flat=True)}


EVENTS = (
    Event(CHANNEL_TEST, "试发一条", Level.URGENT),
    Event(CHANNEL_FAILING, "通知方式发不出去", Level.URGENT, still_open=still_failing),
)
