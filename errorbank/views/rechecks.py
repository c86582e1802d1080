"""Rechecks: the list, one recheck with its answer, and who is asked."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.models import Organisation
from branches.views.pages import form_page
from errorbank.forms.rechecks import FAIL, RecheckForm, VerifierForm
from errorbank.queries.rechecks import (
    LABELS,
    MINE,
    REVIEW,
    VERIFY,
    RecheckRow,
    recheck_page,
    rechecks_for,
    rechecks_shown,
)

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PAGE_SIZE = 50


@require_safe
@requires(VERIFY)
def recheck_list(request: SignedInRequest) -> HttpResponse:
    """Mine first; staff may look at all."""
    today, user = timezone.localdate(), request.user
    staff = may(user, REVIEW, on=today)
    asked = request.GET.get("show", "")
    show = asked if staff and asked in LABELS else MINE
    page = Paginator(rechecks_shown(user, show, on=today), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [RecheckRow(recheck, today) for recheck in page.object_list],
        "show": show,
        "labels": LABELS.items() if staff else (),
    }
    return render(request, "errorbank/recheck_list.html", context)


@PAGE_OR_FORM
@requires(VERIFY)
def recheck_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    recheck = get_object_or_404(rechecks_for(request.user, on=today), pk=pk)
    form = RecheckForm(request.POST or None, recheck=recheck)
    if form.is_valid() and form.save(by=request.user, on=today):
        failed = form.cleaned_data["answer"] == FAIL
        messages.success(request, "已登记未通过，重新列为问题整改。" if failed else "已登记通过。")
        return redirect("errorbank:recheck_list")
    page = recheck_page(recheck, request.user, on=today)
    return form_page(request, "errorbank/recheck_detail.html", form, page=page)


@PAGE_OR_FORM
@requires(REVIEW)
def recheck_assign(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    over = Organisation.objects.permitted_to(request.user, REVIEW, on=today)
    mine = rechecks_for(request.user, on=today).waiting()
    recheck = get_object_or_404(mine.filter(finding__organisation__in=over), pk=pk)
    form = VerifierForm(request.POST or None, recheck=recheck, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已交给{form.result.verifier_name}复查。")
        return redirect("errorbank:recheck_detail", pk)
    page = recheck_page(recheck, request.user, on=today)
    return form_page(request, "errorbank/recheck_assign.html", form, page=page)
