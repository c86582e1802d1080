"""Figures of a month, and the lists behind them."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from branches.access import SignedInRequest, requires
from errorbank.figure_charts import piles_chart, trend_chart
from errorbank.models import Finding
from errorbank.queries.figures import (
    RECHECKED,
    VIEW,
    Picture,
    Scope,
    chosen_cases,
    lines_by_branch,
    lines_by_category,
    picture_of,
    scope_for,
)
from errorbank.queries.findings import FindingRow
from errorbank.rules import ErrorCategory
from errorbank.rules.figures import FIGURES, PILES, Span
from periods.months import Month, UnknownMonth

PAGE_SIZE = 50
# Nothing was written down before.
FIRST_YEAR = 2000
# Figures with a list that is no single condition on a finding.
OTHERS = {RECHECKED: "近 12 个月复查过的问题", "own": "支部自查发现的问题"}

NAMES = {key: one.name for key, one in FIGURES.items()} | {pile.key: pile.name for pile in PILES} | OTHERS


@require_safe
@requires(VIEW)
def figure_overview(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    scope, span = _scope(request), _span(request)
    picture = picture_of(scope.counted, span)
    side_by_side = scope.compares and scope.chosen is None
    context = {
        "scope": scope,
        "picture": picture,
        "figures": [
            (key, FIGURES[key], len(picture.of(key))) for key in ("open", "overdue", "found", "closed")
        ],
        "definitions": FIGURES.values(),
        "categories": lines_by_category(picture),
        "branches": lines_by_branch(picture, scope.places, on=span.day) if side_by_side else [],
        "piles": PILES,
        "as_of": timezone.now(),
        **_months(span, today=Month.of(today)),
        **_charts(picture),
    }
    return render(request, "errorbank/figure_overview.html", context)


@require_safe
@requires(VIEW)
def figure_list(request: SignedInRequest) -> HttpResponse:
    """The findings one number counts: the same condition on the same facts."""
    today = timezone.localdate()
    scope, span = _scope(request), _span(request)
    figure, category = _figure(request)
    keys = chosen_cases(picture_of(scope.counted, span), figure, category)
    found = Finding.objects.filter(pk__in=keys).select_related("organisation").order_by("-happened_on", "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "name": NAMES[figure],
        "definition": FIGURES.get(figure),
        "category": ErrorCategory(category).label if category else "",
        "scope": scope,
        "span": span,
        "is_current": span.month == Month.of(today),
        "page": page,
        "rows": [FindingRow(finding, today) for finding in page.object_list],
    }
    return render(request, "errorbank/figure_list.html", context)


def _figure(request: SignedInRequest) -> tuple[str, str]:
    """Which number, and of which category where of one."""
    figure, category = request.GET.get("figure", ""), request.GET.get("category", "")
    if figure not in NAMES or (category and category not in ErrorCategory.values):
        raise Http404
    return figure, category


def _scope(request: SignedInRequest) -> Scope:
    code = request.GET.get("organisation", "")[:32]
    scope = scope_for(request.user, code, on=timezone.localdate())
    if scope is None:
        raise Http404
    return scope


def _span(request: SignedInRequest) -> Span:
    """The month asked for, never one to come."""
    today, written = timezone.localdate(), request.GET.get("month", "")
    try:
        month = Month.parse(written) if written else Month.of(today)
    except UnknownMonth:
        raise Http404 from None
    if month > Month.of(today) or month.year < FIRST_YEAR:
        raise Http404
    return Span.of(month, on=today)


def _months(span: Span, *, today: Month) -> dict[str, Any]:
    is_current = span.month == today
    return {
        "span": span,
        "month": span.month,
        "is_current": is_current,
        "earlier": span.month.plus(-1),
        "later": None if is_current else span.month.plus(1),
    }


def _charts(picture: Picture) -> dict[str, Any]:
    bars = [(line.name, line.piles) for line in lines_by_category(picture) if line.picture.of("occurred")]
    found = Counter(Month.of(case.found_on) for case in picture.cases)
    closed = Counter(Month.of(case.closed_on) for case in picture.cases if case.closed_on)
    months = [(month, found[month], closed[month]) for month in picture.span.months]
    return {
        "bars": bars,
        "bar_chart": piles_chart(
            bars,
            title="各类问题现在的情况",
            description="近 12 个月发生的问题，按类别和统计时点的情况；数据见图下的表。",
            uid="piles",
        ),
        "trend": months,
        "trend_chart": trend_chart(
            months,
            title="每月发现和销号的问题",
            description="截至本月的 12 个月；数据见图下的表。",
            uid="trend",
        ),
    }
