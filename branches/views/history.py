"""Past days of organisations and people, and corrections of what was entered about organisations."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from branches.access import SignedInRequest, holdings_on, requires
from branches.forms.event_organisation import OrganisationEventCorrectForm
from branches.models import Organisation, OrganisationEvent
from branches.queries.past import past_of
from branches.roles import holders_of
from branches.rules import OrganisationEventKind
from branches.views.pages import form_page
from periods.months import FIRST_YEAR

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
EDIT = "branches.edit_organisation"


@dataclass(frozen=True)
class AskedDay:
    """The past day somebody asked for: `day`, or what is wrong with it in `problem`."""

    typed: str = ""
    day: date | None = None
    problem: str = ""


def asked_day(request: HttpRequest, *, today: date) -> AskedDay:
    """Read `?on=`; today itself is the ordinary page."""
    typed = request.GET.get("on", "").strip()[:10]
    if not typed or typed == today.isoformat():
        return AskedDay()
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return AskedDay(typed, problem="没有认出日期，请写成“2024-05-01”这样的形式。")
    if day > today or day.year < FIRST_YEAR:
        return AskedDay(typed, problem=f"只能查看 {FIRST_YEAR} 年以来、今天以前的情况，请换一个日期。")
    return AskedDay(typed, day)


def organisation_past(
    request: SignedInRequest, organisation: Organisation, asked: AskedDay, *, today: date
) -> HttpResponse:
    """The page of an organisation as it stood on the day asked for; nothing can be changed there."""
    held = holdings_on(request.user, organisation, on=today)
    past = past_of(
        organisation,
        request.user,
        on=today,
        past=asked.day or today,
        view_members=bool(held & holders_of("branches.view_member")),
    )
    context = {"organisation": organisation, "past": past, "asked": asked}
    return render(request, "branches/organisation_past.html", context)


@PAGE_OR_FORM
@requires(EDIT)
def organisation_event_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Organisation.objects.permitted_to(request.user, EDIT, on=today)
    events = OrganisationEvent.objects.standing().filter(organisation__in=mine)
    event = get_object_or_404(events.select_related("organisation", "term", "parent_before"), pk=pk)
    form = OrganisationEventCorrectForm(request.POST or None, event=event, places=mine)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{event.get_kind_display()}”已更正，原来的一条保留备查。{_after(event)}")
        return redirect("branches:organisation_detail", event.organisation_id)
    return form_page(
        request,
        "branches/organisation_event_correct.html",
        form,
        event=event,
        organisation=event.organisation,
    )


def _after(event: OrganisationEvent) -> str:
    """Whoever takes a dissolution back should know what stays ended."""
    still = Organisation.objects.filter(pk=event.organisation_id, dissolved_on=None)
    if event.kind == OrganisationEventKind.DISSOLVED and still.exists():
        return "当时随之结束的任职和党小组没有恢复，需要的请重新登记。"
    return ""
