"""What this app tells people about. Leaf."""

from collections.abc import Collection
from datetime import date

from notices.events import Event
from notices.rules import Level
from training.models import Session
from training.rules.sessions import SessionState

SESSION_PLANNED = "training.session_planned"
SESSION_CHANGED = "training.session_changed"

_SESSION = "session:"


def session_subject(pk: int) -> str:
    return f"{_SESSION}{pk}"


def sessions_still_coming(subjects: Collection[str], on: date) -> set[str]:
    """Sessions that are still planned; what has been held or cancelled needs no invitation."""
    keys = [s.removeprefix(_SESSION) for s in subjects if s.startswith(_SESSION)]
    rows = Session.objects.filter(pk__in=keys, state=SessionState.PLANNED)
    return {session_subject(pk) for pk in rows.values_list("pk", flat=True)}


EVENTS = (
    Event(SESSION_PLANNED, "培训通知", Level.DIGEST, "training.view_session", sessions_still_coming),
    Event(SESSION_CHANGED, "培训改期或取消", Level.URGENT, "training.view_session"),
)
