"""Leaf: what the door of the second factor asks, and the marks it keeps in the session."""

from base64 import b64decode, b64encode

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from branches.sealed import SealRefused, open_bytes, seal_bytes
from factors.rules import WAITING_FOR, Mode, new_secret
from factors.sealed_rows import PURPOSE

GIVEN = "second_factor_given"
SECRET = "second_factor_secret"  # noqa: S105 - the name of a mark, not a secret
REPLACING = "second_factor_replacing"


def mode() -> Mode:
    return Mode(settings.SECOND_FACTOR)


def is_office_account(user: User) -> bool:
    """Staff of committee and general branch, administrators, auditors, recipients: who has short sessions."""
    return user.short_session or user.is_staff or user.is_superuser


def owes_code(request: HttpRequest, user: User) -> bool:
    """Whether this session has given the password and not yet the code."""
    return mode() is not Mode.OFF and user.second_factor_since is not None and GIVEN not in request.session


def is_obliged(user: User) -> bool:
    """Whether this account may do nothing without a second factor."""
    return mode() is Mode.REQUIRED and is_office_account(user)


def owes_set_up(user: User) -> bool:
    return is_obliged(user) and user.second_factor_since is None


def owes_for_support(request: HttpRequest, user: User) -> bool:
    """Whether the support site, which shows every row, stays closed: in production it asks for a second
    factor whatever SECOND_FACTOR says."""
    has_given = user.second_factor_since is not None and GIVEN in request.session
    return settings.PRODUCTION and user.is_staff and not has_given


def mark_given(request: HttpRequest) -> None:
    """The session counts as signed in from here on, under a new key."""
    request.session.cycle_key()
    request.session[GIVEN] = timezone.now().timestamp()


def offered_secret(request: HttpRequest) -> bytes:
    """The secret this session is setting up; it waits in the session, sealed, and in no table of ours."""
    token = request.session.get(SECRET)
    try:
        if token:
            return open_bytes(b64decode(token), purpose=PURPOSE)
    except SealRefused:  # the keys were changed meanwhile
        pass
    secret = new_secret()
    request.session[SECRET] = b64encode(seal_bytes(secret, purpose=PURPOSE)).decode("ascii")
    return secret


def allow_replacing(request: HttpRequest) -> None:
    request.session[REPLACING] = timezone.now().timestamp()


def may_replace(request: HttpRequest) -> bool:
    """Password and code of before were given within the last minutes."""
    allowed = request.session.get(REPLACING)
    return allowed is not None and timezone.now().timestamp() - allowed < WAITING_FOR.total_seconds()


def end_setting_up(request: HttpRequest) -> None:
    for name in (SECRET, REPLACING):
        request.session.pop(name, None)
