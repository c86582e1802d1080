"""Carrying out a plan of joint branches: first exactly what would happen, then the same for good."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from branches.access import SignedInRequest, requires
from reminders.forms.joint import CarryOutForm, PreviewForm
from reminders.queries.joint import CARRY_OUT, first_day, plans_for

INVALID = 422


@require_http_methods(["GET", "HEAD", "POST"])
@requires(CARRY_OUT)
def joint_carry_out(request: SignedInRequest, pk: int) -> HttpResponse:
    """GET shows what the day in the address would bring; POST does it."""
    today = timezone.localdate()
    plan = get_object_or_404(plans_for(request.user, on=today), pk=pk)
    if request.method == "POST":
        form = CarryOutForm(request.POST, plan=plan)
        if form.is_valid() and form.save(by=request.user, on=today):
            messages.success(request, f"已实施：{'、'.join(g.joined.name for g in form.result.groups)}成立。")
            return redirect("branches:joint_plan", pk)
    else:
        day = request.GET.get("effective_on") or f"{first_day(plan) or today:%Y-%m-%d}"
        form = PreviewForm({"effective_on": day}, plan=plan)
        if form.is_valid():
            form.save(by=request.user, on=today)
    context = {"plan": plan, "form": form, "outcome": None if form.errors else form.result}
    return render(request, "reminders/joint_carry_out.html", context, status=INVALID if form.errors else 200)
