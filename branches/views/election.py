"""Elections: which terms end when, and the chain of one election."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, holdings_on, requires
from branches.actions.elections import take_back_step
from branches.forms.election import ElectionStepForm
from branches.models import ElectionStep, Organisation, Term
from branches.queries.elections import election_page, election_rows, vacancies_of
from branches.roles import holders_of
from branches.rules import ElectionStepKind, Refusal
from branches.views.pages import form_page

VIEW, EDIT = "branches.view_election", "branches.edit_election"
EDIT_TERM = "branches.edit_organisation"
PER_PAGE = 100


@require_safe
@requires(VIEW)
def election_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    places = list(Organisation.objects.permitted_to(request.user, VIEW, on=today).active(on=today))
    rows = election_rows(places, on=today)
    if len(rows) == 1 and (term := rows[0].chain_term):
        return redirect("branches:election_detail", term.pk)
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "overdue": sum(row.overdue for row in rows),
        "near": sum(row.near and not row.overdue for row in rows),
        "filing": sum(row.filing is not None for row in rows),
        "vacancies": vacancies_of(places, on=today),
    }
    return render(request, "branches/election_list.html", context)


@require_safe
@requires(VIEW)
def election_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    term = _term(request, pk, VIEW, on=today)
    held = holdings_on(request.user, term.organisation, on=today)
    page = election_page(term, on=today)
    forms = [
        ElectionStepForm(term=term, kind=view.step.kind, known=view.row, on=today) for view in page.steps
    ]
    context = {
        "page": page,
        "term": term,
        "organisation": term.organisation,
        "steps": list(zip(page.steps, forms, strict=True)),
        "may_edit": bool(held & holders_of(EDIT)),
        "may_edit_term": bool(held & holders_of(EDIT_TERM)),
        "today": today,
    }
    return render(request, "branches/election_detail.html", context)


@require_http_methods(["GET", "POST"])
@requires(EDIT)
def election_step(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    today = timezone.localdate()
    term = _term(request, pk, EDIT, on=today)
    step = _kind(kind)
    known = term.election_steps.filter(kind=step).first()
    form = ElectionStepForm(request.POST or None, term=term, kind=step, known=known, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{step.label}”已登记。")
        return redirect("branches:election_detail", pk)
    context = {"term": term, "kind": step, "organisation": term.organisation}
    return form_page(request, "branches/election_step.html", form, **context)


@require_POST
@requires(EDIT)
def election_step_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Organisation.objects.permitted_to(request.user, EDIT, on=today)
    step = get_object_or_404(ElectionStep.objects.filter(term__organisation__in=mine), pk=pk)
    try:
        take_back_step(step, by=request.user)
        messages.success(request, f"“{step.get_kind_display()}”已撤回，可以重新登记。")
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    return redirect("branches:election_detail", step.term_id)


def _term(request: SignedInRequest, pk: int, permission: str, *, on: date) -> Term:
    places = Organisation.objects.permitted_to(request.user, permission, on=on)
    return get_object_or_404(
        Term.objects.select_related("organisation").filter(organisation__in=places), pk=pk
    )


def _kind(name: str) -> ElectionStepKind:
    """The election itself has its own page."""
    if name not in ElectionStepKind.values or name == ElectionStepKind.MEETING:
        raise Http404
    return ElectionStepKind(name)
