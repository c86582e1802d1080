"""Sessions: the year, one session, planning, attendance."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from periods.months import FIRST_YEAR, LAST_YEAR
from training.actions.sessions import NOT_PLANNED, SessionRefused, reopen_session
from training.forms.sessions import AttendanceForm, CancelForm, SessionForm
from training.models import Session
from training.models.sessions import RUN_SESSION, VIEW_SESSION
from training.queries.sessions import session_list as sessions_of_year
from training.queries.sessions import session_page

YEAR_DIGITS = 4
PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])


def asked_year(request: SignedInRequest, *, usual: int) -> int:
    """The year of the address. Raises Http404 for none."""
    text = request.GET.get("year") or str(usual)
    if not text.isascii() or not text.isdigit() or len(text) > YEAR_DIGITS:
        raise Http404
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Http404
    return int(text)


def _run_by(request: SignedInRequest, pk: int) -> Session:
    """A session of one of the reader's offices, else 404."""
    mine = Session.objects.permitted_to(request.user, RUN_SESSION, on=timezone.localdate())
    return get_object_or_404(mine.select_related("organisation", "leader"), pk=pk)


@require_safe
@requires(VIEW_SESSION)
def session_list(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    year = asked_year(request, usual=today.year)
    context = {
        "page": sessions_of_year(user, year, on=today),
        "may_run": may(user, RUN_SESSION, on=today),
        "this_year": today.year,
    }
    return render(request, "training/session_list.html", context)


@require_safe
@requires(VIEW_SESSION)
def session_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Session.objects.visible_to(request.user, on=today)
    session = get_object_or_404(mine.select_related("organisation", "leader"), pk=pk)
    page = session_page(session, request.user, on=today)
    return render(request, "training/session_detail.html", {"page": page})


@PAGE_OR_FORM
@requires(RUN_SESSION)
def session_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = SessionForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result.title}”已安排，受邀支部会收到通知，本月清单里也有。")
        return redirect("training:session_detail", form.result.pk)
    return form_page(request, "training/session_add.html", form)


@PAGE_OR_FORM
@requires(RUN_SESSION)
def session_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today, session = timezone.localdate(), _run_by(request, pk)
    if not session.is_planned:
        messages.info(request, NOT_PLANNED)
        return redirect("training:session_detail", pk)
    form = SessionForm(request.POST or None, user=request.user, on=today, session=session)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "改好了，受邀支部会收到通知。")
        return redirect("training:session_detail", pk)
    return form_page(request, "training/session_edit.html", form, session=session)


@PAGE_OR_FORM
@requires(RUN_SESSION)
def session_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    session = _run_by(request, pk)
    form = CancelForm(request.POST or None, session=session)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, "培训已取消，受邀支部会收到通知。")
        return redirect("training:session_detail", pk)
    return form_page(request, "training/session_cancel.html", form, session=session)


@PAGE_OR_FORM
@requires(RUN_SESSION)
def session_hold(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tick who was there."""
    today, session = timezone.localdate(), _run_by(request, pk)
    page = session_page(session, request.user, on=today)
    if not page.may_hold:
        messages.info(request, "培训的日期还没有到。" if session.is_planned else NOT_PLANNED)
        return redirect("training:session_detail", pk)
    form = AttendanceForm(
        request.POST if request.method == "POST" else None, session=session, branches=page.branches
    )
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "出勤已登记，各支部的学时台账已记上，清单上的这一项自动办结。")
        return redirect("training:session_detail", pk)
    return form_page(request, "training/session_hold.html", form, session=session)


@require_POST
@requires(RUN_SESSION)
def session_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    session = _run_by(request, pk)
    try:
        reopen_session(session, by=request.user, on=timezone.localdate())
    except SessionRefused as refusal:
        messages.info(request, str(refusal))
        return redirect("training:session_detail", pk)
    messages.success(request, "原来的出勤已撤回，请重新勾选。")
    return redirect("training:session_hold", pk)
