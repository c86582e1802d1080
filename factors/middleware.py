"""Between the password and everything else: the code, or setting one up where that is required.

Stands after accounts.middleware.SessionLimitMiddleware and asks no database: the account is read already,
and what was given is in the session.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone

from accounts.access import BEGAN, go_to, page_to_return_to
from factors.access import mode, owes_code, owes_for_support, owes_set_up
from factors.rules import WAITING_FOR, Mode

SUPPORT = "admin"
CHECK, SET_UP = "factors:factor_check", "factors:factor_set_up"
WHILE_CODE_IS_DUE = {CHECK, "accounts:logout"}
WHILE_SET_UP_IS_DUE = {
    SET_UP,
    "accounts:logout",
    "accounts:password_change",
    "accounts:password_confirm",
}


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or isinstance(request.user, AnonymousUser):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if owes_code(request, request.user):
            return _to_code(request, name)
        if owes_set_up(request.user) and name not in WHILE_SET_UP_IS_DUE:
            return go_to(request, SET_UP, back=_back(request))
        is_support = request.resolver_match is not None and request.resolver_match.app_name == SUPPORT
        return _to_set_up(request) if is_support and owes_for_support(request, request.user) else None


def _to_set_up(request: HttpRequest) -> HttpResponse:
    if mode() is Mode.OFF:  # there is no page to set one up
        messages.warning(request, "动态码验证目前停用，技术后台暂不开放。恢复后请重新登录再进入。")
        return redirect(settings.LOGIN_REDIRECT_URL)
    messages.info(request, "进入技术后台需要动态码验证，请先设置。")
    return go_to(request, SET_UP, back=_back(request))


def _to_code(request: HttpRequest, name: str) -> HttpResponse | None:
    waited = timezone.now().timestamp() - request.session.get(BEGAN, 0)
    if waited >= WAITING_FOR.total_seconds() and name != "accounts:logout":
        logout(request)
        messages.info(request, "等待动态码的时间已过，请重新登录。")
        return go_to(request, settings.LOGIN_URL, back=_back(request))
    return None if name in WHILE_CODE_IS_DUE else go_to(request, CHECK, back=_back(request))


def _back(request: HttpRequest) -> str:
    """No page of the code itself: it is done with by then."""
    back = page_to_return_to(request)
    return resolve_url(settings.LOGIN_REDIRECT_URL) if "/factor/" in back else back
