"""Pages of recruiting: the board, one case, its steps, its papers."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.actions.development_dossier import export_dossier
from branches.forms.development import ASKED, StepCorrectForm, StepForm, StepOffer
from branches.forms.development_case import (
    CaseAddForm,
    CaseCloseForm,
    CaseOpenForm,
    CaseReopenForm,
    EarlierForm,
)
from branches.models import DevelopmentCase, DevelopmentStep, Member, Membership, Organisation
from branches.queries.development import (
    BoardFilter,
    board_for,
    people_applying_again,
    people_without_case,
)
from branches.queries.development_facts import picture_of
from branches.queries.development_page import approvers_above, case_page, earlier_steps, full_members
from branches.queries.tree import next_member_code
from branches.rules import CaseState, MemberStatus, StepOutcome
from branches.rules.development import STEPS, Step
from branches.rules.development_order import PAPERS, SUPERIOR_STEPS
from branches.views.pages import form_page
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
VIEW, EDIT, DECIDE = "branches.view_development", "branches.edit_development", "branches.record_superior_step"
EDIT_MEMBER = "branches.edit_member"


@require_safe
@requires(VIEW)
def development_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    board = board_for(request.user, BoardFilter.of(request.GET), on=today, page=request.GET.get("page"))
    context = {"board": board, "may_add": may(request.user, EDIT, on=today)}
    return render(request, "branches/development_list.html", context)


@require_safe
@requires(VIEW)
def development_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _case(request, pk, VIEW, on=today)
    page = case_page(case, on=today)
    rights = _rights(request, case, on=today)
    context: dict[str, Any] = {"page": page, "case": case, "member": case.member, "rights": rights}
    number = page.coming.number if page.coming else 0
    waits = page.coming is not None and page.coming.waiting(on=today)
    if number and page.place and not waits and rights[_needed(number)]:
        offer = _offer(request, case, page.place, number, on=today)
        context["form"] = StepForm(case=case, number=number, offer=offer)
        context["step"] = STEPS[number]
    return render(request, "branches/development_detail.html", context)


@PAGE_OR_FORM
@requires(EDIT)
def development_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    waiting = people_without_case(request.user, on=today)
    form = _add_form(request, waiting, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已为{form.result.member.name}建立档案。")
        return redirect("branches:development_detail", form.result.pk)
    return form_page(request, "branches/development_add.html", form, waiting=waiting)


@PAGE_OR_FORM
@requires(VIEW)
def development_record(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    today = timezone.localdate()
    step = _step(number)
    case = _case(request, pk, _permission(number), on=today)
    place = _place(case, on=today)
    offer = _offer(request, case, place, number, on=today)
    form = StepForm(request.POST or None, case=case, number=number, offer=offer)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, _said(form.result, on=today))
        return redirect("branches:development_detail", pk)
    return form_page(
        request, "branches/development_record.html", form, case=case, step=step, paper=PAPERS[number]
    )


@PAGE_OR_FORM
@requires(VIEW)
def development_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    step = _standing_step(request, pk, on=today)
    offer = _offer(request, step.case, _place(step.case, on=today), step.number, on=today)
    form = StepCorrectForm(request.POST or None, step=step, offer=offer)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{STEPS[step.number].name}”已更正，原来的一条保留备查。")
        return redirect("branches:development_detail", step.case_id)
    context = {"case": step.case, "step": STEPS[step.number], "row": step}
    return form_page(request, "branches/development_correct.html", form, **context)


@PAGE_OR_FORM
@requires(EDIT)
def development_earlier(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _case(request, pk, EDIT, on=today)
    place, rights = _place(case, on=today), _rights(request, case, on=today)
    numbers = [n for n in earlier_steps(case) if rights[_needed(n)]]
    deciders = {n: _only(approvers_above(place, number=n, on=today)) for n in numbers}
    form = EarlierForm(request.POST or None, case=case, deciders=deciders)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已补登 {form.result} 步。")
        return redirect("branches:development_detail", pk)
    return form_page(request, "branches/development_earlier.html", form, case=case)


@PAGE_OR_FORM
@requires(EDIT)
def development_close(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _case(request, pk, EDIT, on=today)
    span = picture_of(case, on=today).span
    probationary = span is not None and span.status == MemberStatus.PROBATIONARY
    form = CaseCloseForm(request.POST or None, case=case, probationary=probationary, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{case.member.name}的档案已办结，以后仍可查阅。")
        return redirect("branches:development_detail", pk)
    return form_page(request, "branches/development_close.html", form, case=case)


@PAGE_OR_FORM
@requires(EDIT)
def development_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _case(request, pk, EDIT, on=today)
    form = CaseReopenForm(request.POST or None, case=case)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{case.member.name}的档案已重新打开。")
        return redirect("branches:development_detail", pk)
    return form_page(request, "branches/development_reopen.html", form, case=case)


@require_safe
@requires(VIEW)
def development_dossier(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _case(request, pk, VIEW, on=today)
    try:
        content = export_dossier(case, by=request.user, on=today)
    except PdfFailedError:
        messages.error(request, "材料清单没有生成，请稍后再试。")
        return redirect("branches:development_detail", pk)
    name = f"发展党员材料清单_{case.member.name}_{today:%Y-%m-%d}.pdf"
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})


def _case(request: SignedInRequest, pk: int, permission: str, *, on: date) -> DevelopmentCase:
    mine = DevelopmentCase.objects.permitted_to(request.user, permission, on=on).select_related("member")
    return get_object_or_404(mine, pk=pk)


def _needed(number: int) -> str:
    """Which right a step asks for: what a superior decides is entered by who works there."""
    return "decide" if number in SUPERIOR_STEPS else "edit"


def _permission(number: int) -> str:
    return DECIDE if number in SUPERIOR_STEPS else EDIT


def _rights(request: SignedInRequest, case: DevelopmentCase, *, on: date) -> dict[str, bool]:
    """What this person may write: steps while the case is open, its reopening once it is closed."""

    def has(permission: str) -> bool:
        mine = DevelopmentCase.objects.permitted_to(request.user, permission, on=on)
        return mine.filter(pk=case.pk).exists()

    ongoing, edit = case.state == CaseState.ONGOING, has(EDIT)
    return {
        "edit": ongoing and edit,
        "decide": ongoing and has(DECIDE),
        "reopen": edit and not ongoing,
        "edit_member": has(EDIT_MEMBER),
    }


def _step(number: int) -> Step:
    if number not in STEPS:
        raise Http404
    return STEPS[number]


def _standing_step(request: SignedInRequest, pk: int, *, on: date) -> DevelopmentStep:
    steps = DevelopmentStep.objects.standing().select_related("case__member", "decided_by")
    step = get_object_or_404(steps, pk=pk)
    _case(request, step.case_id, _permission(step.number), on=on)
    return step


def _place(case: DevelopmentCase, *, on: date) -> Organisation:
    """The branch the person belongs to; without one no step can be taken."""
    place = picture_of(case, on=on).place
    if place is None:
        raise Http404
    return place


def _offer(
    request: SignedInRequest, case: DevelopmentCase, place: Organisation, number: int, *, on: date
) -> StepOffer:
    asked = ASKED.get(number, ())
    deciders = approvers_above(place, number=number, on=on) if "decided_by" in asked else []
    full = full_members(place, on=on) if "eligible" in asked else 0
    visible = Member.objects.visible_to(request.user, on=on)
    return StepOffer(case, place, on, visible, deciders, full)


def _only(organisations: list[Organisation]) -> Organisation | None:
    return organisations[0] if len(organisations) == 1 else None


def _add_form(request: SignedInRequest, waiting: list[Membership], *, on: date) -> CaseAddForm | CaseOpenForm:
    """The form for a new applicant, or for the person of the roster that the address names."""
    wanted = request.GET.get("member", "")
    if not wanted:
        places = Organisation.objects.permitted_to(request.user, EDIT, on=on)
        initial = {"code": next_member_code(), "applied_on": on}
        return CaseAddForm(request.POST or None, places=places, on=on, initial=initial)
    span = next((span for span in waiting if str(span.member_id) == wanted), None)
    if span:
        status = MemberStatus(span.status)
        return CaseOpenForm(request.POST or None, member=span.member, status=status, since=span.since)
    key = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0
    member = get_object_or_404(people_applying_again(request.user, on=on), pk=key)
    return CaseOpenForm(request.POST or None, member=member, status=MemberStatus.APPLICANT, since=on)


def _said(step: DevelopmentStep, *, on: date) -> str:
    """Named as on the page that follows: a branch without committee decides in its general meeting."""
    page = case_page(DevelopmentCase.objects.select_related("member").get(pk=step.case_id), on=on)
    name = next(row.name for stage in page.stages for row in stage.rows if row.number == step.number)
    passed = step.outcome == StepOutcome.PASSED
    return f"已登记“{name}”{'' if passed else f'，结果：{step.get_outcome_display()}'}。{page.headline}"
