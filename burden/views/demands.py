"""The register of what is asked of branches: the list, one demand, entering, proposing, deciding, ending."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from burden.forms.demands import ChangeForm, DecideForm, EndForm, ProposeForm, StaffDemandForm
from burden.queries.demand_scope import EDIT_DEMAND, PROPOSE, VIEW_DEMAND, DemandScope, scope_of
from burden.queries.demands import address_of, chain_of, register_page
from burden.rules.demands import read_register
from reminders.demand_rules import DemandKind, DemandSource, Nature
from reminders.models import OutsideDemand

PAGE_SIZE = 25
PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])


def asked_scope(request: SignedInRequest, permission: str) -> DemandScope:
    """The scope of the address. Raises Http404 for a foreign one."""
    today = timezone.localdate()
    scope = scope_of(request.user, permission, code=request.GET.get("scope", ""), on=today)
    if scope is None:
        raise Http404
    return scope


def _editable(request: SignedInRequest, pk: int) -> OutsideDemand:
    mine = OutsideDemand.objects.permitted_to(request.user, EDIT_DEMAND, on=timezone.localdate())
    return get_object_or_404(mine.select_related("organisation"), pk=pk)


@require_safe
@requires(VIEW_DEMAND)
def demand_list(request: SignedInRequest) -> HttpResponse:
    """`?scope=DZ01&q=&asker=&kind=&nature=&source=`."""
    today, scope = timezone.localdate(), asked_scope(request, VIEW_DEMAND)
    asked = read_register(request.GET)
    may_edit, page = may(request.user, EDIT_DEMAND, on=today), register_page(scope, asked, on=today)
    shown = Paginator(page.lines, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "scope": scope,
        "asked": asked,
        "page": page,
        "shown": shown,
        "rows": [(line, address_of(line.source, line.ref)) for line in shown],
        "kinds": DemandKind.choices,
        "natures": Nature.choices,
        "sources": DemandSource.choices,
        "may_edit": may_edit,
        "may_propose": not may_edit and may(request.user, PROPOSE, on=today),
        "on": today,
    }
    return render(request, "burden/demand_list.html", context)


@require_safe
@requires(VIEW_DEMAND)
def demand_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    mine = OutsideDemand.objects.visible_to(user, on=today)
    demand = get_object_or_404(mine.select_related("organisation", "made_by", "decided_by", "follows"), pk=pk)
    editable = OutsideDemand.objects.permitted_to(user, EDIT_DEMAND, on=today).filter(pk=pk).exists()
    context = {
        "demand": demand,
        "earlier": chain_of(demand),
        "later": OutsideDemand.objects.filter(follows=demand).first(),
        "may_edit": editable,
        "ended": demand.until is not None and demand.until < today,
    }
    return render(request, "burden/demand_detail.html", context)


@PAGE_OR_FORM
@requires(EDIT_DEMAND)
def demand_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = StaffDemandForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result.name}”已列入登记册。")
        return redirect("burden:demand_detail", form.result.pk)
    return form_page(request, "burden/demand_add.html", form)


@PAGE_OR_FORM
@requires(PROPOSE)
def demand_propose(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    if may(request.user, EDIT_DEMAND, on=today):
        return redirect("burden:demand_add")
    form = ProposeForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result.name}”已提交，党总支核对后列入登记册。")
        return redirect("burden:demand_detail", form.result.pk)
    return form_page(request, "burden/demand_propose.html", form)


@PAGE_OR_FORM
@requires(EDIT_DEMAND)
def demand_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today, demand = timezone.localdate(), _editable(request, pk)
    form = ChangeForm(request.POST or None, demand=demand, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已保存。")
        return redirect("burden:demand_detail", form.result.pk)
    return form_page(request, "burden/demand_edit.html", form, demand=demand)


@PAGE_OR_FORM
@requires(EDIT_DEMAND)
def demand_end(request: SignedInRequest, pk: int) -> HttpResponse:
    today, demand = timezone.localdate(), _editable(request, pk)
    form = EndForm(request.POST or None, demand=demand, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{demand.name}”{form.result.until:%Y-%m-%d} 之后不再要求。")
        return redirect("burden:demand_detail", pk)
    return form_page(request, "burden/demand_end.html", form, demand=demand)


@PAGE_OR_FORM
@requires(EDIT_DEMAND)
def demand_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    today, demand = timezone.localdate(), _editable(request, pk)
    form = DecideForm(request.POST or None, demand=demand)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "核对结果已保存，提出的支部可以看到。")
        return redirect("burden:demand_detail", pk)
    return form_page(request, "burden/demand_decide.html", form, demand=demand)
