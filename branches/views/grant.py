"""Dated grants on one organisation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from branches.access import SignedInRequest, requires
from branches.forms.grant import GrantAddForm, GrantEndForm
from branches.models import AccessGrant, Organisation
from branches.queries.reach import accounts_managed_by
from branches.rules import GIVABLE_GRANTS
from branches.views.pages import form_page, permitted

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
GIVE = "branches.edit_post"


@PAGE_OR_FORM
@requires(GIVE)
def grant_add(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, GIVE, on=today)
    accounts = accounts_managed_by(request.user, on=today).filter(is_active=True)
    initial = {"since": today}
    form = GrantAddForm(request.POST or None, organisation=organisation, accounts=accounts, initial=initial)
    if form.is_valid() and form.save(by=request.user, on=today):
        given = form.result
        said = f"已登记{given.user.name}的“{given.get_kind_display()}”，有效至 {given.until:%Y-%m-%d}。"
        messages.success(request, said)
        return redirect("branches:organisation_detail", pk)
    return form_page(request, "branches/grant_add.html", form, organisation=organisation)


@PAGE_OR_FORM
@requires(GIVE)
def grant_end(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Organisation.objects.permitted_to(request.user, GIVE, on=today)
    running = AccessGrant.objects.filter(organisation__in=mine, until__gte=today, kind__in=GIVABLE_GRANTS)
    grant = get_object_or_404(running.select_related("organisation", "user"), pk=pk)
    form = GrantEndForm(request.POST or None, grant=grant, initial={"day": today})
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{grant.user.name}的“{grant.get_kind_display()}”已登记结束。")
        return redirect("branches:organisation_detail", grant.organisation_id)
    context = {"grant": grant, "organisation": grant.organisation}
    return form_page(request, "branches/grant_end.html", form, **context)
