"""The board of public notices, objecting, writing down what was said in person, answering."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from incentives.actions.public_notices import record_told
from incentives.forms.public_notices import AnswerForm, ObjectionForm, RecordedObjectionForm
from incentives.models import Objection, PublicNotice
from incentives.models.notices import OBJECT, RECORD_OBJECTION, REVIEW, VIEW_NOTICE
from incentives.queries.public_notices import notices_for
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.public_notices import ObjectionWay

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PER_PAGE = 20


@require_safe
@never_cache
@requires(VIEW_NOTICE)
def notice_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    found = notices_for(request.user, on=today)
    context = {
        "rows": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "may_object": may(request.user, OBJECT, on=today),
        "may_record": may(request.user, RECORD_OBJECTION, on=today),
        "may_review": may(request.user, REVIEW, on=today),
        "today": today,
    }
    return render(request, "incentives/notice_list.html", context)


@PAGE_OR_FORM
@requires(OBJECT)
def notice_object(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    notice = _visible(request, pk, on=today)
    form = ObjectionForm(request.POST or None, notice=notice)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "异议已收到，核查以后在这里答复您。")
        return redirect("incentives:notice_list")
    return form_page(request, "incentives/notice_object.html", form, notice=notice)


@PAGE_OR_FORM
@requires(RECORD_OBJECTION)
def notice_record(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    notice = _visible(request, pk, on=today)
    form = RecordedObjectionForm(request.POST or None, notice=notice)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已登记，核查的人看得到。")
        return redirect("incentives:notice_list")
    return form_page(request, "incentives/notice_record.html", form, notice=notice)


@PAGE_OR_FORM
@requires(REVIEW)
def objection_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Objection.objects.permitted_to(request.user, REVIEW, on=today)
    objection = get_object_or_404(mine.select_related("notice", "objector"), pk=pk)
    form = AnswerForm(request.POST or None, objection=objection)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已答复：{form.result.get_outcome_display()}。")
        return redirect("incentives:notice_list")
    return form_page(request, "incentives/objection_answer.html", form, objection=objection)


@require_POST
@requires(VIEW_NOTICE)
def objection_told(request: SignedInRequest, pk: int) -> HttpResponse:
    """By who wrote it down, or by a reviewer where that one has left."""
    today = timezone.localdate()
    mine = Objection.objects.visible_to(request.user, on=today).filter(way=ObjectionWay.IN_PERSON)
    try:
        record_told(get_object_or_404(mine, pk=pk), by=request.user, on=today)
    except IncentiveRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, "已登记：今天当面告知。")
    return redirect("incentives:notice_list")


def _visible(request: SignedInRequest, pk: int, *, on: date) -> PublicNotice:
    return get_object_or_404(PublicNotice.objects.visible_to(request.user, on=on), pk=pk)
