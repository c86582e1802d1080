"""The decorator that guards views, and what a signed-in person may do today."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.places import REMEMBERED, Place, Places
from branches.roles import holders_of
from branches.rules import GrantKind, Role


class SignedInRequest(HttpRequest):
    """A request behind the login wall: its user is one of ours."""

    user: User


P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[SignedInRequest, P], R]


def holdings_of(user: User, *, on: date) -> frozenset[Role | GrantKind]:
    """Roles and grant kinds this user holds anywhere on that day; read once per request."""
    known: dict[date, frozenset[Role | GrantKind]] = user.__dict__.setdefault("_holdings", {})
    if on not in known:
        known[on] = frozenset(place.holding for place in _read_places(user, on=on))
    return known[on]


def holdings_on(user: User, organisation: Organisation, *, on: date) -> frozenset[Role | GrantKind]:
    """Roles and grant kinds this user holds at or above one organisation; one statement."""
    return frozenset(
        place.holding for place in _read_places(user, on=on) if organisation.path.startswith(place.path)
    )


def _read_places(user: User, *, on: date) -> Places:
    if not user.is_active:
        return frozenset()
    posts = Post.objects.at(on).held_by(user).values_list("role", "organisation__path")
    grants = AccessGrant.objects.at(on).held_by(user).values_list("kind", "organisation__path")
    return frozenset(
        Place(Role(name) if name in Role.values else GrantKind(name), path)
        for name, path in posts.union(grants)
    )


def remember_places(user: User, *, on: date) -> None:
    """Let every question of this request about rights on that day be answered by what is read here.

    Only for requests that change nothing: who writes is asked anew each time, inside its transaction.
    """
    places = _read_places(user, on=on)
    user.__dict__.setdefault("_holdings", {})[on] = frozenset(place.holding for place in places)
    user.__dict__.setdefault(REMEMBERED, {})[on] = places


def may(user: User, permission: str, *, on: date) -> bool:
    """Whether the user has this permission on any organisation; which one, permitted_to tells."""
    return bool(holdings_of(user, on=on) & holders_of(permission))


def requires(permission: str) -> Callable[[View[P, R]], View[P, R]]:
    """Refuse with 403 who has the permission nowhere; the view itself asks permitted_to (404)."""

    def decorate(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> R:
            today = timezone.localdate()
            if request.method in ("GET", "HEAD"):
                remember_places(request.user, on=today)
            if not may(request.user, permission, on=today):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the test of all URLs
        return cast(View[P, R], guarded)

    return decorate


def may_open(user: User, address: str, *, on: date) -> bool:
    """Whether a link inside the portal would be answered with more than a refusal."""
    try:
        view = resolve(urlsplit(address).path).func
    except Resolver404:
        return False
    permission = permission_of(view)
    return permission is None or may(user, permission, on=on)


def permission_of(view: Any) -> str | None:
    """The permission a view is marked with, if any."""
    found = getattr(view, "permission", None)
    return found if isinstance(found, str) else None
