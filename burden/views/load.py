"""What a month asks in minutes, the card of it on the board, and the hours agreed for it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from burden.forms.agreed_times import AgreeForm, EndAgreementForm
from burden.queries import load as queries
from burden.queries.demand_scope import AGREE, VIEW_LOAD
from burden.rules.demands import read_month
from burden.views.demands import PAGE_OR_FORM, asked_scope
from periods.months import Month
from reminders.models import AgreedTime


@require_safe
@never_cache
@requires(VIEW_LOAD)
def load_page(request: SignedInRequest) -> HttpResponse:
    """`?scope=DZ01&month=2026-11`; the own branch to itself, a whole of three branches or more to staff."""
    today, scope = timezone.localdate(), asked_scope(request, VIEW_LOAD)
    month, trouble = read_month(request.GET.get("month", ""), Month.of(today))
    context = {
        "scope": scope,
        "month": month,
        "trouble": trouble,
        "earlier": month.previous(),
        "later": month.next() if month < Month.of(today) else None,
        "page": queries.load_page(scope, month, on=today),
        "may_agree": may(request.user, AGREE, on=today),
        "as_of": timezone.now(),
    }
    return render(request, "burden/load_page.html", context, status=422 if trouble else 200)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@requires(VIEW_LOAD)
def load_card(request: SignedInRequest) -> HttpResponse:
    """The same in short for the board; by itself it is the whole page."""
    if not request.headers.get("HX-Request"):
        return redirect(f"{request.path.removesuffix('card/')}?{request.GET.urlencode()}")
    today, scope = timezone.localdate(), asked_scope(request, VIEW_LOAD)
    month, _ = read_month(request.GET.get("month", ""), Month.of(today))
    load = queries.month_load(scope, month, on=today)
    return render(request, "burden/_load_card.html", {"scope": scope, "month": month, "load": load})


@require_safe
@requires(VIEW_LOAD)
def agreed_time_list(request: SignedInRequest) -> HttpResponse:
    today, scope = timezone.localdate(), asked_scope(request, VIEW_LOAD)
    rows = queries.agreed_rows(scope, on=today)
    context = {
        "scope": scope,
        "rows": rows,
        "agreed": sum(row.current is not None for row in rows),
        "may_agree": may(request.user, AGREE, on=today),
    }
    return render(request, "burden/agreed_time_list.html", context)


@PAGE_OR_FORM
@requires(AGREE)
def agreed_time_add(request: SignedInRequest) -> HttpResponse:
    """`?post=12` chooses the worker."""
    today = timezone.localdate()
    post = request.GET.get("post", "")
    form = AgreeForm(request.POST or None, user=request.user, on=today, post=post[:18])
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "保障时间已登记。")
        return redirect("burden:agreed_time_list")
    return form_page(request, "burden/agreed_time_add.html", form)


@PAGE_OR_FORM
@requires(AGREE)
def agreed_time_end(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = AgreedTime.objects.permitted_to(request.user, AGREE, on=today)
    named = mine.select_related("post__organisation", "post__member", "post__user")
    agreed = get_object_or_404(named, pk=pk)
    form = EndAgreementForm(request.POST or None, agreed=agreed, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "这次商定已结束。")
        return redirect("burden:agreed_time_list")
    return form_page(request, "burden/agreed_time_end.html", form, agreed=agreed)
