"""What becomes of planned visits: carried out, merged, never filed; and how often an office should come."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import INVALID, form_page
from burden.actions.visit_merging import merge_visits
from burden.actions.visit_ratings import decide_frequency
from burden.actions.visits import VisitRefused, carry_out
from burden.forms.visits import CarryOutForm, UnlinkForm
from burden.models import PlannedVisit
from burden.models.visits import FILE_VISIT, VIEW_VISIT
from burden.queries.visit_frequency import generals_of, proposals
from burden.queries.visit_overlaps import overlap_page
from burden.queries.visits import unfiled_of, visits_for
from burden.rules.visit_vocabulary import Decision
from burden.views.visits import PAGE_OR_FORM, asked_year, permitted_visit, redirect_to_year
from errorbank.models import Inspection

INSPECT, FINDINGS = "errorbank.inspect", "errorbank.view_finding"


@PAGE_OR_FORM
@requires(FILE_VISIT)
def visit_carry_out(request: SignedInRequest, pk: int) -> HttpResponse:
    """Register the planned inspection from its plan."""
    today = timezone.localdate()
    visit = permitted_visit(request, pk, on=today)
    permitted_to_inspect = PlannedVisit.objects.permitted_to(request.user, INSPECT, on=today)
    get_object_or_404(permitted_to_inspect, pk=pk)
    if not visit.is_filed or visit.since > today:
        messages.info(request, "只有已备案、已到日期的计划可以登记为已开展。")
        return redirect("burden:visit_detail", pk)
    form = CarryOutForm(request.POST or None, visit=visit, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已登记为已开展，接下来逐个登记发现的问题。")
        return redirect("errorbank:inspection_record", form.result.pk)
    return form_page(request, "burden/visit_carry_out.html", form, visit=visit)


@require_POST
@requires(FILE_VISIT)
def visit_link(request: SignedInRequest, pk: int, inspection: int) -> HttpResponse:
    """This inspection was that plan: one tap from either of them."""
    today = timezone.localdate()
    visit = permitted_visit(request, pk, on=today)
    looked = get_object_or_404(
        Inspection.objects.permitted_to(request.user, FILE_VISIT, on=today), pk=inspection
    )
    try:
        carry_out(visit, looked, by=request.user)
    except VisitRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"“{visit.title}”已对应到这次检查，计入已开展。")
    return redirect("burden:visit_detail", pk)


@PAGE_OR_FORM
@requires(FILE_VISIT)
def visit_unlink(request: SignedInRequest, pk: int) -> HttpResponse:
    """The inspection was not that plan: the plan stands as filed again."""
    today = timezone.localdate()
    visit = permitted_visit(request, pk, on=today)
    if visit.inspection is None:
        messages.info(request, "这项计划没有对应检查，不用解除。")
        return redirect("burden:visit_detail", pk)
    form = UnlinkForm(request.POST or None, visit=visit)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已解除对应，计划恢复为已备案；那次检查还在“检查”里。")
        return redirect("burden:visit_detail", pk)
    return form_page(request, "burden/visit_unlink.html", form, visit=visit)


@require_safe
@requires(FINDINGS)
def visit_match(request: SignedInRequest, inspection: int) -> HttpResponse:
    """The plan of one inspection, or the filed visits that it may have carried out."""
    today, user = timezone.localdate(), request.user
    mine = Inspection.objects.permitted_to(user, FINDINGS, on=today).select_related("organisation")
    looked = get_object_or_404(mine, pk=inspection)
    planned = PlannedVisit.objects.visible_to(user, on=today).filter(inspection=looked).in_order()
    context = {
        "inspection": looked,
        "planned": list(planned),
        "candidates": visits_for(looked, user, on=today) if may(user, FILE_VISIT, on=today) else [],
    }
    return render(request, "burden/visit_match.html", context)


@require_safe
@requires(VIEW_VISIT)
def visit_unfiled(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    year = asked_year(request, usual=today.year)
    context = {
        "year": year,
        "unfiled": unfiled_of(request.user, year, on=today),
        "may_file": may(request.user, FILE_VISIT, on=today),
    }
    return render(request, "burden/visit_unfiled.html", context)


@require_safe
@requires(FILE_VISIT)
def visit_overlaps(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    year = asked_year(request, usual=today.year)
    page = overlap_page(request.user, year, on=today)
    return render(request, "burden/visit_overlaps.html", {"year": year, "page": page})


@require_POST
@requires(FILE_VISIT)
def visit_merge(request: SignedInRequest) -> HttpResponse:
    """Take one of the proposals as they stand now."""
    today = timezone.localdate()
    year = asked_year(request, usual=today.year)
    offered = overlap_page(request.user, year, on=today).merges
    row = next((row for row in offered if row.key == request.POST.get("visits")), None)
    if row is None:
        messages.info(request, "计划有了变化，请按新的建议再看一遍。")
        return redirect("burden:visit_overlaps")
    merge = row.merge
    try:
        kept = merge_visits(row.visits, since=merge.since, until=merge.until, by=request.user, on=today)
    except VisitRefused as refusal:
        messages.info(request, str(refusal))
        return redirect_to_year(year)
    messages.success(
        request, f"{len(row.visits)} 项已合并为“{kept.title}”，少跑 {merge.saved_visits} 支部次。"
    )
    return redirect("burden:visit_detail", kept.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(FILE_VISIT)
def visit_frequency(request: SignedInRequest) -> HttpResponse:
    """Where less often is proposed for a year; POST decides on one."""
    today = timezone.localdate()
    year = asked_year(request, usual=today.year + 1)
    rows = proposals(generals_of(request.user, on=today), year, on=today)
    context: dict[str, Any] = {"year": year, "rows": rows}
    if request.method == "POST":
        row = next((row for row in rows if row.key == request.POST.get("key")), None)
        decision = "accepted" if "accept" in request.POST else "declined"
        reason = request.POST.get("reason", "")[:200]
        try:
            if row is None:
                raise VisitRefused("这条建议已不再成立，请重新打开此页。")
            decide_frequency(row, decision=Decision(decision), reason=reason, by=request.user, on=today)
        except VisitRefused as refusal:
            context |= {"refusal": str(refusal), "asked": request.POST.get("key"), "reason": reason}
            return render(request, "burden/visit_frequency.html", context, status=INVALID)
        messages.success(request, "决定已登记，备案下一年度计划时会提示。")
        return redirect_to_frequency(year)
    return render(request, "burden/visit_frequency.html", context)


def redirect_to_frequency(year: int) -> HttpResponse:
    answer = redirect("burden:visit_frequency")
    answer["Location"] += f"?year={year}"
    return answer
