"""Assessment schemes: how much of each only counts traces, one of them, and editing its items."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.rules import Refusal
from branches.views.pages import INVALID
from burden.actions.schemes import retire_scheme
from burden.forms.lines import MORE
from burden.forms.schemes import SchemeForm
from burden.measure_charts import scheme_chart
from burden.models import AssessmentScheme, Measure
from burden.models.schemes import EDIT_SCHEME, VIEW_SCHEME
from burden.queries.schemes import lines_of, scheme_lines

PAGE_OR_FORM = require_http_methods(["GET", "POST"])


@require_safe
@never_cache
@requires(VIEW_SCHEME)
def scheme_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    lines = scheme_lines(request.user, on=today)
    context = {"lines": lines, "may_edit": may(request.user, EDIT_SCHEME, on=today)}
    return render(request, "burden/scheme_list.html", context)


@require_safe
@never_cache
@requires(VIEW_SCHEME)
def scheme_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    visible = AssessmentScheme.objects.visible_to(user, on=today)
    get_object_or_404(visible, pk=pk)
    line = lines_of(visible.filter(pk=pk), on=today)[0]
    fed = Measure.objects.visible_to(user, on=today)
    context = {
        "line": line,
        "chart": scheme_chart(line),
        "measure": fed.filter(
            organisation=line.scheme.organisation_id, code=line.scheme.measure_code
        ).first(),
        "may_edit": AssessmentScheme.objects.permitted_to(user, EDIT_SCHEME, on=today)
        .in_use()
        .filter(pk=pk)
        .exists(),
    }
    return render(request, "burden/scheme_detail.html", context)


@PAGE_OR_FORM
@never_cache
@requires(EDIT_SCHEME)
def scheme_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = SchemeForm(request.POST or None, user=request.user, on=today, now=timezone.now())
    return _answer(request, form, "burden/scheme_add.html")


@PAGE_OR_FORM
@never_cache
@requires(EDIT_SCHEME)
def scheme_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = AssessmentScheme.objects.permitted_to(request.user, EDIT_SCHEME, on=today)
    get_object_or_404(mine, pk=pk)
    line = lines_of(mine.filter(pk=pk), on=today)[0]
    form = SchemeForm(request.POST or None, user=request.user, on=today, now=timezone.now(), line=line)
    return _answer(request, form, "burden/scheme_edit.html")


def _answer(request: SignedInRequest, form: SchemeForm, template: str) -> HttpResponse:
    if form.is_bound and form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, f"“{form.result.name}”已保存。")
        return redirect("burden:scheme_detail", form.result.pk)
    status = INVALID if form.is_bound and MORE not in request.POST else 200
    return render(request, template, {"form": form, "scheme": form.scheme}, status=status)


@require_POST
@requires(EDIT_SCHEME)
def scheme_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = AssessmentScheme.objects.permitted_to(request.user, EDIT_SCHEME, on=today)
    scheme = get_object_or_404(mine, pk=pk)
    try:
        retire_scheme(scheme, by=request.user, on=today)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{scheme.name}”已停用，各版本保留。")
    return redirect("burden:scheme_list")
