"""The bonus sheet: only for who holds the dated grant for it, whatever the post."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, requires
from branches.views.pages import form_page
from incentives.forms.sheets import SheetForm
from incentives.models.records import VIEW_BONUS
from incentives.queries.sheets import lines_of, sheets_for

PAGE_OR_FORM = require_http_methods(["GET", "POST"])


@require_safe
@never_cache
@requires(VIEW_BONUS)
def sheet_list(request: SignedInRequest) -> HttpResponse:
    sheets = sheets_for(request.user, on=timezone.localdate())
    return render(request, "incentives/sheet_list.html", {"sheets": sheets})


@require_safe
@never_cache
@requires(VIEW_BONUS)
def sheet_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    sheet = get_object_or_404(sheets_for(request.user, on=timezone.localdate()), pk=pk)
    return render(request, "incentives/sheet_detail.html", {"sheet": sheet, "lines": list(lines_of(sheet))})


@PAGE_OR_FORM
@never_cache
@requires(VIEW_BONUS)
def sheet_issue(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = SheetForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"《{form.result}》已出表，每个人都能看到本人的结果。")
        return redirect("incentives:sheet_detail", form.result.pk)
    return form_page(request, "incentives/sheet_issue.html", form)
