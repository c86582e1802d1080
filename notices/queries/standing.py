"""Which lines of a message still stand: whoever declared the event knows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from notices.events import all_events
from notices.models import Line, Message


def standing_lines(messages: Iterable[Message], *, on: date) -> dict[int, list[Line]]:
    """By message, the lines not settled on that day; one question per event, whatever the number of
    messages. A line without a subject, or of an event that asks nothing, always stands.

    Takes messages with their lines prefetched.
    """
    messages = list(messages)
    open_subjects = {event: _open(event, found, on) for event, found in _subjects(messages).items()}
    return {
        message.pk: [
            line
            for line in sorted(message.lines.all(), key=lambda line: line.position)
            if not line.subject or line.subject in open_subjects[message.event]
        ]
        for message in messages
    }


def _subjects(messages: Iterable[Message]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for message in messages:
        found[message.event] |= {line.subject for line in message.lines.all() if line.subject}
    return found


def _open(code: str, subjects: set[str], on: date) -> set[str]:
    event = all_events().get(code)  # an app may have gone; what it told stays true
    if not subjects or event is None or event.still_open is None:
        return subjects
    return event.still_open(sorted(subjects), on)


def is_empty(message: Message, standing: list[Line]) -> bool:
    """All it told of is settled. What it only counted ("more") may still stand, so that is told."""
    return bool(message.lines.all()) and not standing and not message.more
