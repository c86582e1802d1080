"""Findings: the list, one finding, each step it may take."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.rules import Refusal
from branches.views.pages import form_page
from errorbank.actions.findings import start_rectifying
from errorbank.forms.findings import (
    AcceptForm,
    CloseForm,
    OwnForm,
    ReassignForm,
    ReturnForm,
    StepForm,
    SubmitForm,
)
from errorbank.models import Finding
from errorbank.notice_events import finding_subject
from errorbank.queries.findings import (
    RECTIFY,
    REVIEW,
    VIEW,
    VISIBLE_WITH,
    FindingFilter,
    FindingRow,
    finding_page,
    finding_stats,
    findings_of,
    places_of,
)
from errorbank.rules import ErrorCategory, Severity, Source
from notices.queries.about import told_about

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
REPORT, INSPECT = "errorbank.report_own", "errorbank.inspect"
PAGE_SIZE = 50


@require_safe
@requires(VIEW)
def finding_list(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    asked = FindingFilter.read(request.GET.dict())
    page = Paginator(findings_of(user, asked, on=today), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [FindingRow(finding, today) for finding in page.object_list],
        "asked": asked,
        "stats": finding_stats(user, asked, on=today),
        "places": places_of(user, on=today),
        "categories": ErrorCategory.choices,
        "severities": Severity.choices,
        "sources": Source.choices,
        "may_report": may(user, REPORT, on=today),
        "may_inspect": may(user, INSPECT, on=today),
    }
    return render(request, "errorbank/finding_list.html", context)


@require_safe
@requires(VIEW)
def finding_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    finding = _permitted(request, pk, VIEW, on=today)
    page = finding_page(finding, request.user, on=today)
    told = told_about(finding_subject(pk)) if page.rights.reassign else []
    context = {"page": page, "finding": finding, "told": told}
    return render(request, "errorbank/finding_detail.html", context)


@PAGE_OR_FORM
@requires(REPORT)
def finding_add(request: SignedInRequest) -> HttpResponse:
    """What a branch found itself."""
    today = timezone.localdate()
    form = OwnForm(request.POST or None, user=request.user, on=today, initial={})
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已登记。这是支部自查发现的问题，不计入对支部的任何统计和比较。")
        return redirect("errorbank:finding_detail", form.result.pk)
    return form_page(request, "errorbank/finding_add.html", form)


@require_POST
@requires(RECTIFY)
def finding_start(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    finding = _permitted(request, pk, RECTIFY, on=today)
    try:
        start_rectifying(finding, by=request.user, on=today)
        messages.success(request, "已开始整改，办完后在这里提交整改结果。")
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    return redirect("errorbank:finding_detail", pk)


@PAGE_OR_FORM
@requires(RECTIFY)
def finding_submit(request: SignedInRequest, pk: int) -> HttpResponse:
    return _step(request, pk, RECTIFY, SubmitForm, "finding_submit", "整改结果已提交，等党总支审核。")


@PAGE_OR_FORM
@requires(REVIEW)
def finding_return(request: SignedInRequest, pk: int) -> HttpResponse:
    return _step(request, pk, REVIEW, ReturnForm, "finding_return", "已退回，支部会收到消息。")


@PAGE_OR_FORM
@requires(REVIEW)
def finding_close(request: SignedInRequest, pk: int) -> HttpResponse:
    return _step(request, pk, REVIEW, CloseForm, "finding_close", "已销号，复查已经排好，不用另外安排。")


@PAGE_OR_FORM
@requires(REVIEW)
def finding_accept(request: SignedInRequest, pk: int) -> HttpResponse:
    return _step(request, pk, REVIEW, AcceptForm, "finding_accept", "已暂缓，到期后自动恢复整改。")


@PAGE_OR_FORM
@requires(REVIEW)
def finding_reassign(request: SignedInRequest, pk: int) -> HttpResponse:
    return _step(request, pk, REVIEW, ReassignForm, "finding_reassign", "已调整。")


def _step(
    request: SignedInRequest, pk: int, permission: str, form_class: type[StepForm], name: str, said: str
) -> HttpResponse:
    today = timezone.localdate()
    finding = _permitted(request, pk, permission, on=today)
    form = form_class(request.POST or None, finding=finding, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, said)
        return redirect("errorbank:finding_detail", pk)
    page = finding_page(finding, request.user, on=today)
    context: dict[str, Any] = {"finding": finding, "page": page}
    return form_page(request, f"errorbank/{name}.html", form, **context)


def _permitted(request: SignedInRequest, pk: int, permission: str, *, on: date) -> Finding:
    mine = Finding.objects.permitted_to(request.user, permission, on=on).select_related(*VISIBLE_WITH)
    return get_object_or_404(mine, pk=pk)
