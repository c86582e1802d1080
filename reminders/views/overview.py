"""The overview of a month for staff, the lists behind its numbers, and who is missing for an action."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from branches.access import SignedInRequest, requires
from periods.labels import period_label
from periods.months import Month, UnknownMonth
from reminders.buckets import COUNTED, Bucket, bucket_of
from reminders.models import ReminderItem
from reminders.queries.handover import gaps_and_doubles
from reminders.queries.overview import (
    action_items,
    listed_organisations,
    missing_actions,
    overview_items,
    overview_rows,
    totals,
)
from reminders.rules import OPEN_STATES

PERMISSION = "reminders.view_overview"
PAGE_SIZE = 50
MAX_SEARCH = 40


@require_safe
@requires(PERMISSION)
def overview(request: SignedInRequest) -> HttpResponse:
    today, month, search = timezone.localdate(), _month(request), request.GET.get("q", "")[:MAX_SEARCH]
    places = listed_organisations(request.user, on=today, search=search.strip())
    page = Paginator(places, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = overview_rows(page.object_list, month=month, on=today)
    context = {
        "page": page,
        "rows": rows,
        "totals": totals(rows),
        "grand_total": sum(row.total for row in rows),
        "search": search,
        "columns": COUNTED,
        "gaps": gaps_and_doubles(request.user, on=today) if month == Month.of(today) else [],
        # A sum opens its list only where the list is the same set of organisations.
        "linked_totals": not search and page.paginator.num_pages == 1,
    }
    return render(request, "reminders/overview.html", context | _month_context(month))


@require_safe
@requires(PERMISSION)
def overview_list(request: SignedInRequest) -> HttpResponse:
    """The items behind one number of the overview."""
    today, month = timezone.localdate(), _month(request)
    code, bucket = request.GET.get("organisation", ""), _bucket(request)
    place = get_object_or_404(listed_organisations(request.user, on=today), code=code) if code else None
    items = overview_items(request.user, month=month, on=today, bucket=bucket, organisation=code)
    page = Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _item_rows(page.object_list),
        "place": place,
        "bucket": bucket,
        "buckets": COUNTED,
        "code": code,
    }
    return render(request, "reminders/overview_list.html", context | _month_context(month))


@require_safe
@requires(PERMISSION)
def missing(request: SignedInRequest) -> HttpResponse:
    month = _month(request)
    actions = missing_actions(request.user, month=month, on=timezone.localdate())
    return render(request, "reminders/missing.html", {"actions": actions} | _month_context(month))


@require_safe
@requires(PERMISSION)
def missing_action(request: SignedInRequest, action: int, period: str) -> HttpResponse:
    today = timezone.localdate()
    items = list(action_items(request.user, action=action, period=period, on=today))
    if not items:
        raise Http404
    context = {
        "name": items[0].version.name,
        "code": items[0].action.code,
        "period": period,
        "period_words": period_label(period),
        "rows": _item_rows(item for item in items if item.state in OPEN_STATES),
        "asked": len(items),
        "year": items[0].due_on.year,
        "as_of": timezone.now(),
    }
    return render(request, "reminders/missing_action.html", context)


def _month(request: SignedInRequest) -> Month:
    written = request.GET.get("month", "")
    try:
        return Month.parse(written) if written else Month.of(timezone.localdate())
    except UnknownMonth:
        raise Http404 from None


def _bucket(request: SignedInRequest) -> Bucket | None:
    written = request.GET.get("state", "")
    if written and written not in COUNTED:
        raise Http404
    return Bucket(written) if written else None


def _month_context(month: Month) -> dict[str, Any]:
    return {
        "month": month,
        "earlier": month.previous(),
        "later": month.next(),
        "is_current": month == Month.of(timezone.localdate()),
        "as_of": timezone.now(),
    }


def _item_rows(items: Any) -> list[tuple[ReminderItem, Bucket]]:
    today = timezone.localdate()
    return [(item, bucket_of(item.state, item.due_on, on=today)) for item in items]
