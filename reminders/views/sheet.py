"""The month list on paper."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from branches.access import SignedInRequest, requires
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError
from periods.months import UnknownMonth
from reminders.actions.refresh import refresh_if_stale
from reminders.actions.sheet import export_sheet
from reminders.queries.month_list import UnknownPlace, place_of
from reminders.views.month import month_asked, no_place


@require_safe
@never_cache
@requires("reminders.view_item")
def month_sheet(request: SignedInRequest) -> HttpResponse:
    """`?month=` and `?organisation=` as the month list takes them; a PDF of one page."""
    today, code = timezone.localdate(), request.GET.get("organisation", "")
    try:
        place = place_of(request.user, code=code, on=today)
        month = month_asked(request, on=today)
        refresh_if_stale(place.organisation, on=today)
        content = export_sheet(place, month, by=request.user, on=today, now=timezone.now())
    except UnknownPlace:
        return no_place(request, code)
    except UnknownMonth as unknown:
        messages.warning(request, str(unknown))
        return redirect("reminders:month_list")
    except PdfFailedError:
        messages.error(request, "清单没有生成，请稍后再试。")
        return redirect("reminders:month_list")
    name = content_disposition_header(False, f"工作清单_{place.organisation.name}_{month}.pdf") or "inline"
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": name})
