"""Why my result: one's own year and those one grades, down to the entries."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from incentives.forms.contributions import ConditionForm, TakeBackForm
from incentives.models import ContributionEntry
from incentives.models.contributions import EDIT_RECORD, VIEW_OWN, VIEW_RECORD
from incentives.queries.record_page import graded_places, graded_records, record_page, years_until
from incentives.queries.records import workers_of
from incentives.rules.contributions import EntryKind

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PER_PAGE = 30


def _year(request: SignedInRequest) -> int:
    """The year asked for among those offered; Http404 for another."""
    years = years_until(timezone.localdate())
    asked = request.GET.get("year", str(years[0]))
    if asked not in map(str, years):
        raise Http404
    return int(asked)


@require_safe
@never_cache
@requires(VIEW_OWN)
def record_mine(request: SignedInRequest) -> HttpResponse:
    return _page(request, request.user, own=True)


@require_safe
@never_cache
@requires(VIEW_RECORD)
def record_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Of a worker whom one grades; 404 for anybody else."""
    today = timezone.localdate()
    workers = workers_of(graded_places(request.user, on=today), _year(request), on=today)
    person = next((worker.user for worker in workers if worker.user.pk == pk), None)
    if person is None:
        raise Http404
    return _page(request, person, own=False)


def _page(request: SignedInRequest, person: User, *, own: bool) -> HttpResponse:
    today, kind = timezone.localdate(), request.GET.get("kind", "")
    page = record_page(person, _year(request), kind, on=today)
    context = {
        "page": page,
        "own": own,
        "kinds": EntryKind.choices,
        "kind": kind,
        "rows": Paginator(page.entries, PER_PAGE).get_page(request.GET.get("page")),
        "may_edit": not own and may(request.user, EDIT_RECORD, on=today),
    }
    return render(request, "incentives/record_detail.html", context)


@require_safe
@never_cache
@requires(VIEW_RECORD)
def record_list(request: SignedInRequest) -> HttpResponse:
    today, year = timezone.localdate(), _year(request)
    context = {
        "records": graded_records(request.user, year, on=today),
        "year": year,
        "years": years_until(today),
        "may_edit": may(request.user, EDIT_RECORD, on=today),
    }
    return render(request, "incentives/record_list.html", context)


@PAGE_OR_FORM
@requires(EDIT_RECORD)
def entry_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = ContributionEntry.objects.permitted_to(request.user, EDIT_RECORD, on=today)
    entry = get_object_or_404(mine.select_related("user"), pk=pk)
    form = TakeBackForm(request.POST or None, entry=entry, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{entry.words}”已冲销，原来的一条保留。")
        return redirect("incentives:record_detail", entry.user_id)
    return form_page(request, "incentives/entry_take_back.html", form, entry=entry)


@PAGE_OR_FORM
@requires(EDIT_RECORD)
def condition_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = ConditionForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{form.result.organisation.name}的艰苦程度数据已登记。")
        return redirect("incentives:record_list")
    return form_page(request, "incentives/condition_add.html", form)
