"""One plan of joint branches: its groups, its filing steps, discarding it."""

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, holdings_on, requires
from branches.actions.joint import OPEN_PLANS
from branches.forms.joint import JointDiscardForm, JointGroupForm, JointStepForm
from branches.models import JointPlan, JointPlanGroup
from branches.planning.sketch import joint_sketch
from branches.queries.joint_plan import groups_of, step_rows
from branches.roles import holders_of
from branches.rules import JointPlanState
from branches.rules.joint import JOINT_BASIS
from branches.views.pages import form_page

VIEW, EDIT, CARRY_OUT = (
    "branches.view_joint_plan",
    "branches.edit_joint_plan",
    "reminders.carry_out_joint",
)
PAGE_OR_FORM = require_http_methods(["GET", "POST"])


@require_safe
@requires(VIEW)
def joint_plan(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    visible = JointPlan.objects.visible_to(request.user, on=today).select_related("organisation", "made_by")
    plan = get_object_or_404(visible, pk=pk)
    held = holdings_on(request.user, plan.organisation, on=today)
    said = plan.figures.get("alternative", {})
    context = {
        "plan": plan,
        "groups": groups_of(plan),
        "steps": step_rows(plan, on=today),
        "said": said,
        "drawing": joint_sketch(plan.figures.get("places", []), said.get("groups", []), uid="plan"),
        "is_open": plan.state in OPEN_PLANS,
        "may_edit": plan.state in OPEN_PLANS and bool(held & holders_of(EDIT)),
        "may_carry_out": plan.state == JointPlanState.APPROVED and bool(held & holders_of(CARRY_OUT)),
        "basis": JOINT_BASIS.sentence,
    }
    return render(request, "branches/joint_plan.html", context)


@PAGE_OR_FORM
@requires(EDIT)
def joint_group_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    groups = JointPlanGroup.objects.filter(plan__in=_editable(request, on=today)).select_related("plan")
    group = get_object_or_404(groups, pk=pk)
    form = JointGroupForm(request.POST or None, group=group, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result.name}”已保存。")
        return redirect("branches:joint_plan", group.plan_id)
    return form_page(request, "branches/joint_group_edit.html", form, group=group)


@PAGE_OR_FORM
@requires(EDIT)
def joint_step_record(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    today = timezone.localdate()
    plan = get_object_or_404(_editable(request, on=today), pk=pk)
    step = get_object_or_404(plan.steps, number=number)
    form = JointStepForm(request.POST or None, plan=plan, step=step)
    if form.is_valid() and form.save(by=request.user, on=today):
        said = f"已登记“{step.name}”。" if form.result.done_on else f"已撤回“{step.name}”的登记。"
        messages.success(request, said)
        return redirect("branches:joint_plan", pk)
    return form_page(request, "branches/joint_step_record.html", form, plan=plan, step=step)


@PAGE_OR_FORM
@requires(EDIT)
def joint_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    plan = get_object_or_404(_editable(request, on=today), pk=pk)
    form = JointDiscardForm(request.POST or None, plan=plan)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "方案已作废，所涉支部可以重新测算。")
        return redirect("branches:joint_planner")
    return form_page(request, "branches/joint_discard.html", form, plan=plan)


def _editable(request: SignedInRequest, *, on: date) -> QuerySet[JointPlan]:
    return JointPlan.objects.permitted_to(request.user, EDIT, on=on)
