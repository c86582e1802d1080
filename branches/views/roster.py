"""A roster file in, previewed and confirmed; the roster as a file out."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from branches.access import SignedInRequest, requires
from branches.actions.roster import imports
from branches.actions.roster.files import CONTENT_TYPE, export_roster, template_file
from branches.forms.roster import RosterImportForm
from branches.models import Organisation, RosterImport
from branches.queries.roster import IMPORT, imports_of
from branches.rules import Refusal, RosterImportState
from branches.rules.roster.columns import MEANINGS, heading
from branches.views.pages import INVALID, permitted
from jobs.actions import JobNotRestartableError, restart, send
from ledgers.sheets.cells import SheetRefused
from ledgers.sheets.marking import with_error_column

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PER_PAGE = 50
ERRORS_SHOWN = 100
NAMES_SHOWN = 60


@never_cache
@PAGE_OR_FORM
@requires(IMPORT)
def roster_import(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    places = Organisation.objects.permitted_to(request.user, IMPORT, on=today)
    form = RosterImportForm(
        request.POST or None,
        files=request.FILES or None,
        places=places,
        on=today,
        initial={"roster_day": today, **_chosen(request)},
    )
    if form.is_valid() and form.save(by=request.user, on=today):
        return _sent(form.result)
    context = {
        "form": form,
        "imports": imports_of(request.user, on=today),
        "columns": [(heading(key), meaning) for key, meaning in MEANINGS.items()],
    }
    return render(request, "branches/roster_import.html", context, status=INVALID if form.errors else 200)


@require_safe
@requires(IMPORT)
def roster_template(request: SignedInRequest) -> HttpResponse:
    return _attachment(template_file(), "党员名册模板.xlsx")


@never_cache
@require_safe
@requires(IMPORT)
def roster_export(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, IMPORT, on=today)
    try:
        content = export_roster(organisation, on=today, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("branches:organisation_detail", pk)
    return _attachment(content, f"党员名册_{organisation.name}_{today:%Y-%m-%d}.xlsx")


@never_cache
@require_safe
@requires(IMPORT)
def roster_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where one import stands: on its way, to be decided, or decided."""
    row = _own(request, pk, on=timezone.localdate())
    context: dict[str, Any] = {"roster": row, "job": row.job, "mine": row.made_by_id == request.user.pk}
    if row.state == RosterImportState.PREVIEWED:
        try:
            context |= _previewed(request, row)
        except Refusal as refusal:
            context["refusal"] = str(refusal)
    return render(request, "branches/roster_preview.html", context)


@never_cache
@require_safe
@requires(IMPORT)
def roster_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The fragment a waiting page asks for; the whole page comes back once there is something to decide."""
    row = _own(request, pk, on=timezone.localdate())
    if row.state != RosterImportState.WAITING:
        return HttpResponseClientRefresh()
    return render(request, "branches/_roster_progress.html", {"roster": row, "job": row.job})


@require_POST
@requires(IMPORT)
def roster_commit(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    row = _own(request, pk, on=today)
    try:
        done = imports.commit_import(row, by=request.user, today=today)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        counts = done.counts
        messages.success(request, f"已导入：新登记 {counts['new']} 人，更新 {counts['changed']} 人。")
    return redirect("branches:roster_preview", pk)


@require_POST
@requires(IMPORT)
def roster_again(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _own(request, pk, on=timezone.localdate())
    try:
        return _sent(imports.preview_again(row, by=request.user))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("branches:roster_preview", pk)


@require_POST
@requires(IMPORT)
def roster_restart(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(_mine(request, on=timezone.localdate()).exclude(job=None), pk=pk)
    try:
        restart(row.job)
    except JobNotRestartableError as error:
        messages.info(request, str(error))
        return redirect("branches:roster_preview", pk)
    return _sent(row)


@require_POST
@requires(IMPORT)
def roster_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _own(request, pk, on=timezone.localdate())
    try:
        imports.discard_import(row, by=request.user)
        messages.info(request, f"没有导入“{row.file_name}”，文件已清除。")
    except Refusal as refusal:
        messages.info(request, str(refusal))
    return redirect("branches:roster_import")


@never_cache
@require_safe
@requires(IMPORT)
def roster_errors(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file as it came, with one more column that says what is wrong in each row."""
    waiting = _mine(request, on=timezone.localdate()).filter(state=RosterImportState.PREVIEWED)
    row = get_object_or_404(waiting, pk=pk)
    try:
        content, lines, heading_rows = imports.error_file(row, by=request.user)
        marked = with_error_column(content, lines, heading_rows=heading_rows)
    except (Refusal, SheetRefused) as refusal:
        messages.error(request, str(refusal))
        return redirect("branches:roster_preview", pk)
    return _attachment(marked, f"{row.file_name.removesuffix('.xlsx')}_错误说明.xlsx")


def _mine(request: SignedInRequest, *, on: date) -> Any:
    """Imports into organisations this person may import into."""
    places = Organisation.objects.permitted_to(request.user, IMPORT, on=on)
    # A waiting page asks every few seconds: the file itself is read by who needs it.
    found = RosterImport.objects.filter(organisation__in=places).defer("payload")
    return found.select_related("organisation", "job", "made_by")


def _own(request: SignedInRequest, pk: int, *, on: date) -> RosterImport:
    found: RosterImport = get_object_or_404(_mine(request, on=on), pk=pk)
    return found


def _chosen(request: SignedInRequest) -> dict[str, Any]:
    """The organisation whose page the person came from."""
    word = request.GET.get("organisation", "")
    return {"organisation": int(word)} if word.isascii() and word.isdigit() and len(word) < 10 else {}


def _previewed(request: SignedInRequest, row: RosterImport) -> dict[str, Any]:
    preview = imports.preview_kept(row)
    only = request.GET.get("show", "")
    rows = [each for each in preview.rows if only not in ("new", "changed") or each["outcome"] == only]
    return {
        "preview": preview,
        "problems": preview.problems[:ERRORS_SHOWN],
        "missing": preview.missing[:NAMES_SHOWN],
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "show": only,
        "writes": row.counts.get("new", 0) + row.counts.get("changed", 0),
    }


def _sent(row: RosterImport) -> HttpResponse:
    if row.job:
        send(row.job)
    return redirect("branches:roster_preview", row.pk)


def _attachment(content: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})
