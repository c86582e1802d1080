"""When a person wants to be told, and of what."""

from datetime import date

from accounts.models import User
from branches.access import may
from notices.events import Event, all_events
from notices.models import NoticePreference


def preferences_of(user: User) -> NoticePreference:
    """The person's own, else the defaults in a row that is not saved yet."""
    found: NoticePreference | None = getattr(user, "notice_preference", None)
    return found or NoticePreference(user=user)


def events_for(user: User, *, on: date) -> list[Event]:
    """What this person may be told of that day, for choosing what comes where."""
    return [
        event for event in all_events().values() if not event.permission or may(user, event.permission, on=on)
    ]
