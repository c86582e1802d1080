"""Honours: the list, calls, proposals, and every step of one case."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from incentives.actions.certificates import certificate
from incentives.actions.honours import award, check_case
from incentives.forms.honours import CallForm, DeclineForm, ProposalForm, VoteForm, WithdrawForm
from incentives.models import HonourCall, HonourCase
from incentives.models.honours import NOMINATE_HONOUR, RUN_HONOUR, VIEW_HONOUR
from incentives.queries.honour_page import case_page
from incentives.queries.honours import awarded_for, calls_for, cases_for, honours
from incentives.rules.contributions import IncentiveRefused
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PER_PAGE = 20


@require_safe
@never_cache
@requires(VIEW_HONOUR)
def honour_list(request: SignedInRequest) -> HttpResponse:
    """Calls that run, cases one has a part in, and what was granted within sight."""
    today = timezone.localdate()
    user = request.user
    context = {
        "calls": [(call, honours()[call.honour]) for call in calls_for(user, on=today)],
        "rows": Paginator(cases_for(user, on=today), PER_PAGE).get_page(request.GET.get("page")),
        "granted": awarded_for(user, on=today)[:PER_PAGE],
        "may_nominate": may(user, NOMINATE_HONOUR, on=today),
        "may_run": may(user, RUN_HONOUR, on=today),
    }
    return render(request, "incentives/honour_list.html", context)


@PAGE_OR_FORM
@requires(RUN_HONOUR)
def honour_call(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = CallForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result}”开始提名。")
        return redirect("incentives:honour_list")
    return form_page(request, "incentives/honour_call.html", form)


@PAGE_OR_FORM
@requires(NOMINATE_HONOUR)
def honour_nominate(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    calls = HonourCall.objects.visible_to(request.user, on=today).open(on=today)
    call = get_object_or_404(calls, pk=pk)
    form = ProposalForm(request.POST or None, call=call, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已提名{form.result.subject_name}。")
        return redirect("incentives:honour_detail", form.result.pk)
    honour = honours()[call.honour]
    return form_page(request, "incentives/honour_nominate.html", form, call=call, honour=honour)


@require_safe
@never_cache
@requires(VIEW_HONOUR)
def honour_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = get_object_or_404(_detailed(request, on=today), pk=pk)
    page = case_page(case, request.user, on=today)
    return render(request, "incentives/honour_detail.html", {"page": page, "case": case})


@require_POST
@requires(RUN_HONOUR)
def honour_check(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _run(request, pk, on=today)
    try:
        check_case(case, by=request.user, on=today)
        messages.success(request, "资格已核，数据已存证。")
    except IncentiveRefused as refused:
        messages.error(request, str(refused))
    return redirect("incentives:honour_detail", pk)


@PAGE_OR_FORM
@requires(RUN_HONOUR)
def honour_vote(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _run(request, pk, on=today)
    form = VoteForm(request.POST or None, case=case)
    if form.is_valid() and form.save(by=request.user, on=today):
        passed = "评议通过，已开始公示。" if form.result.passed else "评议没有通过，这次评选结束。"
        messages.success(request, passed)
        return redirect("incentives:honour_detail", pk)
    return form_page(request, "incentives/honour_vote.html", form, case=case)


@PAGE_OR_FORM
@requires(RUN_HONOUR)
def honour_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _run(request, pk, on=today)
    form = DeclineForm(request.POST or None, case=case)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已结束，原因双方都能看到。")
        return redirect("incentives:honour_detail", pk)
    return form_page(request, "incentives/honour_decline.html", form, case=case)


@PAGE_OR_FORM
@requires(VIEW_HONOUR)
def honour_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = get_object_or_404(_detailed(request, on=today).filter(nominee=request.user), pk=pk)
    form = WithdrawForm(request.POST if request.method == "POST" else None, case=case)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "您已退出这次评选。")
        return redirect("incentives:honour_detail", pk)
    return form_page(request, "incentives/honour_withdraw.html", form, case=case)


@require_POST
@requires(RUN_HONOUR)
def honour_award(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _run(request, pk, on=today)
    try:
        award(case, by=request.user, on=today)
        messages.success(request, f"已办结：{case.subject_name}，{case.call}。")
    except IncentiveRefused as refused:
        messages.error(request, str(refused))
    return redirect("incentives:honour_detail", pk)


@require_safe
@never_cache
@requires(VIEW_HONOUR)
def honour_certificate(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = get_object_or_404(_detailed(request, on=today), pk=pk)
    try:
        content = certificate(case, by=request.user)
    except (IncentiveRefused, PdfFailedError) as problem:
        messages.error(request, str(problem))
        return redirect("incentives:honour_detail", pk)
    name = content_disposition_header(True, f"荣誉证书_{case.call}_{case.subject_name}.pdf") or ""
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": name})


def _detailed(request: SignedInRequest, *, on: date) -> QuerySet[HonourCase]:
    found = HonourCase.objects.visible_to(request.user, on=on)
    return found.select_related("call__organisation", "nominee", "organisation", "proposed_by")


def _run(request: SignedInRequest, pk: int, *, on: date) -> HonourCase:
    mine = HonourCase.objects.permitted_to(request.user, RUN_HONOUR, on=on)
    return get_object_or_404(mine.select_related("call", "nominee", "organisation"), pk=pk)
