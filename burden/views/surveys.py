"""The pulse survey (减负问卷): its results for everybody who signs in, its rounds for staff."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.models import Organisation
from branches.views.pages import form_page
from burden.actions.survey_answers import about_received
from burden.actions.survey_paper import export_results
from burden.forms.surveys import BaselineForm, CloseRoundForm, OpenRoundForm, PrintCodesForm
from burden.models.surveys import RUN, VIEW, SurveyBaseline, SurveyRound
from burden.queries.questionnaires import current_questionnaire
from burden.queries.surveys import may_run, previous_editions, root_for, round_edition, survey_overview
from burden.rules.survey_results import Edition, Reading, step_of, trend_words
from burden.survey_charts import reading_chart, trend_chart
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError

PAGE_OR_FORM = require_http_methods(["GET", "POST"])


@require_safe
@requires(VIEW)
def survey_list(request: SignedInRequest) -> HttpResponse:
    """The trend over all rounds, the last round question by question, and the rounds themselves."""
    today = timezone.localdate()
    found = survey_overview(request.user, on=today)
    latest = found.latest
    earlier = [one for one in found.told if latest and one is not latest]
    context = {
        "overview": found,
        "steps": [step_of(one) for one in found.told],
        "trend": trend_chart([step_of(one) for one in found.told], uid="trend") if found.told else "",
        "readings": compared(latest, earlier) if latest else [],
        "said": trend_words([step_of(one) for one in found.told]),
        "may_run": may(request.user, RUN, on=today),
    }
    return render(request, "burden/survey_list.html", context)


@require_safe
@requires(VIEW)
def survey_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One round: what is to be done while it runs, its results when it is closed."""
    today = timezone.localdate()
    one = _visible(request, pk, on=today)
    runs = may_run(request.user, one, on=today)
    edition = round_edition(one)
    context = {
        "round": one,
        "edition": edition,
        "readings": [] if one.is_open else compared(edition, previous_editions(one)),
        "may_run": runs,
        "received": about_received(one) if one.is_open and runs else 0,
        "address": _address(request),
    }
    return render(request, "burden/survey_detail.html", context)


@PAGE_OR_FORM
@requires(RUN)
def survey_open(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = OpenRoundForm(request.POST or None, place=_whole(request, on=today), on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "这一轮已经开始。下一步：印码，剪开，让大家各抽一张。")
        return redirect("burden:survey_detail", form.result.pk)
    return form_page(request, "burden/survey_open.html", form)


@PAGE_OR_FORM
@never_cache
@requires(RUN)
def survey_codes(request: SignedInRequest, pk: int) -> HttpResponse:
    """The codes as a PDF of slips: this answer is the only place where they ever stand."""
    today = timezone.localdate()
    one = _run(request, pk, on=today)
    form = PrintCodesForm(request.POST or None, one=one, address=_address(request))
    try:
        printed = form.is_valid() and form.save(by=request.user, on=today)
    except PdfFailedError as problem:
        form.add_error(None, str(problem))
        printed = False
    if printed:
        return _download(form.result, f"{one.get_kind_display()}_{one.half}_码.pdf")
    return form_page(request, "burden/survey_codes.html", form, round=one)


@PAGE_OR_FORM
@requires(RUN)
def survey_close(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    one = _run(request, pk, on=today)
    form = CloseRoundForm(request.POST if request.method == "POST" else None, one=one)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{one}已结束，结果登录的人都能看。")
        return redirect("burden:survey_detail", pk)
    received = about_received(one)
    return form_page(request, "burden/survey_close.html", form, round=one, received=received)


@PAGE_OR_FORM
@requires(RUN)
def survey_baseline(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    place = _whole(request, on=today)
    held = SurveyBaseline.objects.filter(organisation=place).first()
    form = BaselineForm(request.POST or None, place=place, asked=current_questionnaire(), held=held)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "基线已保存，图上第一个点就是它。")
        return redirect("burden:survey_list")
    return form_page(request, "burden/survey_baseline.html", form, held=held)


@require_safe
@never_cache
@requires(VIEW)
def survey_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """The results of a closed round on one sheet."""
    today = timezone.localdate()
    one = _visible(request, pk, on=today)
    if not one.tables:
        raise Http404
    try:
        content = export_results(one, by=request.user, on=today)
    except PdfFailedError as problem:
        messages.error(request, str(problem))
        return redirect("burden:survey_detail", pk)
    return _download(content, f"{one.get_kind_display()}结果_{one.half}.pdf")


def compared(edition: Edition, earlier: list[Edition]) -> list[tuple[Reading, str, str]]:
    """Each question with its drawing and, where there is one, its mean in words beside the earlier ones."""
    return [
        (reading, reading_chart(reading, uid=f"q-{code}"), _mean_words(code, edition, earlier))
        for code, reading in edition.readings.items()
    ]


def _mean_words(code: str, edition: Edition, earlier: list[Edition]) -> str:
    mean = edition.mean_of(code)
    if mean is None:
        return ""
    span = f"（{mean.low}～{mean.high}）" if mean.low != mean.high else ""
    said = [(one.label, one.mean_of(code)) for one in earlier]
    before = "，".join(f"{label} {found.value}" for label, found in said if found)
    return f"均值约 {mean.value} 分{span}" + (f"；此前：{before}" if before else "")


def _address(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("box:survey"))


def _download(content: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(True, name) or ""
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})


def _whole(request: SignedInRequest, *, on: date) -> Organisation:
    place = root_for(request.user, RUN, on=on)
    if place is None:
        raise Http404
    return place


def _visible(request: SignedInRequest, pk: int, *, on: date) -> SurveyRound:
    return get_object_or_404(SurveyRound.objects.visible_to(request.user, on=on), pk=pk)


def _run(request: SignedInRequest, pk: int, *, on: date) -> SurveyRound:
    """An open round that the user may run; one that is over has nothing left to run."""
    return get_object_or_404(SurveyRound.objects.permitted_to(request.user, RUN, on=on).open(), pk=pk)
