"""Contesting one's result, and answering those who do."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.forms.base import LONGEST_KEY
from branches.models import Organisation
from branches.views.pages import form_page
from incentives.forms.appeals import AnswerForm, AppealForm
from incentives.models import Appeal, ContributionEntry
from incentives.models.appeals import ANSWER_APPEAL
from incentives.models.contributions import VIEW_OWN
from incentives.queries.appeals import appeals_for, may_cancel
from incentives.queries.record_page import years_until
from incentives.queries.records import worker_of

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PER_PAGE = 30
SEE_APPEAL = "incentives.view_appeal"


@require_safe
@never_cache
@requires(SEE_APPEAL)
def appeal_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    found = appeals_for(request.user, on=today)
    context = {
        "rows": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "may_answer": may(request.user, ANSWER_APPEAL, on=today),
        "today": today,
    }
    return render(request, "incentives/appeal_list.html", context)


@PAGE_OR_FORM
@never_cache
@requires(VIEW_OWN)
def appeal_add(request: SignedInRequest) -> HttpResponse:
    """Against the own year, or against one own entry of it."""
    today, entry = timezone.localdate(), _own_entry(request)
    year = entry.happened_on.year if entry else _own_year(request)
    place = entry.organisation if entry else _own_place(request, year)
    form = AppealForm(request.POST or None, place=place, year=year, entry=entry, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"申诉已提出，{form.result.due_on:%m月%d日}前书面答复，届时会通知您。")
        return redirect("incentives:appeal_list")
    return form_page(request, "incentives/appeal_add.html", form, year=year, entry=entry)


def _own_entry(request: SignedInRequest) -> ContributionEntry | None:
    if not (text := request.GET.get("entry", "")):
        return None
    key = int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY else 0
    mine = ContributionEntry.objects.filter(user=request.user, corrects=None).select_related("organisation")
    return get_object_or_404(mine, pk=key)


def _own_year(request: SignedInRequest) -> int:
    asked = request.GET.get("year", "")
    if asked not in map(str, years_until(timezone.localdate())):
        raise Http404
    return int(asked)


def _own_place(request: SignedInRequest, year: int) -> Organisation:
    """Of the branch in whose record the year stands; 404 without one."""
    worker = worker_of(request.user, year, on=timezone.localdate())
    if worker is None:
        raise Http404
    return worker.organisation


@PAGE_OR_FORM
@never_cache
@requires(ANSWER_APPEAL)
def appeal_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Appeal.objects.permitted_to(request.user, ANSWER_APPEAL, on=today)
    row = get_object_or_404(mine.select_related("user", "entry", "organisation"), pk=pk)
    cancels = row.entry is not None and may_cancel(request.user, row.entry, on=today)
    form = AnswerForm(request.POST or None, row=row, may_cancel=cancels, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已答复{row.user.name}。")
        return redirect("incentives:appeal_list")
    return form_page(request, "incentives/appeal_answer.html", form, row=row)
