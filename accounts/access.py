"""Leaf: the state of one session, its row in the sign-in log, and the door of pages that want the password
again."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.actions import log_sign_in
from accounts.devices import device_mark
from accounts.lockout import counter_of
from accounts.models import SignIn, User
from accounts.rules import device_family, is_recent

BEGAN = "session_began"
SEEN = "session_seen"
CONFIRMED = "password_confirmed"
DEVICE = "session_device"
PLACE = "session_place"
SIGNED_IN_PREFIX = "/w/"

P = ParamSpec("P")
Req = TypeVar("Req", bound=HttpRequest)


class SignedInRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through."""

    user: User
    htmx: HtmxDetails


def client_address(request: HttpRequest) -> str | None:
    """The address the request came from.

    Behind N trusted proxies the N-th entry from the right of X-Forwarded-For is the last one a
    stranger could not write; further left is hearsay.
    """
    hops: int = settings.TRUSTED_PROXIES
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    found = chain[-hops] if hops and len(chain) >= hops else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(found))
    except ValueError:
        return None


def lockout_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The counter of this try: one per account, and one more for each browser known for the account.

    Kept with the request: in its middle the person is signed in, and what was counted must be what is reset.
    """
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    name = User.normalize_username(typed)
    counters: dict[str, str] = request.__dict__.setdefault("lockout_counters", {})
    if name not in counters:
        counters[name] = counter_of(name, device_mark(request, name))
    return counters[name]


def begin_session(request: HttpRequest) -> None:
    """Stamp a fresh session; the password was given just now."""
    now = timezone.now().timestamp()
    request.session.update({BEGAN: now, CONFIRMED: now})
    stamp_session(request, now)


def stamp_session(request: HttpRequest, now: float) -> None:
    """When, where and on what the session was used last."""
    device = device_family(request.headers.get("User-Agent", ""))
    request.session.update({SEEN: now, PLACE: client_address(request), DEVICE: device})


def confirm_session(request: HttpRequest) -> None:
    request.session[CONFIRMED] = timezone.now().timestamp()


def log_attempt(
    request: HttpRequest, outcome: SignIn.Outcome, *, user: User | None = None, username: str = ""
) -> None:
    """Add what happened here to the sign-in log; a refusal by the lockout is said to be one."""
    refused = outcome in {SignIn.Outcome.REFUSED, SignIn.Outcome.NOT_CONFIRMED}
    if refused and getattr(request, "axes_locked_out", False):
        outcome = SignIn.Outcome.LOCKED
    source = client_address(request)
    log_sign_in(outcome, at=timezone.now(), source=source, user=user, username=username)


def log_confirmation(request: HttpRequest, user: User, *, right: bool) -> None:
    """One row for a password asked for again, on whichever page."""
    outcome = SignIn.Outcome.CONFIRMED if right else SignIn.Outcome.NOT_CONFIRMED
    log_attempt(request, outcome, user=user)


def safe_next(request: HttpRequest, candidate: str | None) -> str:
    """`candidate` when it is one of our own signed-in pages, else the start page."""
    home = resolve_url(settings.LOGIN_REDIRECT_URL)
    if not candidate or not candidate.isprintable():
        return home
    try:
        path = urlsplit(candidate).path
    except ValueError:  # such as http://[/
        return home
    if not path.startswith(SIGNED_IN_PREFIX):
        return home
    allowed = url_has_allowed_host_and_scheme(candidate, {request.get_host()}, request.is_secure())
    return candidate if allowed else home


def page_to_return_to(request: HttpRequest) -> str:
    """Where the person goes on once a door is open: the page asked for, or the one that a form or a
    fragment was asked from. Their own addresses open no page, and what was typed is not kept."""
    asked = request.get_full_path() if request.method in {"GET", "HEAD"} else request.headers.get("Referer")
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted:
        asked = htmx.current_url or asked
    return safe_next(request, asked)


def recently_confirmed(
    view: Callable[Concatenate[Req, P], HttpResponse],
) -> Callable[Concatenate[Req, P], HttpResponse]:
    """Ask for the password again unless it was given within 15 minutes.

    A refused POST is not kept: the person confirms and comes back to the page they posted from.
    """

    @wraps(view)
    def door(request: Req, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if is_recent(request.session.get(CONFIRMED), now=timezone.now().timestamp()):
            return view(request, *args, **kwargs)
        return go_to(request, "accounts:password_confirm", back=page_to_return_to(request))

    return door


def go_to(request: HttpRequest, name: str, *, back: str) -> HttpResponse:
    """Redirect the whole page, also when htmx asked for a fragment."""
    target = f"{resolve_url(name)}?{urlencode({'next': back})}"
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(target)
    return HttpResponse(status=302, headers={"Location": target})
