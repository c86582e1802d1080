"""Works of contests: handing in, one work, screening, and judging without names."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, requires
from branches.views.pages import form_page
from training.actions.contest_works import NOT_CHANGEABLE, NOT_WAITING
from training.actions.contest_works import withdraw_work as withdraw
from training.actions.contests import ContestRefused
from training.forms.contests import JudgeForm, ScreenForm, WorkForm
from training.models import Contest, Work
from training.models.contests import JUDGE_WORK, RUN_CONTEST, SUBMIT_WORK, VIEW_CONTEST
from training.queries.contests import colleagues_in, handing_places, may_change
from training.queries.contests import work_page as page_of
from training.queries.judging import given_by, judging_of

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])
NOTHING_TO_JUDGE = "这项竞赛现在没有请您评审的作品；评审由评委本人打开。"


def _own(request: SignedInRequest, key: str) -> Work:
    mine = Work.objects.written_by(request.user).select_related("contest__organisation", "organisation")
    return get_object_or_404(mine, key=key)


@PAGE_OR_FORM
@requires(SUBMIT_WORK)
def work_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """`pk` is that of the contest."""
    today, user = timezone.localdate(), request.user
    shown = Contest.objects.visible_to(user, on=today).select_related("organisation")
    contest = get_object_or_404(shown, pk=pk)
    if not handing_places(contest, user, on=today).exists():
        raise Http404
    form = WorkForm(request.POST or None, contest=contest, user=user, on=today)
    if form.is_valid() and form.save(by=user, on=today):
        messages.success(request, "作品已报送。征集截止前还可以修改或撤回。")
        return redirect("training:work_detail", form.result.key)
    return form_page(request, "training/work_add.html", form, contest=contest)


@PAGE_OR_FORM
@requires(SUBMIT_WORK)
def work_edit(request: SignedInRequest, key: str) -> HttpResponse:
    today, work = timezone.localdate(), _own(request, key)
    if not may_change(work, on=today):
        messages.info(request, NOT_CHANGEABLE)
        return redirect("training:work_detail", key)
    form = WorkForm(request.POST or None, contest=work.contest, user=request.user, on=today, work=work)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "改好了，已重新报送。")
        return redirect("training:work_detail", key)
    return form_page(request, "training/work_edit.html", form, contest=work.contest, work=work)


@require_safe
@requires(VIEW_CONTEST)
def work_detail(request: SignedInRequest, key: str) -> HttpResponse:
    today = timezone.localdate()
    shown = Work.objects.visible_to(request.user, on=today)
    work = get_object_or_404(shown.select_related("contest__organisation", "organisation"), key=key)
    return render(request, "training/work_detail.html", {"page": page_of(work, request.user, on=today)})


@require_POST
@requires(SUBMIT_WORK)
def work_withdraw(request: SignedInRequest, key: str) -> HttpResponse:
    work = _own(request, key)
    try:
        withdraw(work, by=request.user)
    except ContestRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"《{work.title}》已撤回。")
    return redirect("training:work_detail", key)


@PAGE_OR_FORM
@requires(RUN_CONTEST)
def work_screen(request: SignedInRequest, key: str) -> HttpResponse:
    mine = Work.objects.permitted_to(request.user, RUN_CONTEST, on=timezone.localdate())
    work = get_object_or_404(mine.select_related("contest", "organisation"), key=key)
    if not (work.contest.is_screening and work.waits_for_screening):
        messages.info(request, NOT_WAITING)
        return redirect("training:contest_detail", work.contest_id)
    form = ScreenForm(request.POST or None, work=work)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, "初审结果已保存，作者会收到通知。")
        return redirect("training:contest_detail", work.contest_id)
    authors = work.authors.select_related("user").order_by("user__name", "pk")
    named = colleagues_in(work, on=timezone.localdate())
    context = {"contest": work.contest, "work": work, "authors": authors, "named": named}
    return form_page(request, "training/work_screen.html", form, **context)


@require_safe
@requires(JUDGE_WORK)
def judging_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """`pk` is that of the contest; who is no judge of it is led to its page."""
    today = timezone.localdate()
    contest = get_object_or_404(Contest.objects.visible_to(request.user, on=today), pk=pk)
    works = judging_of(contest, request.user, on=today)
    if works is None:
        messages.info(request, NOTHING_TO_JUDGE)
        return redirect("training:contest_detail", pk)
    waiting = sum(not work.is_judged for work in works)
    context = {"contest": contest, "works": works, "waiting": waiting}
    return render(request, "training/judging_page.html", context)


@PAGE_OR_FORM
@requires(JUDGE_WORK)
def work_judge(request: SignedInRequest, key: str) -> HttpResponse:
    """What the judge has not been given to judge is not there for the judge."""
    today, user = timezone.localdate(), request.user
    row = get_object_or_404(Work.objects.select_related("contest__organisation"), key=key)
    sealed = next((one for one in judging_of(row.contest, user, on=today) or () if one.key == key), None)
    if sealed is None:
        raise Http404
    given = given_by(user, row) if sealed.is_judged else None
    criteria = [] if given else list(row.contest.criteria.order_by("position"))
    form = JudgeForm(request.POST or None, work=row, criteria=criteria)
    if form.is_valid() and form.save(by=user, on=today):
        messages.success(request, "评分已提交。")
        return redirect("training:work_judge", key)
    context = {"contest": row.contest, "work": sealed, "given": given}
    return form_page(request, "training/work_judge.html", form, **context)
