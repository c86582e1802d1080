"""Lets nobody unknown in, ends sessions that are over and leads people to the password page they owe."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import BEGAN, SEEN, client_address, page_to_return_to, safe_next, stamp_session
from accounts.actions import log_sign_in
from accounts.context_processors import display_of
from accounts.models import SignIn, User
from accounts.policy import WARN_BEFORE
from accounts.rules import limits_for, session_is_over

WARNED = "password_age_warned"
LARGEST_ID = 2**63 - 1
# The code comes before the password: a first password alone must not let anybody choose the next one.
FREE_WHILE_PASSWORD_IS_DUE = {"accounts:password_change", "accounts:logout", "factors:factor_check"}


class CraftedInputMiddleware:
    """Answers what no page of ours sends before it can upset a database.

    PostgreSQL takes no NUL in text, SQLite no number beyond 64 bits. Values of forms are left to the
    forms: a NUL may be pasted by mistake, and their answer keeps what was typed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any("\0" in text for text in _texts(request)):
            raise BadRequest("NUL in the request.")
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        if any(isinstance(value, int) and value > LARGEST_ID for value in kwargs.values()):
            raise Http404


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path
    yield from request.COOKIES.values()
    yield from request.POST
    for name, values in request.GET.lists():
        yield name
        yield from (value for value in values if isinstance(value, str))


class SignInWallMiddleware(LoginRequiredMiddleware):
    """Everything needs a sign-in; a public page is let through before anybody asks who came.

    Django's own looks at the account first, which reads the session of pages that know nobody.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseRedirect:
        """Django leads back to any address, also to those that answer a button alone."""
        to_login = resolve_url(self.get_login_url(view_func))
        return redirect_to_login(
            page_to_return_to(request), to_login, self.get_redirect_field_name(view_func)
        )


class SessionLimitMiddleware:
    """Needs session, authentication, messages and htmx before it.

    Adds no query of its own: the stamps ride in the session, written at most once a minute
    (once an hour where sessions last for weeks).
    A request without a session cookie (every public page) passes untouched.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._check(request, request.user)
        return _whole_page_for_htmx(request, self.get_response(request))

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or isinstance(request.user, AnonymousUser):
            return None
        match = request.resolver_match
        if request.user.owes_password and (not match or match.view_name not in FREE_WHILE_PASSWORD_IS_DUE):
            return redirect("accounts:password_change")
        return None

    def _check(self, request: HttpRequest, user: User) -> None:
        now = timezone.now().timestamp()
        began, limits = request.session.setdefault(BEGAN, now), limits_for(short_session=user.short_session)
        if SEEN not in request.session:
            stamp_session(request, now)
        seen = request.session[SEEN]
        if session_is_over(limits, began=began, seen=seen, now=now):
            log_sign_in(SignIn.Outcome.EXPIRED, at=timezone.now(), source=client_address(request), user=user)
            logout(request)
            messages.info(request, "为保护账号，登录已到时间自动退出，请重新登录。")
            return
        if now - seen >= limits.touch.total_seconds():
            stamp_session(request, now)
        _warn_of_age(request, user)


class WrongMethodMiddleware:
    """A 405 has an empty body; a person who opened the address of a button gets a page with a way back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.streaming:
            response.content = _wrong_method(request).encode()
        return response


def _wrong_method(request: HttpRequest) -> str:
    if getattr(request, "htmx", False):
        return "这里只能用页面上的按钮操作，请刷新页面后再试。"
    back = safe_next(request, request.headers.get("Referer"))
    if urlsplit(back).path == request.path:
        back = resolve_url(settings.LOGIN_REDIRECT_URL)
    # Without the request no entries of the navigation are asked for, which the page does not show.
    return render_to_string("405.html", {"back": back, "display": display_of(request)})


def _warn_of_age(request: HttpRequest, user: User) -> None:
    """Once a day and session, in the last days of a password that must be changed for its age."""
    left, today = user.password_days_left, timezone.localdate().isoformat()
    if left and left <= WARN_BEFORE.days and request.session.get(WARNED) != today:
        request.session[WARNED] = today
        messages.warning(request, f"您的密码还有 {left} 天到期，请在“我的账号”里换一个新的。")


def _whole_page_for_htmx(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A login or password page must not be swapped into a fragment: send the whole window there."""
    target = response.headers.get("Location", "")
    ours = (resolve_url(settings.LOGIN_URL), resolve_url("accounts:password_change"))
    if response.status_code == 302 and getattr(request, "htmx", False) and target.startswith(ours):
        return HttpResponseClientRedirect(target)
    return response
