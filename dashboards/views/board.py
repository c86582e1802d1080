"""The board, the lists behind its numbers, and the outlook it shows when the rest is there."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from branches.access import SignedInRequest, requires
from dashboards.addresses import Addresses
from dashboards.board_charts import charts_of
from dashboards.queries.board import board_of
from dashboards.queries.board_lists import findings_of, items_of, minutes_of, place_of
from dashboards.queries.outlook import outlook_strip
from dashboards.queries.scope import VIEW, Scope, UnknownScope, scope_of
from dashboards.rules.asked import Asked, read_asked
from dashboards.rules.asked_lists import FindingsAsked, ListAsked, UnreadableList, read_findings, read_list
from errorbank.queries.findings import FindingRow
from periods.months import Month
from reminders.actions.summaries import recount_stale
from reminders.buckets import bucket_of

PAGE_SIZE = 50
INVALID = 422


@require_safe
@never_cache
@requires(VIEW)
def dashboard(request: SignedInRequest) -> HttpResponse:
    """`?scope=BR03`, `?month=2026-11`, `?compare=2026-08`; without them the widest scope, this month."""
    today = timezone.localdate()
    scope = _scope(request)
    if scope is None:
        return render(request, "dashboards/dashboard_none.html")
    asked = read_asked(request.GET, on=today)
    recount_stale(scope.places)
    board = board_of(scope, asked, on=today, page=request.GET.get("page"))
    context = {"board": board, **charts_of(board), **_about(scope, asked, today)}
    status = INVALID if asked.troubles else 200
    return render(request, "dashboards/dashboard.html", context, status=status)


def _about(scope: Scope, asked: Asked, today: date) -> dict[str, Any]:
    """What the head and the filters show."""
    return {
        "scope": scope,
        "asked": asked,
        "earlier": _turned(scope, asked, asked.earlier),
        "later": _turned(scope, asked, asked.later(on=today)),
        "current": _turned(scope, asked, Month.of(today)),
        "months_offered": asked.offered(on=today),
        "is_current": asked.month == Month.of(today),
        "as_of": timezone.now(),
    }


@require_safe
@never_cache
@requires(VIEW)
def dashboard_list(request: SignedInRequest) -> HttpResponse:
    """The items behind one number."""
    today, scope = timezone.localdate(), _own_scope(request)
    try:
        asked = read_list(request.GET, on=today)
        place = place_of(scope, asked)
    except UnreadableList as trouble:
        return _unreadable(request, scope, str(trouble))
    except UnknownScope:
        raise Http404 from None
    items = items_of(scope, asked, place, on=today)
    page = Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(item, bucket_of(item.state, item.due_on, on=today)) for item in page.object_list],
        "minutes": minutes_of(scope, place, items),
        "place": place,
    }
    return render(request, "dashboards/dashboard_list.html", context | _about_list(scope, asked))


@require_safe
@never_cache
@requires(VIEW)
def dashboard_findings(request: SignedInRequest) -> HttpResponse:
    """The findings behind one number."""
    today, scope = timezone.localdate(), _own_scope(request)
    try:
        asked = read_findings(request.GET, on=today)
    except UnreadableList as trouble:
        return _unreadable(request, scope, str(trouble))
    page = Paginator(findings_of(scope, asked, on=today), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [FindingRow(finding, today) for finding in page.object_list]
    context = {"page": page, "rows": rows, **_about_list(scope, asked)}
    return render(request, "dashboards/dashboard_findings.html", context)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@requires(VIEW)
def dashboard_outlook(request: SignedInRequest) -> HttpResponse:
    """Members of the branches in the next months; a part of the board, or a page by itself."""
    scope = _own_scope(request)
    context = {"scope": scope, "strip": outlook_strip(scope, on=timezone.localdate())}
    template = "_dashboard_outlook" if request.headers.get("HX-Request") else "dashboard_outlook"
    return render(request, f"dashboards/{template}.html", context)


def _about_list(scope: Scope, asked: ListAsked | FindingsAsked) -> dict[str, Any]:
    return {
        "scope": scope,
        "asked": asked,
        "board_url": _board_url(scope, asked.month),
        "as_of": timezone.now(),
    }


def _board_url(scope: Scope, month: Month | None) -> str:
    return Addresses(scope.code, month or Month.of(timezone.localdate())).board()


def _turned(scope: Scope, asked: Asked, month: Month | None) -> tuple[str, str] | None:
    """The name and the address of the board of another month."""
    if month is None:
        return None
    return month.label, Addresses(scope.code, month).board(compare=asked.at(month).compare)


def _scope(request: SignedInRequest) -> Scope | None:
    try:
        return scope_of(request.user, code=request.GET.get("scope", ""), on=timezone.localdate())
    except UnknownScope:
        raise Http404 from None


def _own_scope(request: SignedInRequest) -> Scope:
    """For pages that make no sense without one."""
    scope = _scope(request)
    if scope is None:
        raise Http404
    return scope


def _unreadable(request: SignedInRequest, scope: Scope, trouble: str) -> HttpResponse:
    context = {"trouble": trouble, "board_url": _board_url(scope, None)}
    return render(request, "dashboards/dashboard_unreadable.html", context, status=INVALID)
