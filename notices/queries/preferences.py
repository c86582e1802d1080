"""When a person wants to be told."""

from accounts.models import User
from notices.models import NoticePreference


def preferences_of(user: User) -> NoticePreference:
    """The person's own, else the defaults in a row that is not saved yet."""
    found: NoticePreference | None = getattr(user, "notice_preference", None)
    return found or NoticePreference(user=user)
