"""The catalogue: what is asked, why, how often; adopting, switching off, adjusting and adding."""

from collections import Counter
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, requires
from periods.rule_parts import InvalidDueRule, Kind, read_kind
from reminders.actions.catalogue import CatalogueRefusal
from reminders.forms.catalogue import AddForm, AdjustForm, AdoptForm, CatalogueSearchForm, SwitchOffForm
from reminders.forms.rule import KIND_LABELS
from reminders.models import Action, StudyPack
from reminders.queries.catalogue import (
    CatalogueRow,
    adoption_history,
    catalogue_row,
    catalogue_rows,
    grouped,
    reached_branches,
    version_history,
)
from reminders.queries.effective import Standing
from reminders.rules import ConditionCode
from reminders.views.scope import Scope, chosen_scope
from reminders.wording import basis_label, hours_label

VIEW, EDIT = "reminders.view_catalogue", "reminders.edit_catalogue"
INVALID = 422
PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@requires(VIEW)
def action_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    scope = chosen_scope(request, VIEW, on=today)
    rows = catalogue_rows(scope.place, on=today)
    counts = Counter(row.standing for row in rows)
    form = CatalogueSearchForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {"q": "", "standing": ""}
    shown = [row for row in rows if _fits(row, wanted)]
    context = {
        "scope": scope,
        "form": form,
        "groups": grouped(shown),
        "counts": [(standing, counts[standing]) for standing in Standing],
    }
    return render(request, "reminders/action_list.html", context)


def _fits(row: CatalogueRow, wanted: dict[str, str]) -> bool:
    return wanted["q"] in row.version.name and wanted["standing"] in ("", row.standing)


@require_safe
@requires(VIEW)
def action_detail(request: SignedInRequest, code: str) -> HttpResponse:
    today = timezone.localdate()
    scope = chosen_scope(request, VIEW, on=today)
    row = _row(code, scope, on=today)
    packs = StudyPack.objects.visible_to(request.user, on=today).in_use().filter(actions=row.action)
    context = {
        "scope": scope,
        "row": row,
        "bases": [(basis_label(basis), basis.get("verified")) for basis in row.version.legal_basis],
        "versions": version_history(row.action, scope.place),
        "adoptions": adoption_history(row.action, scope.place),
        "packs": packs.order_by("title", "pk"),
        "load": _load_words(row, scope, on=today),
        "on": today,
    }
    return render(request, "reminders/action_detail.html", context)


def _load_words(row: CatalogueRow, scope: Scope, *, on: date) -> str:
    """“现在适用于 13 个支部，每次约 60 分钟，每年 4 次，合计每年约 52 小时。”."""
    branches = reached_branches(row, scope.place, on=on)
    places = "个党总支" if ConditionCode.GENERAL_BRANCH in row.version.applies_when else "个支部"
    start = f"现在适用于 {branches} {places}，每次约 {row.version.minutes} 分钟"
    yearly = row.yearly_minutes
    if yearly is None:
        return f"{start}；有相应情况时才办理，每年次数不定。"
    times = yearly // row.version.minutes if row.version.minutes else 0
    return f"{start}，每年 {times} 次，合计每年约 {hours_label(branches * yearly)}。"


@PAGE_OR_FORM
@requires(EDIT)
def action_adopt(request: SignedInRequest, code: str) -> HttpResponse:
    return _decide(request, code, AdoptForm, "reminders/action_adopt.html", "已采纳“{}”，清单将随之更新。")


@PAGE_OR_FORM
@requires(EDIT)
def action_switch_off(request: SignedInRequest, code: str) -> HttpResponse:
    return _decide(request, code, SwitchOffForm, "reminders/action_switch_off.html", "已停用“{}”。")


def _decide(
    request: SignedInRequest,
    code: str,
    form_class: type[AdoptForm] | type[SwitchOffForm],
    template: str,
    done: str,
) -> HttpResponse:
    today = timezone.localdate()
    scope = chosen_scope(request, EDIT, on=today)
    row = _row(code, scope, on=today)
    form = form_class(request.POST or None, initial={"valid_from": today})
    if form.is_valid() and _saved(form, row, scope, request, on=today):
        messages.success(request, done.format(row.version.name))
        return _to_detail(row, scope)
    context = {"scope": scope, "row": row, "form": form, "back_url": _detail_url(row, scope)}
    return render(request, template, context, status=_status(form))


@PAGE_OR_FORM
@requires(EDIT)
def action_adjust(request: SignedInRequest, code: str) -> HttpResponse:
    today = timezone.localdate()
    scope = chosen_scope(request, EDIT, on=today)
    row = _row(code, scope, on=today)
    kinds = _kinds(row)
    kind = next((kind for kind in kinds if kind.value == request.GET.get("kind")), None)
    form = AdjustForm(request.POST or None, version=row.version, kind=kind, on=today)
    if form.is_valid() and _saved(form, row, scope, request, on=today):
        messages.success(request, f"“{row.version.name}”的新版本已保存。")
        return _to_detail(row, scope)
    context = {"scope": scope, "row": row, "form": form, "kinds": _kind_links(kinds, form.kind)}
    return render(request, "reminders/action_adjust.html", context, status=_status(form))


@PAGE_OR_FORM
@requires(EDIT)
def action_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    scope = chosen_scope(request, EDIT, on=today)
    kind = next((k for k in KIND_LABELS if k.value == request.GET.get("kind")), Kind.PERIODIC)
    form = AddForm(request.POST or None, kind=kind, on=today)
    if form.is_valid():
        try:
            action = form.save(organisation=scope.place, by=request.user, on=today)
        except (CatalogueRefusal, InvalidDueRule) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{form.cleaned_data['name']}”已加入事项库。")
            return redirect(reverse("reminders:action_detail", args=[action.code]) + scope.query)
    context = {"scope": scope, "form": form, "kinds": _kind_links(list(KIND_LABELS), kind)}
    return render(request, "reminders/action_add.html", context, status=_status(form))


def _saved(
    form: AdoptForm | SwitchOffForm | AdjustForm,
    row: CatalogueRow,
    scope: Scope,
    request: SignedInRequest,
    *,
    on: date,
) -> bool:
    """Save; False with the refusal as a form error."""
    try:
        form.save(row.action, organisation=scope.place, by=request.user, on=on)
    except (CatalogueRefusal, InvalidDueRule) as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _row(code: str, scope: Scope, *, on: date) -> CatalogueRow:
    action = Action.objects.filter(code=code).first()
    row = catalogue_row(action, scope.place, on=on) if action else None
    if row is None:
        raise Http404
    return row


def _kinds(row: CatalogueRow) -> list[Kind]:
    """What a rule may become; a duty that follows an event keeps following it."""
    event = read_kind(row.version.due_rule) is Kind.EVENT_OFFSET
    return [] if event else list(KIND_LABELS)


def _kind_links(kinds: list[Kind], chosen: Kind) -> list[dict[str, Any]]:
    return [{"kind": kind.value, "label": KIND_LABELS[kind], "active": kind is chosen} for kind in kinds]


def _detail_url(row: CatalogueRow, scope: Scope) -> str:
    return reverse("reminders:action_detail", args=[row.action.code]) + scope.query


def _to_detail(row: CatalogueRow, scope: Scope) -> HttpResponse:
    return redirect(_detail_url(row, scope))


def _status(form: Any) -> int:
    return INVALID if form.is_bound and form.errors else 200
