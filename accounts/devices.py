"""Leaf: browsers in which an account was signed in before. They have counters of wrong passwords of their
own, so that nobody at the same address keeps their owner out.

The cookie holds a random mark and the number of the account for each account, signed. It opens nothing: its
holder gets the five tries of this browser, and everybody else those of the address.
"""

import secrets
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.models import User

COOKIE = "portal_device"
SALT = "accounts.known_device"
KEPT = timedelta(days=180)
MOST_ACCOUNTS = 5  # on a computer that several people use

Answer = TypeVar("Answer", bound=HttpResponse)


def remember_device(request: HttpRequest, response: Answer, user: User) -> Answer:
    """The right password was given here: from now on this browser is known for the account."""
    known = _known(request)
    mark = next((mark for mark, pk in known if pk == user.pk), None) or secrets.token_urlsafe(16)
    kept = [(mark, user.pk), *(pair for pair in known if pair[1] != user.pk)][:MOST_ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=KEPT,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def device_mark(request: HttpRequest, username: str) -> str:
    """What tells this browser from others that try the account; empty where it is a stranger's.

    A session of the account is known too, when it began before there were cookies or they were deleted.
    """
    user = getattr(request, "user", None)
    signed_in = user if isinstance(user, User) and user.username == username else None
    if known := _known(request):
        pk = signed_in.pk if signed_in else _number_of(username)
        for mark, owner in known:
            if owner == pk:
                return mark
    key = request.session.session_key if signed_in else None
    return salted_hmac("accounts.session_mark", key, algorithm="sha256").hexdigest()[:22] if key else ""


def _known(request: HttpRequest) -> list[tuple[str, int]]:
    """What the cookie says, newest first; nothing where it is missing, too old or not ours."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return []
    return [(mark, pk) for mark, pk in found]


def _number_of(username: str) -> int | None:
    return User.objects.filter(username=username).values_list("pk", flat=True).first()
