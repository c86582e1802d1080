"""Signing in and out, one's own account, and the pages for what went wrong."""

from datetime import datetime
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import (
    SignedInRequest,
    begin_session,
    client_address,
    confirm_session,
    lockout_name,
    log_attempt,
    log_confirmation,
    safe_next,
)
from accounts.actions import end_session, end_sessions
from accounts.context_processors import LARGE_COOKIE, THEME_COOKIE, display_of
from accounts.devices import remember_device
from accounts.forms import DisplayForm, LoginForm, PasswordChangeForm, PasswordConfirmForm
from accounts.models import SignIn, User
from accounts.queries import SessionRow, own_sessions
from accounts.rules import SIGN_INS_SHOWN

DISPLAY_KEPT_SECONDS = 400 * 24 * 3600
PER_PAGE = 30
INVALID = 422
PAGE_OR_FORM = require_http_methods(["GET", "POST"])


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@PAGE_OR_FORM
def login(request: HttpRequest) -> HttpResponse:
    target = safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated:
        return redirect(target)
    form = LoginForm(request.POST or None, request=request)
    if form.is_valid() and form.user:
        auth.login(request, form.user)
        begin_session(request)
        log_attempt(request, _how_far(form.user), user=form.user)
        return remember_device(request, redirect(target), form.user)
    if form.is_bound and (username := form.data.get("username", "").replace("\0", "")):
        log_attempt(request, SignIn.Outcome.REFUSED, username=User.normalize_username(username))
    return render(request, "accounts/login.html", {"form": form, "next": target}, status=_status(form))


@require_POST
def logout(request: SignedInRequest) -> HttpResponse:
    log_attempt(request, SignIn.Outcome.LEFT, user=request.user)
    auth.logout(request)
    messages.success(request, "已退出登录。")
    return redirect("accounts:login")


@never_cache
@sensitive_post_parameters()
@PAGE_OR_FORM
def password_change(request: SignedInRequest) -> HttpResponse:
    form = PasswordChangeForm(request.POST or None, request=request, owner=request.user)
    if form.is_valid() and form.save():
        auth.update_session_auth_hash(request, request.user)
        confirm_session(request)
        log_attempt(request, SignIn.Outcome.PASSWORD_CHANGED, user=request.user)
        messages.success(request, "新密码已生效，其他设备上的登录已退出。")
        return remember_device(request, redirect(settings.LOGIN_REDIRECT_URL), request.user)
    if form.refused:
        log_confirmation(request, request.user, right=False)
    return render(request, "accounts/password_change.html", {"form": form}, status=_status(form))


@never_cache
@sensitive_post_parameters("password")
@PAGE_OR_FORM
def password_confirm(request: SignedInRequest) -> HttpResponse:
    target = safe_next(request, request.POST.get("next") or request.GET.get("next"))
    form = PasswordConfirmForm(request.POST or None, request=request)
    if form.is_valid() and form.user:
        confirm_session(request)
        log_confirmation(request, request.user, right=True)
        return remember_device(request, redirect(target), request.user)
    if form.is_bound:
        log_confirmation(request, request.user, right=False)
    context = {"form": form, "next": target}
    return render(request, "accounts/password_confirm.html", context, status=_status(form))


@never_cache
@PAGE_OR_FORM
def profile(request: SignedInRequest) -> HttpResponse:
    shown = display_of(request)
    form = DisplayForm(request.POST or None, initial={"theme": shown.theme, "large": shown.large})
    if form.is_valid():
        messages.success(request, "显示设置已保存，只影响这台设备。")
        return _remember_display(request, redirect("accounts:profile"), form.cleaned_data)
    return render(request, "accounts/profile.html", {"form": form}, status=_status(form))


@require_POST
def large_text(request: SignedInRequest) -> HttpResponse:
    """Larger or normal letters on this device, by one tap from any page and back to it."""
    choice = {"theme": display_of(request).theme, "large": request.POST.get("large") == "1"}
    return _remember_display(request, redirect(safe_next(request, request.POST.get("next"))), choice)


@require_safe
@never_cache
def session_list(request: SignedInRequest) -> HttpResponse:
    """Where one is signed in, and everything that happened at the door lately."""
    now = timezone.now()
    recent = SignIn.objects.of(request.user).since(now - SIGN_INS_SHOWN)
    context = {
        "sessions": _own(request, now),
        "page": Paginator(recent, PER_PAGE).get_page(request.GET.get("page")),
        "factor_mode": settings.SECOND_FACTOR,
    }
    return render(request, "accounts/session_list.html", context)


@require_POST
def session_end(request: SignedInRequest, handle: str) -> HttpResponse:
    """End one of the own sessions elsewhere; this one ends by signing out."""
    found = [row for row in _own(request, timezone.now()) if row.handle == handle and not row.here]
    if not found:
        raise Http404
    end_session(request.user, key=found[0].key)
    log_attempt(request, SignIn.Outcome.ENDED_ELSEWHERE, user=request.user)
    messages.success(request, f"“{found[0].device}”上的登录已退出。")
    return redirect("accounts:session_list")


@require_POST
def sessions_end(request: SignedInRequest) -> HttpResponse:
    """End every other session; this device stays signed in."""
    end_sessions(request.user)
    auth.update_session_auth_hash(request, request.user)
    log_attempt(request, SignIn.Outcome.ENDED_ELSEWHERE, user=request.user)
    messages.success(request, "其他设备上的登录已全部退出。")
    return redirect("accounts:session_list")


def login_lockout(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Answer of the lockout; the time it ends is the last counted failure plus the cool-off."""
    tries = AccessAttempt.objects.filter(
        username=lockout_name(request, credentials), ip_address=client_address(request)
    )
    last = tries.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    context = {"ends_at": last + get_cool_off(request)}
    return render(request, "accounts/lockout.html", context, status=settings.AXES_HTTP_RESPONSE_CODE)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Nothing was saved and nothing typed is lost: it is still in the page before."""
    back = safe_next(request, request.headers.get("Referer"))
    return render(request, "403_csrf.html", {"back": back}, status=403)


def _how_far(user: User) -> SignIn.Outcome:
    """The password alone is no sign-in where a code follows."""
    awaits_code = user.second_factor_since is not None and settings.SECOND_FACTOR != "off"
    return SignIn.Outcome.PASSWORD_RIGHT if awaits_code else SignIn.Outcome.ACCEPTED


def _own(request: SignedInRequest, now: datetime) -> list[SessionRow]:
    return own_sessions(request.user, current=request.session.session_key, now=now)


def _remember_display(request: HttpRequest, response: HttpResponse, choice: dict[str, Any]) -> HttpResponse:
    for name, value in ((THEME_COOKIE, choice["theme"]), (LARGE_COOKIE, "1" if choice["large"] else "0")):
        response.set_cookie(
            name,
            value,
            max_age=DISPLAY_KEPT_SECONDS,
            path=settings.SESSION_COOKIE_PATH,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


def _status(form: Any) -> int:
    return INVALID if form.errors else 200
