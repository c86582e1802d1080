"""Where an account is signed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.timezone import get_current_timezone

from accounts.access import BEGAN, DEVICE, PLACE, SEEN
from accounts.models import OwnSession, User
from accounts.rules import UNKNOWN_DEVICE, limits_for, session_is_over
from accounts.sessions import SessionStore


@dataclass(frozen=True)
class SessionRow:
    """One session as its owner sees it. `handle` names it in a form: the key itself is the cookie."""

    key: str
    handle: str
    device: str
    place: str
    began: datetime
    seen: datetime
    here: bool


def own_sessions(user: User, *, current: str | None, now: datetime) -> list[SessionRow]:
    """The sessions with which somebody could go on working now, this one first, then the last used."""
    stored = OwnSession.objects.filter(user=user, expire_date__gt=now).values_list(
        "session_key", "session_data"
    )
    rows = (
        _row(key, data, current)
        for key, data in ((key, SessionStore().decode(text)) for key, text in stored)
        if _goes_on(data, user, now)
    )
    return sorted(rows, key=lambda row: (not row.here, -row.seen.timestamp()))


def _goes_on(data: dict[str, Any], user: User, now: datetime) -> bool:
    """Not ended by a changed password, a reset, or its own limits; such rows stay until they expire."""
    if not constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return False
    if BEGAN not in data or SEEN not in data:
        return False
    limits = limits_for(short_session=user.short_session)
    return not session_is_over(limits, began=data[BEGAN], seen=data[SEEN], now=now.timestamp())


def _row(key: str, data: dict[str, Any], current: str | None) -> SessionRow:
    return SessionRow(
        key=key,
        handle=salted_hmac("accounts.session", key, algorithm="sha256").hexdigest()[:32],
        device=data.get(DEVICE) or UNKNOWN_DEVICE,
        place=data.get(PLACE) or "",
        began=datetime.fromtimestamp(data[BEGAN], tz=get_current_timezone()),
        seen=datetime.fromtimestamp(data[SEEN], tz=get_current_timezone()),
        here=key == current,
    )
