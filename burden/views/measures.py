"""The measure lists everybody reads, one measure, the card for the board, and the PDF."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from branches.access import SignedInRequest, may, may_open, requires
from branches.models import Organisation
from burden.actions.measure_document import export_list, file_name
from burden.measure_charts import chart_of
from burden.measured import measured
from burden.models import Measure, MeasureList
from burden.models.measures import EDIT, VIEW
from burden.queries.measures import (
    MeasurePage,
    drafts_of,
    entries_for,
    featured_of,
    list_page,
    measure_page,
    standing_lists,
)
from burden.rules.measured import Measured
from burden.rules.measures_vocabulary import MeasureStatus
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError
from periods.months import Month


@require_safe
@never_cache
@requires(VIEW)
def measure_list(request: SignedInRequest) -> HttpResponse:
    """`?list=12` another year or version, `?status=met`; without them the latest list."""
    today, user = timezone.localdate(), request.user
    lists = standing_lists(user, on=today)
    shown = _chosen(request, lists)
    context: dict[str, Any] = {"lists": lists, "may_edit": may(user, EDIT, on=today), "on": today}
    if context["may_edit"]:
        context["drafts"] = drafts_of(user, on=today)
    if shown is not None:
        page, status = list_page(shown, on=today), request.GET.get("status", "")
        status = status if status in MeasureStatus else ""
        context |= {"page": page, "rows": page.narrowed(status), "status": status}
        if page.featured and page.featured.points:
            context["featured_chart"] = chart_of(page.featured, uid="featured")
    return render(request, "burden/measure_list.html", context)


def _chosen(request: SignedInRequest, lists: list[MeasureList]) -> MeasureList | None:
    """The list asked for, else the first; Http404 for one out of sight."""
    asked = request.GET.get("list", "")
    if not asked:
        return lists[0] if lists else None
    if not asked.isascii() or not asked.isdecimal() or len(asked) > 18:
        raise Http404
    known = next((each for each in lists if each.pk == int(asked)), None)
    return known or _readable(request, int(asked))


def _readable(request: SignedInRequest, pk: int) -> MeasureList:
    mine = MeasureList.objects.visible_to(request.user, on=timezone.localdate()).public()
    return get_object_or_404(mine.select_related("organisation"), pk=pk)


@require_safe
@never_cache
@requires(VIEW)
def measure_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    mine = Measure.objects.visible_to(user, on=today).select_related("organisation")
    measure = get_object_or_404(mine, pk=pk)
    page = measure_page(entries_for(measure, user, on=today), on=today)
    context = {"measure": measure, "page": page, "may_fill": _may_fill(request, page)}
    addresses = {line.value.evidence_url for line in page.values}
    # Everybody reads the values; not everybody may open what they were counted from.
    context["openable"] = {url for url in addresses if url and may_open(user, url, on=today)}
    if page.row.points:
        context["chart"] = chart_of(page.row, uid="trend")
    if context["may_fill"]:
        context["offers"] = [
            (month, found, page.row.entry.said(found.value)) for month, found in _offers(measure, page)
        ]
    return render(request, "burden/measure_detail.html", context)


def _may_fill(request: SignedInRequest, page: MeasurePage) -> bool:
    """Whether this person enters values, and the list takes them."""
    entry = page.row.entry
    if not page.of_list.takes_values or not entry.adopted:
        return False
    mine = Measure.objects.permitted_to(request.user, EDIT, on=timezone.localdate())
    return mine.filter(pk=entry.measure_id).exists()


def _offers(measure: Measure, page: MeasurePage) -> list[tuple[Month, Measured]]:
    """What the portal can say of the month that is over, or else of this one, where it has no value yet."""
    today = timezone.localdate()
    now = Month.of(today)
    for month in (now.previous(), now):
        if month.year == page.of_list.year and month not in page.row.points:
            found = measured(measure.code, measure.organisation, month, on=today)
            if found is not None:
                return [(month, found)]
    return []


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@requires(VIEW)
def measure_card(request: SignedInRequest) -> HttpResponse:
    """The case's own measure in short, for the board; `?scope=DZ01`. By itself it is the whole list."""
    if not request.headers.get("HX-Request"):
        return redirect("burden:measure_list")
    today = timezone.localdate()
    mine = Organisation.objects.permitted_to(request.user, VIEW, on=today)
    place = get_object_or_404(mine, code=request.GET.get("scope", ""))
    row = featured_of(place, on=today)
    chart = chart_of(row, uid="measure") if row and row.points else ""
    return render(request, "burden/_measure_card.html", {"row": row, "chart": chart})


@require_safe
@never_cache
@requires(VIEW)
def measure_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = MeasureList.objects.visible_to(request.user, on=today).select_related("organisation")
    shown = get_object_or_404(mine, pk=pk)
    try:
        content = export_list(shown, by=request.user, on=today)
    except PdfFailedError as problem:
        messages.error(request, str(problem))
        return redirect("burden:measure_list")
    disposition = content_disposition_header(True, file_name(shown)) or ""
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})
