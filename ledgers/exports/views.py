"""Pages of what was exported: the own list, one export again and beside now, and what a paper says."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest
from ledgers.actions import export, is_long, request_again
from ledgers.document import ExportFailedError, LedgerDocument, build_document
from ledgers.exports.compare import differences
from ledgers.exports.forms import CheckForm, ExportFilterForm
from ledgers.exports.pages import difference_page
from ledgers.exports.queries import document_of, exports_on_paper, form_of
from ledgers.models import KEEP_ROWS, MOST_KEPT_ROWS, Export
from ledgers.registry import find_ledger
from ledgers.views import CONTENT_TYPES, attachment, by_ledger, sent

PAGE_SIZE = 50
KEPT = {"days": KEEP_ROWS.days, "rows": MOST_KEPT_ROWS}


@require_safe
@by_ledger
def export_list(request: SignedInRequest) -> HttpResponse:
    mine = Export.objects.owned_by(request.user)
    form = ExportFilterForm(request.GET, exports=mine)
    page = Paginator(form.narrowed(mine).for_list(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "exports": list(page.object_list), "kept": KEPT}
    return render(request, "ledgers/export_list.html", context)


@require_safe
@by_ledger
def export_check(request: SignedInRequest) -> HttpResponse:
    form = CheckForm(request.GET or None)
    context: dict[str, object] = {"form": form, "asked": form.is_bound}
    if form.is_bound and not form.is_valid():
        return render(request, "ledgers/export_check.html", context, status=422)
    if form.is_bound:
        words = form.cleaned_data["words"]
        context["exports"] = exports_on_paper(words, request.user, on=timezone.localdate())
    return render(request, "ledgers/export_check.html", context)


@require_safe
@by_ledger
def export_detail(request: SignedInRequest, number: str) -> HttpResponse:
    made = _own(request, number)
    open_still = form_of(made, request.user, on=timezone.localdate()) is not None
    context = {"export": made, "open_still": open_still, "kept": KEPT}
    return render(request, "ledgers/export_detail.html", context)


@require_safe
@by_ledger
def export_compare(request: SignedInRequest, number: str) -> HttpResponse:
    made, today = _own(request, number), timezone.localdate()
    form = form_of(made, request.user, on=today)
    then = _document(request, made) if form else None
    if form is None or then is None:
        raise Http404
    ledger = find_ledger(made.ledger)
    now = build_document(ledger, form, user=request.user, on=today, as_of=timezone.now(), sort=made.sort)
    context = {"export": made, "now": now, "page": difference_page(now, differences(then, now))}
    return render(request, "ledgers/export_compare.html", context)


@require_POST
@by_ledger
def export_again(request: SignedInRequest, number: str, extension: str) -> HttpResponse:
    """The very file once more, or a job where it is long."""
    made = _own(request, number)
    if extension not in CONTENT_TYPES or form_of(made, request.user, on=timezone.localdate()) is None:
        raise Http404
    try:
        document = _document(request, made)
        if is_long(document):
            return sent(request_again(made, document, extension, by=request.user))
        content = export(document, extension, by=request.user)
    except ExportFailedError as error:
        messages.error(request, str(error))
        return redirect("ledgers:export_detail", number)
    return attachment(content, document.file_name(extension), CONTENT_TYPES[extension])


def _own(request: SignedInRequest, number: str) -> Export:
    return get_object_or_404(Export.objects.owned_by(request.user).for_list(), number=number)


def _document(request: SignedInRequest, made: Export) -> LedgerDocument:
    """The rows of then; 404 when they are gone. Raises RowsDamagedError."""
    document = document_of(made)
    if document is None:
        raise Http404
    return document
