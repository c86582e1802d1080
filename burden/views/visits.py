"""The annual plan of visits: the year, one visit, filing and changing it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.models import Organisation
from branches.views.pages import INVALID, form_page
from burden.actions.visits import VisitRefused, copy_year, drop_draft
from burden.forms.visits import CancelForm, VisitForm
from burden.models import PlannedVisit
from burden.models.visits import FILE_VISIT, RATE_VISIT, VIEW_VISIT
from burden.queries.visit_page import offices_of, visit_page
from burden.queries.visit_ratings import open_looks
from burden.queries.visit_warnings import materials_of, visit_warnings
from burden.queries.visits import unfiled_of, year_page
from burden.rules.visit_vocabulary import VisitState
from periods.months import FIRST_YEAR, LAST_YEAR
from reminders.queries.demand_lint import cost_words

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])


def asked_year(request: SignedInRequest, *, usual: int) -> int:
    """The year of the address. Raises Http404 for none."""
    text = request.GET.get("year") or str(usual)
    if not text.isascii() or not text.isdigit() or not FIRST_YEAR <= int(text[:5]) <= LAST_YEAR:
        raise Http404
    return int(text)


def permitted_visit(request: SignedInRequest, pk: int, *, on: date) -> PlannedVisit:
    """A visit of one of the reader's offices, else 404."""
    mine = PlannedVisit.objects.permitted_to(request.user, FILE_VISIT, on=on)
    return get_object_or_404(mine.select_related("organisation"), pk=pk)


@require_safe
@requires(VIEW_VISIT)
def visit_list(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    year = asked_year(request, usual=today.year)
    state = request.GET.get("state", "")
    state = state if state in VisitState.values else ""
    may_file = may(user, FILE_VISIT, on=today)
    context = {
        "page": year_page(user, year, state, on=today),
        "state": state,
        "state_label": VisitState(state).label if state else "",
        "may_file": may_file,
        "unfiled": unfiled_of(user, year, on=today),
        "to_rate": open_looks(user, on=today) if may(user, RATE_VISIT, on=today) else [],
        "this_year": today.year,
        "this_month": today.month,
    }
    return render(request, "burden/visit_list.html", context)


@require_safe
@requires(VIEW_VISIT)
def visit_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = PlannedVisit.objects.visible_to(request.user, on=today)
    related = ("organisation", "inspection", "merged_into", "copied_from", "made_by")
    visit = get_object_or_404(mine.select_related(*related), pk=pk)
    return render(request, "burden/visit_detail.html", {"page": visit_page(visit, request.user, on=today)})


@PAGE_OR_FORM
@requires(FILE_VISIT)
def visit_add(request: SignedInRequest) -> HttpResponse:
    form = VisitForm(request.POST or None, user=request.user, on=timezone.localdate())
    return _filing(request, form, "burden/visit_add.html")


@PAGE_OR_FORM
@requires(FILE_VISIT)
def visit_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """File a draft, or change what was filed."""
    today = timezone.localdate()
    visit = permitted_visit(request, pk, on=today)
    if not visit.is_open:
        messages.info(request, f"这项计划{visit.get_state_display()}，不能再改。")
        return redirect("burden:visit_detail", pk)
    form = VisitForm(request.POST or None, user=request.user, on=today, visit=visit)
    return _filing(request, form, "burden/visit_edit.html", visit=visit)


def _filing(request: SignedInRequest, form: VisitForm, template: str, **context: Any) -> HttpResponse:
    """The form, then the page that says what the visit runs into and costs, then filed."""
    today = timezone.localdate()
    if not form.is_valid() or "edit" in request.POST:
        return form_page(request, template, form, **context)
    if "confirmed" in request.POST and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result.title}”已备案，所涉支部可以看到。")
        return redirect("burden:visit_detail", form.result.pk)
    status = INVALID if form.errors else 200
    return render(request, "burden/visit_confirm.html", {**context, **_shown(form, today)}, status=status)


def _shown(form: VisitForm, today: date) -> dict[str, Any]:
    data = form.visit_data
    warnings = visit_warnings(data, place=form.place, visit=form.visit, on=today)
    asked = form.ask(warnings)
    return {
        "form": form,
        "data": data,
        "warnings": warnings,
        "asked": asked,
        "asked_names": [field.name for field in asked],
        "cost": cost_words(data.minutes, len(data.targets)),
        "materials": materials_of(data.materials.splitlines()),
    }


@PAGE_OR_FORM
@requires(FILE_VISIT)
def visit_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    visit = permitted_visit(request, pk, on=today)
    form = CancelForm(request.POST or None, visit=visit)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "计划已取消，原因留存在页面上。")
        return redirect("burden:visit_detail", pk)
    return form_page(request, "burden/visit_cancel.html", form, visit=visit)


@require_POST
@requires(FILE_VISIT)
def visit_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    visit = permitted_visit(request, pk, on=timezone.localdate())
    year = visit.year
    try:
        drop_draft(visit, by=request.user)
    except VisitRefused as refusal:
        messages.info(request, str(refusal))
        return redirect("burden:visit_detail", pk)
    messages.success(request, "这条待备案的计划已删去。")
    return redirect_to_year(year)


@require_POST
@requires(FILE_VISIT)
def visit_copy(request: SignedInRequest) -> HttpResponse:
    """Last year's plan of each of the reader's offices as drafts of the year."""
    today = timezone.localdate()
    year = asked_year(request, usual=today.year + 1)
    offices = list(offices_of(request.user, on=today))
    copied = sum(_copied(office, year, request, today) for office in offices)
    if copied:
        messages.success(request, f"已沿用 {copied} 项为草稿，逐项核对后备案。")
    else:
        messages.info(request, f"{year - 1} 年没有可以沿用的计划，或已经沿用过了。")
    return redirect_to_year(year)


def _copied(office: Organisation, year: int, request: SignedInRequest, today: date) -> int:
    try:
        return len(copy_year(office, year, by=request.user, on=today))
    except VisitRefused:
        return 0


def redirect_to_year(year: int) -> HttpResponse:
    answer = redirect("burden:visit_list")
    answer["Location"] += f"?year={year}"
    return answer
