"""Levels: one's own way, the people one keeps, and every step of one application."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from incentives.forms.levels import ApplyForm, PanelForm, StandardForm, WithdrawForm
from incentives.models import LevelCase
from incentives.models.contributions import VIEW_OWN, VIEW_RECORD
from incentives.models.levels import APPLY_LEVEL, DECIDE_LEVEL
from incentives.models.notices import VIEW_NOTICE
from incentives.queries.level_page import Person, level_page, level_rows, own_person, person_for
from incentives.queries.levels import rows_behind
from incentives.queries.public_notices import notices_of
from incentives.rules.honours import checksum
from incentives.rules.levels import RUNNING_LEVELS, LevelCheck, LevelCode, LevelState
from incentives.rules.public_notices import NoticeSubject

PAGE_OR_FORM = require_http_methods(["GET", "POST"])


def person_or_404(request: SignedInRequest, pk: int, permission: str, *, on: date) -> Person:
    """Oneself, or somebody where one has the permission."""
    person = person_for(request.user, pk, permission, on=on)
    if person is None:
        raise Http404
    return person


@require_safe
@never_cache
@requires(VIEW_OWN)
def level_mine(request: SignedInRequest) -> HttpResponse:
    """What still lacks for the next level, in words."""
    person = own_person(request.user, on=timezone.localdate())
    if person is None:
        return render(request, "incentives/level_mine.html", {"page": None})
    return _page(request, person)


@require_safe
@never_cache
@requires(VIEW_RECORD)
def level_person(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, person_or_404(request, pk, VIEW_RECORD, on=timezone.localdate()))


def _page(request: SignedInRequest, person: Person) -> HttpResponse:
    today = timezone.localdate()
    keeps = may(request.user, DECIDE_LEVEL, on=today)
    page = level_page(person, request.user, keeps=keeps, on=today)
    context = {"page": page, "own": person.user.pk == request.user.pk}
    return render(request, "incentives/level_mine.html", context)


@require_safe
@never_cache
@requires(VIEW_NOTICE)
def level_evidence(request: SignedInRequest, pk: int, check: str, years: int) -> HttpResponse:
    """The list behind one number."""
    today = timezone.localdate()
    person = person_or_404(request, pk, VIEW_RECORD, on=today)
    if check not in LevelCheck.values or years not in (0, 1):
        raise Http404
    asked = LevelCheck(check)
    context = {
        "person": person,
        "own": person.user.pk == request.user.pk,
        "check": asked,
        "years": years,
        "rows": rows_behind(person.user, asked, years, on=today),
        "may_edit": may(request.user, DECIDE_LEVEL, on=today) and person.user.pk != request.user.pk,
    }
    return render(request, "incentives/level_evidence.html", context)


@require_safe
@never_cache
@requires(VIEW_RECORD)
def level_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "rows": level_rows(request.user, on=today),
        "today": today,
        "may_edit": may(request.user, DECIDE_LEVEL, on=today),
    }
    return render(request, "incentives/level_list.html", context)


@PAGE_OR_FORM
@requires(APPLY_LEVEL)
def level_apply(request: SignedInRequest, code: str) -> HttpResponse:
    today = timezone.localdate()
    person = own_person(request.user, on=today)
    if person is None or code not in LevelCode.values:
        raise Http404
    page = level_page(person, request.user, keeps=False, on=today)
    form = ApplyForm(request.POST if request.method == "POST" else None, person=person, level=LevelCode(code))
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "申请已提交，佐证已存证。")
        return redirect("incentives:level_case", form.result.pk)
    return form_page(request, "incentives/level_apply.html", form, page=page, level=LevelCode(code))


@require_safe
@never_cache
@requires(VIEW_NOTICE)
def level_case(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    found = LevelCase.objects.visible_to(request.user, on=today).select_related("user", "organisation")
    case = get_object_or_404(found, pk=pk)
    own = case.user_id == request.user.pk
    decides = LevelCase.objects.permitted_to(request.user, DECIDE_LEVEL, on=today).filter(pk=pk).exists()
    context = {
        "case": case,
        "own": own,
        "intact": checksum(case.evidence) == case.checksum,
        "votes": list(case.votes.select_related("member").order_by("pk")),
        "notice": notices_of(NoticeSubject.LEVEL, case.pk).first(),
        "may_decide": decides and not own and case.state == LevelState.APPLIED,
        "may_withdraw": own and case.state in RUNNING_LEVELS,
    }
    return render(request, "incentives/level_case.html", context)


@PAGE_OR_FORM
@requires(DECIDE_LEVEL)
def level_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = LevelCase.objects.permitted_to(request.user, DECIDE_LEVEL, on=today)
    case = get_object_or_404(mine.select_related("user", "organisation__parent"), pk=pk)
    form = PanelForm(request.POST or None, case=case, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        passed = form.result.state == LevelState.NOTICED
        messages.success(request, "评审通过，已开始公示。" if passed else "评审没有通过，已告知本人。")
        return redirect("incentives:level_case", pk)
    return form_page(request, "incentives/level_decide.html", form, case=case)


@PAGE_OR_FORM
@requires(VIEW_OWN)
def level_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = get_object_or_404(LevelCase.objects.filter(user=request.user), pk=pk)
    form = WithdrawForm(request.POST if request.method == "POST" else None, case=case)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "申请已撤回。")
        return redirect("incentives:level_mine")
    return form_page(request, "incentives/level_withdraw.html", form, case=case)


@PAGE_OR_FORM
@requires(DECIDE_LEVEL)
def level_standard(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = StandardForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "新标准已采用，已作的认定不变。")
        return redirect("incentives:level_list")
    return form_page(request, "incentives/level_standard.html", form)
