"""Special tasks: the list, sending one after looking at its load, who has done it, taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.calendar import work_calendar
from branches.models import Organisation
from reminders.actions.tasks_special import ReplacedGone, TaskAlreadySent, TaskRefusal, withdraw_task
from reminders.forms.special_task import SendOverForm, TaskForm, WithdrawForm
from reminders.models import ReminderItem, SpecialTask
from reminders.queries.catalogue import catalogue_rows
from reminders.queries.demand_lint import DemandWarning, lint
from reminders.queries.demands import DemandLine, register, replaceable
from reminders.queries.special_tasks import (
    Demand,
    is_settled,
    same_window,
    target_rows,
    task_summaries,
    tasks_for_list,
)
from reminders.views.scope import Scope, chosen_scope
from reminders.wording import basis_label, hours_label

READ, SEND = "reminders.view_overview", "reminders.send_task"
PAGE_SIZE = 50
INVALID = 422


@require_safe
@requires(READ)
def task_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    page = Paginator(tasks_for_list(request.user, on=today), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "tasks": task_summaries(page.object_list),
        "may_send": may(request.user, SEND, on=today),
    }
    return render(request, "reminders/task_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(SEND)
def task_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    scope = chosen_scope(request, SEND, on=today)
    form = TaskForm(request.POST or None, organisation=scope.place, on=today)
    if not form.is_valid() or "edit" in request.POST:
        status = INVALID if form.is_bound and form.errors else 200
        return render(request, "reminders/task_add.html", {"scope": scope, "form": form}, status=status)
    load = _load(form, scope, on=today)
    confirmed = "confirmed" in request.POST
    answer = SendOverForm(request.POST if confirmed else None, warnings=load.warnings, lines=load.own)
    if not confirmed or not answer.is_valid():
        # Sent a moment ago, it would be told that it repeats itself.
        if confirmed and form.is_sent:
            return _sent_before(request)
        return _confirm(request, form, scope, load, answer)
    return _send(request, form, scope, load, answer)


def _send(
    request: SignedInRequest, form: TaskForm, scope: Scope, load: "Load", answer: SendOverForm
) -> HttpResponse:
    try:
        task = form.save(by=request.user, over=answer.over)
    except TaskAlreadySent:
        return _sent_before(request)
    except ReplacedGone as refusal:
        answer.add_error(None, str(refusal))
        return _confirm(request, form, scope, load, answer)
    messages.success(request, f"“{form.cleaned_data['name']}”已发给 {len(form.chosen)} 个支部。")
    return redirect("reminders:task_detail", task.pk)


def _sent_before(request: SignedInRequest) -> HttpResponse:
    messages.info(request, str(TaskAlreadySent()))
    return redirect("reminders:task_list")


def _confirm(
    request: SignedInRequest, form: TaskForm, scope: Scope, load: "Load", answer: SendOverForm
) -> HttpResponse:
    context = {"scope": scope, "form": form, "load": load, "answer": answer}
    status = INVALID if answer.is_bound else 200
    return render(request, "reminders/task_confirm.html", context, status=status)


@dataclass(frozen=True)
class Load:
    """What sending costs, what else is asked in the same days, and what is said against it."""

    count: int
    hours: str
    others: Sequence[Demand]
    warnings: Sequence[DemandWarning]
    own: Sequence[DemandLine]

    @property
    def others_hours(self) -> str:
        return hours_label(sum(other.minutes for other in self.others))

    @property
    def is_over(self) -> bool:
        return any(warning.blocking for warning in self.warnings)


def _load(form: TaskForm, scope: Scope, *, on: date) -> Load:
    calendar, start, end = work_calendar(), form.cleaned_data["start"], form.cleaned_data["end"]
    rows = catalogue_rows(scope.place, on=on)
    lines = register(scope.place, on=on, rows=rows)
    others = same_window(scope.place, form.chosen, start=start, end=end, calendar=calendar, on=on, rows=rows)
    found = lint(form.draft, place=scope.place, on=on, calendar=calendar, lines=lines)
    return Load(
        count=len(form.chosen),
        hours=hours_label(form.load_minutes),
        others=others,
        warnings=found,
        own=replaceable(lines, scope.place),
    )


@require_safe
@never_cache
@requires("reminders.view_item")
def task_item(request: SignedInRequest, pk: int) -> HttpResponse:
    """From a message about a task to the item it made for the reader; with several, the list.

    When the message is written there is no item: the next refresh makes it, and until then it is the list.
    """
    today = timezone.localdate()
    mine = Organisation.objects.permitted_to(request.user, "reminders.view_item", on=today)
    task = get_object_or_404(SpecialTask.objects.filter(targets__in=mine).distinct(), pk=pk)
    items = ReminderItem.objects.filter(organisation__in=mine, version__action=task.action_id)
    found = items.values_list("pk", flat=True)[:2]
    if len(found) == 1:
        return redirect("reminders:item_detail", found[0])
    return redirect("reminders:month_list")


@require_safe
@requires(READ)
def task_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    task = get_object_or_404(tasks_for_list(request.user, on=today), pk=pk)
    rows = target_rows(task, on=today)
    version = task.action.versions.order_by("-pk").first()
    context = {
        "task": task,
        "summary": task_summaries([task])[0],
        "version": version,
        "bases": [basis_label(basis) for basis in version.legal_basis] if version else [],
        "packs": [task.pack] if task.pack and task.pack.retired_at is None else [],
        "open_rows": [row for row in rows if not is_settled(row)],
        "settled_rows": [row for row in rows if is_settled(row)],
        "may_withdraw": task.withdrawn_at is None and _sendable(request).filter(pk=pk).exists(),
    }
    return render(request, "reminders/task_detail.html", context)


def _sendable(request: SignedInRequest) -> QuerySet[SpecialTask]:
    """Tasks of organisations from which this person may send one."""
    return SpecialTask.objects.permitted_to(request.user, SEND, on=timezone.localdate())


@require_http_methods(["GET", "HEAD", "POST"])
@requires(SEND)
def task_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(_sendable(request).select_related("action"), pk=pk)
    form = WithdrawForm(request.POST or None)
    if form.is_valid():
        try:
            withdraw_task(task, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        except TaskRefusal as refusal:
            messages.info(request, str(refusal))
        else:
            messages.success(request, "专项工作已撤回，各支部的清单将随之更新。")
        return redirect("reminders:task_detail", task.pk)
    context = {"task": task, "form": form, "summary": task_summaries([task])[0]}
    status = INVALID if form.is_bound else 200
    return render(request, "reminders/task_withdraw.html", context, status=status)
