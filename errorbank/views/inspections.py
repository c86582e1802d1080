"""Inspections: the list, one of them, writing down what it found, the notice for a branch."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.models import Organisation
from branches.views.pages import form_page
from errorbank.actions.notice import NoNotice, export_notice
from errorbank.forms.inspections import InspectionForm, RecordForm
from errorbank.models import ErrorEntry, Inspection
from errorbank.queries.choosing import choosable_entries, found_entries
from errorbank.queries.findings import RECORD, VIEW, inspection_targets, inspections_of
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
INSPECT = "errorbank.inspect"
PAGE_SIZE = 50


@require_safe
@requires(VIEW)
def inspection_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    rows = inspections_of(request.user, on=today)
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_inspect": may(request.user, INSPECT, on=today),
    }
    return render(request, "errorbank/inspection_list.html", context)


@require_safe
@requires(VIEW)
def inspection_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    inspection = _permitted(request, pk, VIEW, on=today)
    targets = inspection_targets(inspection, request.user, on=today)
    context = {
        "inspection": inspection,
        "targets": targets,
        "clean": [target.organisation for target in targets if not target.findings],
        "may_record": Inspection.objects.permitted_to(request.user, RECORD, on=today).filter(pk=pk).exists(),
    }
    return render(request, "errorbank/inspection_detail.html", context)


@PAGE_OR_FORM
@requires(INSPECT)
def inspection_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = InspectionForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "检查已登记，接下来逐个登记发现的问题。")
        return redirect("errorbank:inspection_record", form.result.pk)
    return form_page(request, "errorbank/inspection_add.html", form)


@PAGE_OR_FORM
@requires(RECORD)
def inspection_record(request: SignedInRequest, pk: int) -> HttpResponse:
    """One problem in one or several branches; `?q=` looks in the bank, `?entry=` takes one of it."""
    today, user = timezone.localdate(), request.user
    inspection = _permitted(request, pk, RECORD, on=today)
    entry = _entry(request, on=today)
    form = RecordForm(request.POST or None, inspection=inspection, entry=entry, user=user, on=today)
    if form.is_valid() and form.save(by=user, on=today):
        messages.success(request, f"已登记到 {len(form.result)} 个党支部，支部会收到消息。")
        again = "again" in request.POST
        return redirect(f"errorbank:inspection_{'record' if again else 'detail'}", pk)
    question = request.GET.get("q", "")
    context = {
        "inspection": inspection,
        "entry": entry,
        "question": question,
        "entries": found_entries(question, user, on=today),
    }
    return form_page(request, "errorbank/inspection_record.html", form, **context)


@require_safe
@never_cache
@requires(VIEW)
def inspection_notice(request: SignedInRequest, pk: int, organisation: int) -> HttpResponse:
    """The rectification notice of one branch as PDF."""
    today = timezone.localdate()
    inspection = _permitted(request, pk, VIEW, on=today)
    places = Organisation.objects.permitted_to(request.user, VIEW, on=today)
    place = get_object_or_404(places, pk=organisation)
    try:
        content = export_notice(inspection, place, by=request.user, on=today)
    except (NoNotice, PdfFailedError) as problem:
        messages.error(request, str(problem))
        return redirect("errorbank:inspection_detail", pk)
    name = f"整改通知书_{place.name}_{inspection.until:%Y%m%d}.pdf"
    disposition = content_disposition_header(True, name) or ""
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})


def _permitted(request: SignedInRequest, pk: int, permission: str, *, on: date) -> Inspection:
    mine = Inspection.objects.permitted_to(request.user, permission, on=on).select_related("organisation")
    return get_object_or_404(mine, pk=pk)


def _entry(request: SignedInRequest, *, on: date) -> ErrorEntry | None:
    code = request.GET.get("entry", "")[:20]
    return get_object_or_404(choosable_entries(request.user, on=on), code=code) if code else None
