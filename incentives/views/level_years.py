"""What staff enter of a person, yearly checks, the written notification and lowering."""

from typing import TypeVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from branches.access import SignedInRequest, requires
from branches.forms.base import ActionForm
from branches.views.pages import form_page
from incentives.actions.level_years import acknowledge_warning
from incentives.forms.levels import DeliverForm, FactBackForm, FactForm, LowerForm, WarnForm, YearForm
from incentives.models import LevelFact, LevelTerm, LevelWarning
from incentives.models.contributions import VIEW_OWN
from incentives.models.levels import DECIDE_LEVEL, OwnedQuerySet
from incentives.views.levels import person_or_404

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
Row = TypeVar("Row", LevelFact, LevelTerm, LevelWarning)


def _kept(request: SignedInRequest, rows: OwnedQuerySet[Row], pk: int) -> Row:
    mine: QuerySet[Row] = rows.permitted_to(request.user, DECIDE_LEVEL, on=timezone.localdate())
    return get_object_or_404(mine.select_related("user", "organisation"), pk=pk)


def _step(
    request: SignedInRequest,
    template: str,
    form: ActionForm,
    row: LevelFact | LevelTerm | LevelWarning,
    said: str,
) -> HttpResponse:
    """A form about one row of a person; back to the person's page."""
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, said)
        return redirect("incentives:level_person", row.user_id)
    return form_page(request, template, form, row=row)


@PAGE_OR_FORM
@requires(DECIDE_LEVEL)
def level_fact_add(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    person = person_or_404(request, pk, DECIDE_LEVEL, on=today)
    form = FactForm(request.POST or None, person=person)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "佐证已登记，本人能看到。")
        return redirect("incentives:level_person", pk)
    return form_page(request, "incentives/level_fact_add.html", form, person=person)


@PAGE_OR_FORM
@requires(DECIDE_LEVEL)
def level_fact_back(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _kept(request, LevelFact.objects.all(), pk)
    form = FactBackForm(request.POST or None, fact=row)
    return _step(request, "incentives/level_fact_back.html", form, row, "佐证已撤销，不再计入。")


@PAGE_OR_FORM
@requires(DECIDE_LEVEL)
def level_year(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _kept(request, LevelTerm.objects.all(), pk)
    form = YearForm(request.POST or None, term=row, on=timezone.localdate())
    return _step(request, "incentives/level_year.html", form, row, "年度核对已存证，本人能看到。")


@PAGE_OR_FORM
@requires(DECIDE_LEVEL)
def level_warn(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _kept(request, LevelTerm.objects.all(), pk)
    form = WarnForm(request.POST or None, term=row, now=timezone.now())
    return _step(request, "incentives/level_warn.html", form, row, "已书面告知本人。")


@require_POST
@requires(VIEW_OWN)
def level_received(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(LevelWarning.objects.filter(user=request.user), pk=pk)
    acknowledge_warning(row, by=request.user, on=timezone.localdate())
    messages.success(request, "已确认收到。收到不等于同意，可以向党总支说明情况。")
    return redirect("incentives:level_mine")


@PAGE_OR_FORM
@requires(DECIDE_LEVEL)
def level_deliver(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _kept(request, LevelWarning.objects.all(), pk)
    form = DeliverForm(request.POST or None, warning=row)
    return _step(request, "incentives/level_deliver.html", form, row, "送达已登记。")


@PAGE_OR_FORM
@requires(DECIDE_LEVEL)
def level_lower(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _kept(request, LevelWarning.objects.select_related("term"), pk)
    form = LowerForm(request.POST if request.method == "POST" else None, warning=row)
    return _step(request, "incentives/level_lower.html", form, row, "已降级，历史保留。")
