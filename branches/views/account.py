"""Accounts of the people in one's reach: opening, first passwords, closing."""

from datetime import date
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import recently_confirmed
from accounts.actions import AccountRefusal
from accounts.models import User
from branches.access import SignedInRequest, requires
from branches.actions import accounts as actions
from branches.actions.accounts import Slip
from branches.forms.account import AccountAddForm, AccountFilterForm, AccountsAddForm
from branches.models import Organisation
from branches.queries.accounts import account_rows, with_state
from branches.queries.reach import (
    accounts_managed_by,
    givable_roles,
    givable_roles_anywhere,
    members_without_account,
)
from branches.rules import Refusal
from branches.views.pages import form_page

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
MANAGE = "branches.manage_account"
PER_PAGE = 50


@require_safe
@requires(MANAGE)
def account_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = AccountFilterForm(request.GET)
    form.is_valid()
    data = form.cleaned_data
    found = with_state(accounts_managed_by(request.user, on=today), data.get("state", ""), data.get("q", ""))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": account_rows(page.object_list, on=today), "form": form}
    return render(request, "branches/account_list.html", context)


@never_cache
@PAGE_OR_FORM
@requires(MANAGE)
def account_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    places = Organisation.objects.permitted_to(request.user, MANAGE, on=today).active(on=today)
    form = AccountAddForm(
        request.POST or None,
        members=members_without_account(request.user, on=today),
        places=places,
        roles=givable_roles_anywhere(request.user, on=today),
        roles_at=partial(givable_roles, request.user, on=today),
        initial={"organisation": request.GET.get("organisation")},
    )
    if form.is_valid() and form.save(by=request.user, on=today):
        return _slips(request, form.result)
    return form_page(request, "branches/account_add.html", form)


@never_cache
@PAGE_OR_FORM
@requires(MANAGE)
def accounts_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    places = Organisation.objects.permitted_to(request.user, MANAGE, on=today)
    members = members_without_account(request.user, on=today)
    form = AccountsAddForm(request.POST or None, places=places, members=members, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        return _slips(request, form.result)
    return form_page(request, "branches/accounts_add.html", form)


@never_cache
@PAGE_OR_FORM
@requires(MANAGE)
@recently_confirmed
def account_reset(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    account = _managed(request, pk, on=today)
    if request.method == "POST":
        try:
            return _slips(request, [actions.reset_password(account, by=request.user, on=today)])
        except (Refusal, AccountRefusal) as refusal:
            messages.error(request, str(refusal))
            return redirect("branches:account_list")
    return render(request, "branches/account_reset.html", {"account": account})


@PAGE_OR_FORM
@requires(MANAGE)
def account_disable(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    account = _managed(request, pk, on=today)
    if request.method != "POST":
        return render(request, "branches/account_disable.html", {"account": account})
    try:
        actions.disable_account(account, by=request.user, on=today)
        messages.success(request, f"“{account.name}”的账号已停用，所有设备上的登录已退出。")
    except (Refusal, AccountRefusal) as refusal:
        messages.error(request, str(refusal))
    return redirect("branches:account_list")


@PAGE_OR_FORM
@requires(MANAGE)
def account_enable(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    account = _managed(request, pk, on=today)
    if request.method != "POST":
        return render(request, "branches/account_enable.html", {"account": account})
    actions.enable_account(account, by=request.user, on=today)
    messages.success(request, f"“{account.name}”的账号已启用，原密码仍然有效。")
    return redirect("branches:account_list")


def _managed(request: SignedInRequest, pk: int, *, on: date) -> User:
    return get_object_or_404(accounts_managed_by(request.user, on=on), pk=pk)


def _slips(request: SignedInRequest, slips: list[Slip]) -> HttpResponse:
    """The answer to the form itself: first passwords are kept nowhere, so they can be shown only now."""
    context = {"slips": slips, "address": request.build_absolute_uri("/w/")}
    return render(request, "branches/account_slips.html", context)
