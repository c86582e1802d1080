"""Rotation: the plans, one year, one turn with its checklist and feedback."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from training.actions.rotation import come_back, publish_plan, replan, unpair_branches
from training.actions.rotation_feedback import hand_in, sign_turn
from training.actions.rotation_turns import RotationRefused
from training.forms.rotation import AwayForm, MonthForm, PairForm, RotationForm
from training.models import RotationPlan, RotationSlot
from training.models.rotation import PLAN_ROTATION, VIEW_ROTATION
from training.queries.rotation import conflicts_of, pairs_of, plan_page, turn_page
from training.rules.rotation import MONTHS

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])


def _planned_by(request: SignedInRequest, pk: int) -> RotationPlan:
    """A plan of one of the reader's offices, else 404."""
    mine = RotationPlan.objects.permitted_to(request.user, PLAN_ROTATION, on=timezone.localdate())
    return get_object_or_404(mine.select_related("organisation"), pk=pk)


def _turns(user: User, *, on: date) -> Callable[[int], RotationSlot]:
    """One's own published turns, and those of the plans one runs."""
    runs = RotationPlan.objects.permitted_to(user, PLAN_ROTATION, on=on)
    own = RotationPlan.objects.visible_to(user, on=on)
    rows = RotationSlot.objects.filter(Q(plan__in=runs) | Q(user=user, plan__in=own))
    return lambda pk: get_object_or_404(
        rows.select_related("plan__organisation", "user", "inspection", "signed_by"), pk=pk
    )


@require_safe
@requires(VIEW_ROTATION)
def rotation_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    plans = RotationPlan.objects.visible_to(request.user, on=today).select_related("organisation")
    context = {
        "plans": plans.order_by("-year", "organisation__code"),
        "may_plan": may(request.user, PLAN_ROTATION, on=today),
    }
    return render(request, "training/rotation_list.html", context)


@require_safe
@requires(VIEW_ROTATION)
def rotation_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    mine = RotationPlan.objects.visible_to(user, on=today)
    plan = get_object_or_404(mine.select_related("organisation"), pk=pk)
    runs = RotationPlan.objects.permitted_to(user, PLAN_ROTATION, on=today).filter(pk=pk).exists()
    page = plan_page(plan, may_plan=runs, on=today)
    return render(request, "training/rotation_detail.html", {"page": page})


@PAGE_OR_FORM
@requires(PLAN_ROTATION)
def rotation_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = RotationForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "草案排好了，核对后再发布。")
        return redirect("training:rotation_detail", form.result.pk)
    return form_page(request, "training/rotation_add.html", form)


@PAGE_OR_FORM
@requires(PLAN_ROTATION)
def rotation_away(request: SignedInRequest, pk: int) -> HttpResponse:
    today, plan = timezone.localdate(), _planned_by(request, pk)
    form = AwayForm(request.POST or None, plan=plan, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已按最少变动重排，其他人的安排尽量没有动。")
        return redirect("training:rotation_detail", pk)
    return form_page(request, "training/rotation_away.html", form, plan=plan)


@PAGE_OR_FORM
@requires(PLAN_ROTATION)
def rotation_month(request: SignedInRequest, pk: int, month: int) -> HttpResponse:
    today, plan = timezone.localdate(), _planned_by(request, pk)
    if month not in MONTHS:
        raise Http404
    form = MonthForm(request.POST or None, plan=plan, month=month, on=today)
    if form.is_valid() and "check" not in request.POST and form.save(by=request.user, on=today):
        messages.success(request, f"{month} 月已按您的调整保存。")
        return redirect("training:rotation_detail", pk)
    lines = conflicts_of(plan, month, form.chosen, form.people, on=today)
    return form_page(request, "training/rotation_month.html", form, plan=plan, month=month, lines=lines)


@require_POST
@requires(PLAN_ROTATION)
def rotation_check(request: SignedInRequest, pk: int, month: int) -> HttpResponse:
    """What would not fit, said while choosing."""
    today, plan = timezone.localdate(), _planned_by(request, pk)
    if month not in MONTHS:
        raise Http404
    form = MonthForm(request.POST, plan=plan, month=month, on=today)
    form.is_valid()
    lines = conflicts_of(plan, month, form.chosen, form.people, on=today)
    return render(request, "training/_rotation_conflicts.html", {"lines": lines})


@require_POST
@requires(PLAN_ROTATION)
def rotation_replan(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _planned_by(request, pk)
    done = "已按现在的任职、结对和不便参加的月份重排，其余尽量没有动。"
    _try(request, lambda: replan(plan, by=request.user, on=timezone.localdate()), done)
    return redirect("training:rotation_detail", pk)


@PAGE_OR_FORM
@requires(PLAN_ROTATION)
def rotation_pair(request: SignedInRequest, pk: int) -> HttpResponse:
    today, plan = timezone.localdate(), _planned_by(request, pk)
    form = PairForm(request.POST or None, plan=plan, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已登记结对。要让以后的月份避开，请点“重排”。")
        return redirect("training:rotation_detail", pk)
    return form_page(request, "training/rotation_pair.html", form, plan=plan)


@require_POST
@requires(PLAN_ROTATION)
def rotation_unpair(request: SignedInRequest, pk: int, pair: int) -> HttpResponse:
    plan = _planned_by(request, pk)
    found = get_object_or_404(pairs_of(plan.organisation), pk=pair)
    unpair_branches(found, place=plan.organisation, by=request.user)
    messages.success(request, "已取消结对登记。")
    return redirect("training:rotation_detail", pk)


@require_POST
@requires(PLAN_ROTATION)
def rotation_back(request: SignedInRequest, pk: int, away: int) -> HttpResponse:
    plan = _planned_by(request, pk)
    row = get_object_or_404(plan.away.select_related("user"), pk=away)
    come_back(plan, row.user, month=row.month, by=request.user)
    messages.success(request, f"{row.user.name} {row.month} 月又可以参加了。需要时请点“重排”。")
    return redirect("training:rotation_detail", pk)


@require_POST
@requires(PLAN_ROTATION)
def rotation_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _planned_by(request, pk)
    _try(request, lambda: publish_plan(plan, by=request.user, on=timezone.localdate()), "轮训安排已发布。")
    return redirect("training:rotation_detail", pk)


@require_safe
@requires(VIEW_ROTATION)
def rotation_turn(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    slot = _turns(request.user, on=today)(pk)
    page = turn_page(slot, request.user, on=today)
    return render(request, "training/rotation_turn.html", {"page": page})


@require_POST
@requires(VIEW_ROTATION)
def rotation_hand_in(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leads to the inspection this makes, where what was found is written."""
    today = timezone.localdate()
    slot = _turns(request.user, on=today)(pk)
    try:
        handed = hand_in(slot, by=request.user, on=today)
    except RotationRefused as refusal:
        messages.info(request, str(refusal))
        return redirect("training:rotation_turn", pk)
    messages.success(request, "反馈已登记，清单上的这一项办结。发现的问题请接着在这里登记。")
    return redirect("errorbank:inspection_detail", handed.inspection_id)


@require_POST
@requires(PLAN_ROTATION)
def rotation_sign(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    slot = _turns(request.user, on=today)(pk)
    _planned_by(request, slot.plan_id)
    _try(request, lambda: sign_turn(slot, by=request.user, on=today), "已签收。")
    return redirect("training:rotation_turn", pk)


def _try(request: SignedInRequest, act: Callable[[], object], done: str) -> None:
    try:
        act()
    except RotationRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, done)
