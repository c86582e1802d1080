"""The month list of one organisation (本月清单)."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from branches.access import SignedInRequest, may, requires
from periods.months import Month, UnknownMonth
from reminders.actions.refresh import refresh_if_stale
from reminders.queries import month_list as queries
from reminders.queries.handover.banner import handover_banners
from reminders.queries.stand_ins import VIEW as LEAVE

# Of the floor above: planned visits, to which the menu leads who may read them.
VISITS = "burden.view_visit"


@require_safe
@never_cache
@requires("reminders.view_item")
def month_list(request: SignedInRequest) -> HttpResponse:
    """`?month=2026-11` and `?organisation=BR03`; without them this month of one's own branch."""
    today = timezone.localdate()
    code = request.GET.get("organisation", "")
    try:
        place = queries.place_of(request.user, code=code, on=today)
        month = month_asked(request, on=today)
    except queries.UnknownPlace:
        return no_place(request, code)
    except UnknownMonth as unknown:
        messages.warning(request, str(unknown))
        return redirect("reminders:month_list")
    refresh_if_stale(place.organisation, on=today)
    shown = queries.month_list(place, month, on=today)
    return render(request, "reminders/month_list.html", _context(request, shown, on=today))


def _context(request: SignedInRequest, shown: queries.MonthList, *, on: date) -> dict[str, Any]:
    place = shown.place
    banners = handover_banners(request.user, place.organisation, on=on) if place.has_handovers else []
    return {
        "shown": shown,
        "upcoming_open": "upcoming" in request.GET,
        "may_see_leave": may(request.user, LEAVE, on=on),
        "may_see_visits": may(request.user, VISITS, on=on),
        "handovers": banners,
    }


def month_asked(request: SignedInRequest, *, on: date) -> Month:
    """Raises UnknownMonth."""
    written = request.GET.get("month", "")
    return Month.parse(written) if written else Month.of(on)


def no_place(request: SignedInRequest, code: str) -> HttpResponse:
    """404 for an organisation asked for by its code; without one, what to do about having none."""
    if code:
        raise Http404
    return render(request, "no_post.html")
