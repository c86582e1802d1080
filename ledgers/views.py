"""Pages of the ledger engine. Each ledger says itself who may open it and which rows they see.

The permission therefore depends on the ledger, not on the view: "ledgers.by_ledger" tells the
test of all URLs that the view asks `Ledger.may_open`, or serves a job to its owner alone.
"""

from collections.abc import Callable
from typing import Any, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest
from jobs.actions import JobNotOpenError, JobNotRestartableError, cancel, restart, send
from jobs.models import Job
from ledgers import tasks
from ledgers.actions import EXPORT_JOB, export, is_long, may_still_open, request_export
from ledgers.archive.actions import ARCHIVE_JOB, archive_still_open
from ledgers.archive.steps import steps_of
from ledgers.document import ExportFailedError, LedgerDocument, build_document
from ledgers.forms import FilterForm
from ledgers.ledger import Ledger
from ledgers.registry import UnknownLedgerError, find_ledger, ledgers_for
from ledgers.renderers import pdf, xlsx
from ledgers.renderers.page import page_rows, sort_links

PAGE_SIZE = 50
CONTENT_TYPES = {"xlsx": xlsx.CONTENT_TYPE, "pdf": pdf.CONTENT_TYPE}
STILL_OPEN = {EXPORT_JOB: may_still_open, ARCHIVE_JOB: archive_still_open}

P = ParamSpec("P")


def by_ledger(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Mark a view whose permission is that of the ledger it shows."""
    view.__dict__["permission"] = "ledgers.by_ledger"
    return view


@require_safe
@by_ledger
def ledger_list(request: SignedInRequest) -> HttpResponse:
    mine = ledgers_for(request.user, on=timezone.localdate())
    return render(request, "ledgers/ledger_list.html", {"ledgers": mine})


@require_safe
@by_ledger
def ledger_preview(request: SignedInRequest, slug: str) -> HttpResponse:
    ledger, form = _opened(request, slug)
    context: dict[str, Any] = {"ledger": ledger, "form": form, "sort": request.GET.get("sort", "")}
    if not form.is_valid():
        return render(request, "ledgers/ledger_preview.html", context, status=422)
    document = _document(request, ledger, form)
    page = Paginator(document.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context |= {
        "document": document,
        "page": page,
        "columns": sort_links(document.columns, context["sort"]),
        "rows": page_rows(document, page.object_list),
        "in_background": is_long(document),
    }
    return render(request, "ledgers/ledger_preview.html", context)


@require_safe
@by_ledger
def ledger_export(request: SignedInRequest, slug: str, extension: str) -> HttpResponse:
    ledger, form = _opened(request, slug)
    if extension not in CONTENT_TYPES:
        raise Http404
    if not form.is_valid():
        return _back(request, ledger)
    document = _document(request, ledger, form)
    if is_long(document):
        name = {"pdf": "PDF"}.get(extension, "Excel")
        messages.info(request, f"共 {len(document.rows)} 条，请在导出菜单中选“后台生成 {name}”。")
        return _back(request, ledger)
    try:
        content = export(document, extension, by=request.user)
    except ExportFailedError as error:
        messages.error(request, str(error))
        return _back(request, ledger)
    return attachment(content, document.file_name(extension), CONTENT_TYPES[extension])


@require_POST
@by_ledger
def job_start(request: SignedInRequest, slug: str, extension: str) -> HttpResponse:
    ledger, form = _opened(request, slug)
    if extension not in CONTENT_TYPES:
        raise Http404
    if not form.is_valid():
        return _back(request, ledger)
    document = _document(request, ledger, form)
    try:
        job = request_export(document, form, extension, by=request.user)
    except ExportFailedError as error:
        messages.error(request, str(error))
        return _back(request, ledger)
    return sent(job)


@require_safe
@by_ledger
def job_progress(request: SignedInRequest, pk: UUID) -> HttpResponse:
    template = "ledgers/_job_progress.html" if request.htmx else "ledgers/job_progress.html"
    job = _own_job(request, pk)
    return render(request, template, {"job": job, "steps": steps_of(job)})


@require_POST
@by_ledger
def job_cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    job = _own_job(request, pk)
    try:
        cancel(job)
    except JobNotOpenError as error:
        messages.info(request, str(error))
    return redirect("ledgers:job_progress", pk)


@require_POST
@by_ledger
def job_restart(request: SignedInRequest, pk: UUID) -> HttpResponse:
    job = _own_job(request, pk)
    try:
        restart(job)
    except JobNotRestartableError as error:
        messages.info(request, str(error))
        return redirect("ledgers:job_progress", pk)
    return sent(job)


@require_safe
@by_ledger
def job_download(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    job = _own_job(request, pk)
    if not job.result or not STILL_OPEN[job.kind](job, on=timezone.localdate()):
        raise Http404
    return FileResponse(job.result.open("rb"), as_attachment=True, filename=job.file_name)


def _opened(request: SignedInRequest, slug: str) -> tuple[Ledger, FilterForm]:
    """Return the ledger and its filter, or 404 when this person has it nowhere."""
    today = timezone.localdate()
    try:
        ledger = find_ledger(slug)
    except UnknownLedgerError:
        raise Http404 from None
    if not ledger.may_open(request.user, today):
        raise Http404
    return ledger, ledger.filter_form.filled(request.GET, user=request.user, on=today)


def _document(request: SignedInRequest, ledger: Ledger, form: FilterForm) -> LedgerDocument:
    return build_document(
        ledger,
        form,
        user=request.user,
        on=timezone.localdate(),
        as_of=timezone.now(),
        sort=request.GET.get("sort", ""),
    )


def _back(request: SignedInRequest, ledger: Ledger) -> HttpResponse:
    """Return to the preview with the same filter, which shows what is wrong with it."""
    query = request.GET.urlencode()
    return redirect(reverse("ledgers:ledger_preview", args=[ledger.slug]) + (f"?{query}" if query else ""))


def attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})


def _own_job(request: SignedInRequest, pk: UUID) -> Job:
    return get_object_or_404(Job.objects.owned_by(request.user).filter(kind__in=tasks.TASKS), pk=pk)


def sent(job: Job) -> HttpResponse:
    send(job)
    return redirect("ledgers:job_progress", job.pk)
