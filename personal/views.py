"""What is kept about people, one's own data, and corrections."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import recently_confirmed
from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from ledgers.views import CONTENT_TYPES, attachment
from personal.actions import own_file as files
from personal.actions.corrections import recall_correction
from personal.forms import AnswerForm, CorrectionForm
from personal.models import ANSWER, Correction
from personal.purposes import PURPOSES
from personal.queries import corrections_for, member_of, number_views, own_facts, sections_of
from personal.retention import RETENTION
from personal.rules import CorrectionRefused

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PER_PAGE = 30
SHOWN = 20


@require_safe
def notice_page(request: SignedInRequest) -> HttpResponse:
    context = {"purposes": PURPOSES, "retention": RETENTION}
    return render(request, "personal/notice_page.html", context)


@require_safe
@never_cache
def own_data(request: SignedInRequest) -> HttpResponse:
    member = member_of(request.user)
    sections, work = sections_of(request.user)
    mine = Correction.objects.of(request.user).select_related("answered_by").order_by("-asked_at", "-pk")
    context = {
        "facts": own_facts(request.user, member),
        "sections": sections,
        "work": work,
        "views": number_views(member),
        "corrections": mine[:SHOWN],
        "may_answer": may(request.user, ANSWER, on=timezone.localdate()),
    }
    return render(request, "personal/own_data.html", context)


@require_safe
@never_cache
@recently_confirmed
def own_file(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    name, content = files.own_file(request.user, on=timezone.localdate(now), as_of=now)
    return attachment(content, name, CONTENT_TYPES["xlsx"])


@PAGE_OR_FORM
@never_cache
def correction_ask(request: SignedInRequest) -> HttpResponse:
    form = CorrectionForm(request.POST or None, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, "申请已提交，工作人员核对后答复，届时会通知您。")
        return redirect("personal:own_data")
    return form_page(request, "personal/correction_ask.html", form)


@require_POST
def correction_recall(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Correction.objects.of(request.user), pk=pk)
    try:
        recall_correction(row, by=request.user)
        messages.success(request, "申请已撤回，需要时可以重新提出。")
    except CorrectionRefused as refused:
        messages.error(request, str(refused))
    return redirect("personal:own_data")


@require_safe
@never_cache
@requires(ANSWER)
def correction_list(request: SignedInRequest) -> HttpResponse:
    found = corrections_for(request.user, on=timezone.localdate())
    rows = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "personal/correction_list.html", {"rows": rows})


@PAGE_OR_FORM
@never_cache
@requires(ANSWER)
def correction_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Correction.objects.permitted_to(request.user, ANSWER, on=today)
    row = get_object_or_404(mine.select_related("user__member", "organisation", "answered_by"), pk=pk)
    form = AnswerForm(request.POST or None, row=row, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已答复{row.user.name}，本人会收到通知。")
        return redirect("personal:correction_list")
    return form_page(request, "personal/correction_answer.html", form, row=row)
