"""Naming contributions that no source knows, and deciding on them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from incentives.forms.contributions import DecisionForm, NominationForm
from incentives.models import Nomination
from incentives.models.contributions import APPROVE, NOMINATE, VIEW_NOMINATION
from incentives.queries.nominations import nominations_for

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PER_PAGE = 30


@require_safe
@never_cache
@requires(VIEW_NOMINATION)
def nomination_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    found = nominations_for(request.user, on=today)
    context = {
        "rows": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "may_nominate": may(request.user, NOMINATE, on=today),
        "may_decide": may(request.user, APPROVE, on=today),
    }
    return render(request, "incentives/nomination_list.html", context)


@PAGE_OR_FORM
@requires(NOMINATE)
def nomination_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = NominationForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已提名{form.result.nominee.name}，等审核。")
        return redirect("incentives:nomination_list")
    return form_page(request, "incentives/nomination_add.html", form)


@PAGE_OR_FORM
@requires(APPROVE)
def nomination_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Nomination.objects.permitted_to(request.user, APPROVE, on=today)
    nomination = get_object_or_404(mine.select_related("nominee", "made_by", "organisation"), pk=pk)
    form = DecisionForm(request.POST or None, nomination=nomination, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{nomination.words}”{form.result.get_state_display()}。")
        return redirect("incentives:nomination_list")
    return form_page(request, "incentives/nomination_decide.html", form, nomination=nomination)
