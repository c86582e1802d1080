"""What staff do with the measure list: drafting, adopting, wording, issuing, closing, filling in values."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from branches.access import SignedInRequest, requires
from branches.rules import Refusal
from branches.views.pages import INVALID, form_page
from burden.actions.measure_values import adopt_measured
from burden.actions.measures import drop_draft
from burden.forms.measures import (
    AdoptForm,
    CloseForm,
    CorrectionForm,
    DraftForm,
    EntryForm,
    IssueForm,
    ValueForm,
)
from burden.models import Measure, MeasureEntry, MeasureList, MeasureValue
from burden.models.measures import EDIT
from burden.queries.measures import entry_for, list_rows
from periods.months import Month, UnknownMonth

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
ONLY_DRAFTS = "这份清单已经印发，不能再改。要改的，请另起草一版。"


def _mine(request: SignedInRequest, pk: int) -> MeasureList:
    """Http404 for a list this person does not edit."""
    lists = MeasureList.objects.permitted_to(request.user, EDIT, on=timezone.localdate())
    return get_object_or_404(lists.select_related("organisation"), pk=pk)


def _measure(request: SignedInRequest, pk: int) -> Measure:
    measures = Measure.objects.permitted_to(request.user, EDIT, on=timezone.localdate())
    return get_object_or_404(measures.select_related("organisation"), pk=pk)


@PAGE_OR_FORM
@requires(EDIT)
def measure_draft_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = DraftForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "草稿已起好。请勾选要采用的措施，核对数值和时限，再印发。")
        return redirect("burden:measure_draft", form.result.pk)
    return form_page(request, "burden/measure_draft_add.html", form)


@PAGE_OR_FORM
@never_cache
@requires(EDIT)
def measure_draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """The draft with all its measures; ticked ones are adopted."""
    today, draft = timezone.localdate(), _mine(request, pk)
    if not draft.is_draft and request.method == "GET":
        messages.info(request, ONLY_DRAFTS)
        return redirect("burden:measure_list")
    form = AdoptForm(request.POST if request.method == "POST" else None, draft=draft)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已采用 {len(form.cleaned_data['adopted'])} 条措施。")
        return redirect("burden:measure_draft", pk)
    rows = list_rows(draft, on=today, drafts=True)
    context = {"draft": draft, "form": form, "rows": rows, "adopted": sum(r.entry.adopted for r in rows)}
    return render(request, "burden/measure_draft.html", context, status=INVALID if form.errors else 200)


@PAGE_OR_FORM
@never_cache
@requires(EDIT)
def measure_entry_add(request: SignedInRequest, pk: int) -> HttpResponse:
    today, draft = timezone.localdate(), _mine(request, pk)
    form = EntryForm(request.POST or None, draft=draft)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result.name}”已加入草稿。")
        return redirect("burden:measure_draft", pk)
    return form_page(request, "burden/measure_entry_add.html", form, draft=draft)


@PAGE_OR_FORM
@never_cache
@requires(EDIT)
def measure_entry_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    lists = MeasureList.objects.permitted_to(request.user, EDIT, on=today)
    entries = MeasureEntry.objects.filter(of_list__in=lists).select_related(
        "of_list__organisation", "measure"
    )
    entry = get_object_or_404(entries, pk=pk)
    form = EntryForm(request.POST or None, draft=entry.of_list, entry=entry)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result.name}”已保存。")
        return redirect("burden:measure_draft", entry.of_list_id)
    return form_page(request, "burden/measure_entry_edit.html", form, entry=entry, draft=entry.of_list)


@PAGE_OR_FORM
@never_cache
@requires(EDIT)
def measure_issue(request: SignedInRequest, pk: int) -> HttpResponse:
    today, draft = timezone.localdate(), _mine(request, pk)
    form = IssueForm(request.POST if request.method == "POST" else None, draft=draft)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"《{form.result.title}》已印发，所有人都能看到。")
        return redirect("burden:measure_list")
    rows = list_rows(draft, on=today)
    return form_page(request, "burden/measure_issue.html", form, draft=draft, rows=rows)


@require_POST
@requires(EDIT)
def measure_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    draft = _mine(request, pk)
    try:
        drop_draft(draft, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{draft.year} 年第 {draft.version} 版草稿已撤回。")
    return redirect("burden:measure_list")


@PAGE_OR_FORM
@never_cache
@requires(EDIT)
def measure_close(request: SignedInRequest, pk: int) -> HttpResponse:
    today, shown = timezone.localdate(), _mine(request, pk)
    form = CloseForm(request.POST or None, shown=shown)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{shown.year} 年的清单已收尾，数值不再改动。")
        return redirect("burden:measure_list")
    return form_page(request, "burden/measure_close.html", form, shown=shown)


@PAGE_OR_FORM
@never_cache
@requires(EDIT)
def measure_value_add(request: SignedInRequest, pk: int) -> HttpResponse:
    today, measure = timezone.localdate(), _measure(request, pk)
    entry = entry_for(measure, request.user, on=today)
    if entry is None or not entry.of_list.takes_values:
        messages.info(request, "这条措施不在现行的清单里，不能填数值。")
        return redirect("burden:measure_detail", pk)
    form = ValueForm(request.POST or None, measure=measure, entry=entry, on=today, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{form.result.of.label}的数值已保存。")
        return redirect("burden:measure_detail", pk)
    return form_page(request, "burden/measure_value_add.html", form, measure=measure, entry=entry)


@require_POST
@requires(EDIT)
def measure_value_take(request: SignedInRequest, pk: int) -> HttpResponse:
    """The portal's own count as the value of `month`."""
    measure = _measure(request, pk)
    try:
        month = Month.parse(request.POST.get("month", ""))
        made = adopt_measured(
            measure, month=month, by=request.user, on=timezone.localdate(), now=timezone.now()
        )
    except (Refusal, UnknownMonth) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{made.of.label}的数值已采用，佐证也一并填好。")
    return redirect("burden:measure_detail", pk)


@PAGE_OR_FORM
@never_cache
@requires(EDIT)
def measure_value_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    measures = Measure.objects.permitted_to(request.user, EDIT, on=today)
    values = MeasureValue.objects.filter(measure__in=measures).select_related("measure__organisation")
    value = get_object_or_404(values, pk=pk)
    entry = entry_for(value.measure, request.user, on=today)
    form = CorrectionForm(request.POST or None, value=value, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{value.of.label}的数值已更正，原来的数保留在记录里。")
        return redirect("burden:measure_detail", value.measure_id)
    words = entry.said(value.value) if entry else ""
    return form_page(
        request, "burden/measure_value_correct.html", form, value=value, entry=entry, shown=words
    )
