"""The rules the portal reckons with: who wrote them, since when, and the local ones to adjust."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, requires
from branches.forms.policy import PolicyEditForm
from branches.models import Organisation
from branches.queries.policy import rule_rows, rules_for
from branches.views.pages import form_page, permitted
from branches.views.structure import look_day

VIEW, EDIT = "branches.view_policy", "branches.edit_policy"
SHOWN_PLACES = 30


@require_safe
@requires(VIEW)
def policy_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    look = look_day(request, today=today)
    places = Organisation.objects.permitted_to(request.user, VIEW, on=today).in_tree_order()
    code = request.GET.get("organisation", "")
    organisation = (places.filter(code=code) if code else places).first()
    if organisation is None:
        raise Http404
    rows = rule_rows(organisation, on=look.day)
    context = {
        "organisation": organisation,
        "places": places[:SHOWN_PLACES],
        "local": [row for row in rows if row.rule.configurable],
        "statutory": [row for row in rows if not row.rule.configurable],
        "may_edit": _may_edit(request, organisation, on=today),
        "look": look,
    }
    return render(request, "branches/policy_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(EDIT)
def policy_edit(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, EDIT, on=today)
    rule = rules_for(organisation, on=today).get(code)
    if organisation.is_branch or rule is None or not rule.configurable:
        raise Http404
    form = PolicyEditForm(request.POST or None, organisation=organisation, rule=rule, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{rule.name}”已调整，自 {form.result.effective_from:%Y-%m-%d} 起执行。")
        return redirect(f"{reverse('branches:policy_list')}?{urlencode({'organisation': organisation.code})}")
    return form_page(request, "branches/policy_edit.html", form, organisation=organisation, rule=rule)


def _may_edit(request: SignedInRequest, organisation: Organisation, **day: Any) -> bool:
    editable = Organisation.objects.permitted_to(request.user, EDIT, **day)
    return not organisation.is_branch and editable.filter(pk=organisation.pk).exists()
