"""The versions of the policy; trying one on past data, and adopting it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from incentives.forms.policies import PolicyForm
from incentives.models.contributions import EDIT_POLICY, VIEW_POLICY
from incentives.queries.policies import policies_for


@require_safe
@requires(VIEW_POLICY)
def policy_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "versions": policies_for(request.user, on=today),
        "may_edit": may(request.user, EDIT_POLICY, on=today),
    }
    return render(request, "incentives/policy_list.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@requires(EDIT_POLICY)
def policy_try(request: SignedInRequest) -> HttpResponse:
    """First the trial; with `adopt` the version is made."""
    today = timezone.localdate()
    form = PolicyForm(request.POST or None, user=request.user, on=today)
    if not form.is_valid():
        return form_page(request, "incentives/policy_try.html", form)
    if "adopt" in request.POST and form.save(by=request.user, on=today):
        messages.success(request, f"《{form.result}》已采用，自 {form.result.since:%Y-%m-%d} 起执行。")
        return redirect("incentives:record_list")
    context = {"form": form, "scenario": form.tried(on=today)}
    return render(request, "incentives/policy_try.html", context, status=422 if form.errors else 200)
