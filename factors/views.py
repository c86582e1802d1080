"""The code after the password, and the pages of one's own second factor."""

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import confirm_session, log_attempt, log_confirmation, recently_confirmed, safe_next
from accounts.models import SignIn
from branches.access import SignedInRequest, requires
from branches.queries.reach import accounts_managed_by
from branches.views.pages import form_page
from factors import actions
from factors.access import (
    allow_replacing,
    end_setting_up,
    is_obliged,
    mark_given,
    may_replace,
    mode,
    offered_secret,
    owes_code,
    owes_set_up,
)
from factors.forms import CodeForm, FirstCodeForm, ProofForm, ResetForm
from factors.models import Authenticator
from factors.rules import Mode, authenticator_address, secret_for_typing

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
INVALID = 422
FEW_CODES = 3
OWN_PAGE = "accounts:session_list"
UNSEEN = '您的备用码还没有确认抄下，手机不在身边时会登录不了。请到<a href="{}">备用码</a>页面重新生成或确认。'


@never_cache
@sensitive_post_parameters("code")
@PAGE_OR_FORM
def factor_check(request: SignedInRequest) -> HttpResponse:
    target = safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if not owes_code(request, request.user):
        return redirect(target)
    form = CodeForm(request.POST or None)
    if form.is_valid() and form.prove(request.user):
        mark_given(request)
        _write_down(request, form)
        return redirect(target)
    if form.code_refused:
        log_attempt(request, SignIn.Outcome.CODE_WRONG, user=request.user)
    context = {"form": form, "next": target}
    return render(request, "factors/factor_check.html", context, status=_status(form))


@never_cache
@sensitive_post_parameters("code")
@sensitive_variables("secret")
@PAGE_OR_FORM
@recently_confirmed
def factor_set_up(request: SignedInRequest) -> HttpResponse:
    _refuse_when_off()
    if request.user.second_factor_since and not may_replace(request):
        return redirect("factors:factor_replace")
    forced, secret = owes_set_up(request.user), offered_secret(request)
    form = FirstCodeForm(request.POST or None)
    if form.is_valid() and form.set_up(request.user, secret):
        end_setting_up(request)
        update_session_auth_hash(request, request.user)
        mark_given(request)
        return _codes_page(request, form.codes, heading="动态码验证已设置好")
    context = {"form": form, "forced": forced, **_shown(request, secret)}
    return render(request, "factors/factor_set_up.html", context, status=_status(form))


@never_cache
@sensitive_post_parameters("password", "code")
@PAGE_OR_FORM
def factor_replace(request: SignedInRequest) -> HttpResponse:
    form = _own_form(request)
    if _proven(request, form):
        allow_replacing(request)
        confirm_session(request)
        return redirect("factors:factor_set_up")
    return render(request, "factors/factor_replace.html", {"form": form}, status=_status(form))


@never_cache
@sensitive_post_parameters("password", "code")
@PAGE_OR_FORM
def factor_codes(request: SignedInRequest) -> HttpResponse:
    form = _own_form(request)
    if _proven(request, form):
        codes = actions.renew_codes(request.user)
        return _codes_page(request, codes, heading="新的备用码")
    unseen = Authenticator.objects.filter(user=request.user, codes_unseen=True).exists()
    context = {"form": form, "unseen": unseen}
    return render(request, "factors/factor_codes.html", context, status=_status(form))


@require_POST
def factor_codes_confirm(request: SignedInRequest) -> HttpResponse:
    """The button below the recovery codes: they are on paper now."""
    actions.confirm_codes(request.user)
    return redirect(safe_next(request, request.POST.get("next")))


@never_cache
@sensitive_post_parameters("password", "code")
@PAGE_OR_FORM
def factor_off(request: SignedInRequest) -> HttpResponse:
    if is_obliged(request.user):
        messages.info(request, "您的账号需要动态码验证，不能关闭。换手机请用“更换验证器”。")
        return redirect(OWN_PAGE)
    form = _own_form(request)
    if _proven(request, form):
        actions.turn_off(request.user, at=timezone.now())
        messages.success(request, "动态码验证已关闭，以后登录只需要密码。")
        return redirect(OWN_PAGE)
    return render(request, "factors/factor_off.html", {"form": form}, status=_status(form))


@never_cache
@PAGE_OR_FORM
@requires("branches.manage_account")
@recently_confirmed
def factor_reset(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    managed = accounts_managed_by(request.user, on=today).exclude(pk=request.user.pk)
    account = get_object_or_404(managed.exclude(second_factor_since=None), pk=pk)
    form = ResetForm(request.POST or None, account=account)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{account.name}”的动态码验证已重置，所有设备上的登录已退出。")
        return redirect("branches:account_list")
    return form_page(request, "factors/factor_reset.html", form, account=account)


def _refuse_when_off() -> None:
    if mode() is Mode.OFF:
        raise Http404


def _own_form(request: SignedInRequest) -> ProofForm:
    """Only who has a second factor has something to change."""
    _refuse_when_off()
    if request.user.second_factor_since is None:
        raise Http404
    return ProofForm(request.POST or None, request=request)


def _proven(request: SignedInRequest, form: ProofForm) -> bool:
    """Password first: a code is used up only by who knows it."""
    if form.is_valid() and form.prove(request.user):
        return True
    if form.refused:
        log_confirmation(request, request.user, right=False)
    if form.code_refused:
        log_attempt(request, SignIn.Outcome.CODE_WRONG, user=request.user)
    return False


def _write_down(request: SignedInRequest, form: CodeForm) -> None:
    left = form.proof.codes_left
    if left is None:
        log_attempt(request, SignIn.Outcome.CODE_RIGHT, user=request.user)
        if form.proof.codes_unseen:
            messages.warning(request, format_html(UNSEEN, reverse("factors:factor_codes")))
        return
    log_attempt(request, SignIn.Outcome.RECOVERY_USED, user=request.user)
    advice = "请尽快在“我的登录”里重新生成。" if left < FEW_CODES else "用过的那个请从纸上划掉。"
    messages.warning(request, f"已用备用码登录，还剩 {left} 个。{advice}")


def _shown(request: SignedInRequest, secret: bytes) -> dict[str, str]:
    address = authenticator_address(secret, account=request.user.username)
    picture = segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=4, light="#fff")
    return {"picture": picture, "secret": secret_for_typing(secret), "address": address}


def _codes_page(request: HttpRequest, codes: list[str], *, heading: str) -> HttpResponse:
    """The answer to the form itself: the codes are kept nowhere, so they can be shown only now."""
    target = safe_next(request, request.GET.get("next") or resolve_url(OWN_PAGE))
    context = {"codes": codes, "heading": heading, "made_at": timezone.now(), "next": target}
    return render(request, "factors/codes.html", context)


def _status(form: Any) -> int:
    return INVALID if form.errors else 200
