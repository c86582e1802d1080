"""The working calendar: what the portal reckons with, and the days entered by hand."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from branches.access import SignedInRequest, requires
from branches.actions.calendar import remove_calendar_day
from branches.calendar import library_years
from branches.forms.calendar import CalendarDaysForm
from branches.models import CalendarDay
from branches.queries.calendar import calendar_years
from branches.views.pages import form_page

EDIT = "branches.edit_calendar"


@require_http_methods(["GET", "POST"])
@requires(EDIT)
def calendar_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = CalendarDaysForm(request.POST or None, library_years=library_years())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已加入 {form.result} 天，各支部的截止日期将随之更新。")
        return redirect("branches:calendar_list")
    return form_page(request, "branches/calendar_list.html", form, years=calendar_years(on=today))


@require_POST
@requires(EDIT)
def calendar_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    day = get_object_or_404(CalendarDay, pk=pk)
    remove_calendar_day(day, by=request.user)
    messages.success(request, f"{day.on:%Y-%m-%d} 已移出，按星期几计算。")
    return redirect("branches:calendar_list")
