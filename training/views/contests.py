"""Contests: the list, one contest, preparing it, its moves, judges and applause."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from training.actions.contest_judging import drop_judge
from training.actions.contests import (
    NOT_DRAFT,
    ContestRefused,
    close_call,
    finish_judging,
    open_call,
    publish_contest,
    start_judging,
)
from training.forms.contests import ApplauseForm, CancelForm, ContestForm, JudgesForm, ReopenForm
from training.models import Contest, Judge
from training.models.contests import RUN_CONTEST, VIEW_CONTEST
from training.queries.contests import contest_page as page_of
from training.queries.contests import contests_of, own_works, to_judge
from training.queries.judging import seats_of
from training.rules.contests import ContestPhase

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE, LONGEST_PAGE = 20, 6


def _run(request: SignedInRequest, pk: int) -> Contest:
    mine = Contest.objects.permitted_to(request.user, RUN_CONTEST, on=timezone.localdate())
    return get_object_or_404(mine.select_related("organisation__parent"), pk=pk)


def _moved(
    request: SignedInRequest, contest: Contest, act: Callable[..., object], words: str
) -> HttpResponse:
    """`act` takes the contest, `by` and `on`."""
    try:
        act(contest, by=request.user, on=timezone.localdate())
    except ContestRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, words)
    return redirect("training:contest_detail", contest.pk)


@require_safe
@requires(VIEW_CONTEST)
def contest_list(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    phase = request.GET.get("phase", "")
    phase = phase if phase in ContestPhase.values else ""
    number = request.GET.get("page", "1")[:LONGEST_PAGE]
    context: dict[str, Any] = {
        "page": Paginator(contests_of(user, phase=phase, on=today), A_PAGE).get_page(number),
        "phase": phase,
        "phases": ContestPhase.choices,
        "own": own_works(user),
        "to_judge": to_judge(user),
        "may_run": may(user, RUN_CONTEST, on=today),
    }
    return render(request, "training/contest_list.html", context)


@require_safe
@requires(VIEW_CONTEST)
def contest_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    shown = Contest.objects.visible_to(user, on=today).select_related("organisation")
    page = page_of(get_object_or_404(shown, pk=pk), user, on=today)
    return render(request, "training/contest_detail.html", {"page": page})


@PAGE_OR_FORM
@requires(RUN_CONTEST)
def contest_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = ContestForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "竞赛已保存。看一遍没有问题，就点“开始征集”。")
        return redirect("training:contest_detail", form.result.pk)
    return form_page(request, "training/contest_add.html", form)


@PAGE_OR_FORM
@requires(RUN_CONTEST)
def contest_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today, contest = timezone.localdate(), _run(request, pk)
    if not contest.is_draft:
        messages.info(request, NOT_DRAFT)
        return redirect("training:contest_detail", pk)
    form = ContestForm(request.POST or None, user=request.user, on=today, contest=contest)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "改好了。")
        return redirect("training:contest_detail", pk)
    return form_page(request, "training/contest_edit.html", form, contest=contest)


@require_POST
@requires(RUN_CONTEST)
def contest_open(request: SignedInRequest, pk: int) -> HttpResponse:
    return _moved(request, _run(request, pk), open_call, "征集开始了，各支部可以报送。")


@require_POST
@requires(RUN_CONTEST)
def contest_close(request: SignedInRequest, pk: int) -> HttpResponse:
    return _moved(request, _run(request, pk), close_call, "征集已结束，请逐份初审。")


@require_POST
@requires(RUN_CONTEST)
def contest_start(request: SignedInRequest, pk: int) -> HttpResponse:
    return _moved(request, _run(request, pk), start_judging, "评审开始了，评委会收到通知。")


@require_POST
@requires(RUN_CONTEST)
def contest_finish(request: SignedInRequest, pk: int) -> HttpResponse:
    return _moved(request, _run(request, pk), finish_judging, "评审结束，可以公布结果。")


@require_POST
@requires(RUN_CONTEST)
def contest_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    return _moved(request, _run(request, pk), publish_contest, "结果已公布，作者会收到评委的话。")


@PAGE_OR_FORM
@requires(RUN_CONTEST)
def contest_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    contest = _run(request, pk)
    form = ReopenForm(request.POST or None, contest=contest)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, "征集继续，各支部可以报送。")
        return redirect("training:contest_detail", pk)
    return form_page(request, "training/contest_reopen.html", form, contest=contest)


@PAGE_OR_FORM
@requires(RUN_CONTEST)
def contest_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    contest = _run(request, pk)
    form = CancelForm(request.POST or None, contest=contest)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, "竞赛已取消。")
        return redirect("training:contest_detail", pk)
    return form_page(request, "training/contest_cancel.html", form, contest=contest)


@PAGE_OR_FORM
@requires(RUN_CONTEST)
def contest_judges(request: SignedInRequest, pk: int) -> HttpResponse:
    today, contest = timezone.localdate(), _run(request, pk)
    form = JudgesForm(request.POST or None, contest=contest, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "评委已确定。")
        return redirect("training:contest_judges", pk)
    seats = seats_of(contest, on=today)
    return form_page(request, "training/contest_judges.html", form, contest=contest, seats=seats)


@require_POST
@requires(RUN_CONTEST)
def judge_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    """`pk` is that of the judge's row."""
    today = timezone.localdate()
    mine = Contest.objects.permitted_to(request.user, RUN_CONTEST, on=today)
    judge = get_object_or_404(Judge.objects.filter(contest__in=mine).select_related("contest", "user"), pk=pk)
    try:
        drop_judge(judge, reason=request.POST.get("reason", ""), by=request.user, on=today)
    except ContestRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"{judge.user.name}不再担任评委，已打的分不计入。")
    return redirect("training:contest_judges", judge.contest_id)


@PAGE_OR_FORM
@requires(RUN_CONTEST)
def contest_applause(request: SignedInRequest, pk: int) -> HttpResponse:
    contest = _run(request, pk)
    works = list(contest.works.accepted().order_by("key"))
    form = ApplauseForm(request.POST or None, contest=contest, works=works)
    if works and form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, "掌声已登记，公布结果后显示。")
        return redirect("training:contest_detail", pk)
    return form_page(request, "training/contest_applause.html", form, contest=contest)
