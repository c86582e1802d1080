"""Writes of special tasks: sent once to chosen organisations, withdrawn with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Organisation
from periods.rules import check_rule
from reminders.actions.catalogue import CatalogueRefusal, switch_off_action
from reminders.actions.demands import DemandRefusal, end_demand
from reminders.actions.telling_keepers import tell_task_sent, tell_task_withdrawn
from reminders.demand_rules import DemandKind, DemandSource
from reminders.frequency import Cadence
from reminders.models import Action, ActionVersion, OutsideDemand, SpecialTask, StudyPack
from reminders.queries.demand_lint import DemandWarning
from reminders.queries.demands import DemandLine, effect_words
from reminders.queries.special_tasks import CODE_PREFIX
from reminders.rules import ActionKind, Category, ConditionCode
from reminders.wording import local_basis


class TaskRefusal(Exception):
    """A special task is refused; str() is the sentence for the reader."""


class NoTargets(TaskRefusal):
    def __init__(self) -> None:
        super().__init__("请至少选择一个支部。")


class ForeignTarget(TaskRefusal):
    def __init__(self) -> None:
        super().__init__("所选支部中有不在您权限范围内的，请重新选择。")


class WindowOver(TaskRefusal):
    def __init__(self) -> None:
        super().__init__("截止日期已经过去，请选今天或以后的日期。")


class TaskAlreadySent(TaskRefusal):
    def __init__(self) -> None:
        super().__init__("这项专项工作已经发送，不用再发一次。")


class ReplacedGone(TaskRefusal):
    def __init__(self) -> None:
        super().__init__("要替代的事项刚刚有变化，没有发送；请重新选择。")


class TaskAlreadyWithdrawn(TaskRefusal):
    def __init__(self) -> None:
        super().__init__("这项专项工作已经撤回。")


@dataclass(frozen=True)
class TaskData:
    """What one special task asks. `token` makes sending it twice impossible."""

    token: str
    name: str
    why: str
    start: date
    end: date
    minutes: int
    record_kind: str
    steps: Sequence[str] = field(default_factory=tuple)
    pack: StudyPack | None = None
    demand_kind: str = DemandKind.TASK

    @property
    def due_rule(self) -> dict[str, str]:
        return {"kind": "one_off", "start": self.start.isoformat(), "end": self.end.isoformat()}


@dataclass(frozen=True)
class SentOver:
    """What the sender was told, why it is sent all the same, and what it replaces."""

    warnings: Sequence[DemandWarning] = ()
    reason: str = ""
    replaces: DemandLine | None = None


@transaction.atomic
def send_task(
    organisation: Organisation,
    *,
    data: TaskData,
    targets: Iterable[Organisation],
    by: User,
    on: date,
    over: SentOver | None = None,
) -> SpecialTask:
    """Send a task from this organisation to organisations at or below it; what it replaces ends with it.

    Raises TaskAlreadySent, NoTargets, ForeignTarget, WindowOver, ReplacedGone, and InvalidDueRule for a
    window that ends before it starts.
    """
    over = over or SentOver()
    chosen = list(targets)
    check_rule(data.due_rule)
    _refuse_targets(organisation, chosen)
    if data.end < on:
        raise WindowOver
    action = _make_action(organisation, data, by=by, on=on)
    task = SpecialTask.objects.create(
        action=action,
        pack=data.pack,
        sent_by=by,
        demand_kind=data.demand_kind,
        warnings=[warning.stored for warning in over.warnings],
        sent_over_reason=over.reason,
        replaces=_replaced(over.replaces),
    )
    task.targets.set(chosen)
    detail = {
        "name": data.name,
        "targets": sorted(target.code for target in chosen),
        "minutes": data.minutes * len(chosen),
        **_over_detail(over),
    }
    audit.record("reminders.task_sent", by=by, target=action, detail=detail)
    if over.replaces:
        _end_replaced(over.replaces, organisation, name=data.name, by=by, on=on)
    mark_targets(task)
    tell_task_sent(task, name=data.name, due_on=data.end, on=on, now=timezone.now())
    return task


@transaction.atomic
def withdraw_task(task: SpecialTask, *, reason: str, by: User, at: datetime) -> SpecialTask:
    """Take the task back; what is done stays done. Raises TaskAlreadyWithdrawn."""
    changed = SpecialTask.objects.filter(pk=task.pk, withdrawn_at=None).update(
        withdrawn_at=at, withdrawn_reason=reason
    )
    if not changed:
        raise TaskAlreadyWithdrawn
    audit.record("reminders.task_withdrawn", by=by, target=task.action, detail={"reason": reason})
    mark_targets(task)
    on = timezone.localdate(at)
    name = task.action.versions.order_by("-pk").values_list("name", flat=True)[0]
    tell_task_withdrawn(task, name=name, reason=reason, by=by, on=on, now=at)
    task.refresh_from_db()
    return task


def _replaced(line: DemandLine | None) -> dict[str, str]:
    return {"key": line.key, "name": line.name, "words": effect_words(line)} if line else {}


def _over_detail(over: SentOver) -> dict[str, object]:
    """What the log keeps of it; nothing where nothing was said."""
    found: dict[str, object] = {}
    if over.warnings:
        found |= {"warnings": [warning.code for warning in over.warnings], "reason": over.reason}
    if over.replaces:
        found["replaces"] = over.replaces.key
    return found


def _end_replaced(line: DemandLine, organisation: Organisation, *, name: str, by: User, on: date) -> None:
    """End what the sender named, each in its own way. Raises ReplacedGone."""
    reason = f"由“{name}”替代"
    try:
        if line.source is DemandSource.OUTSIDE:
            demand = OutsideDemand.objects.get(pk=line.ref, organisation=organisation, own=True)
            end_demand(demand, until=on, reason=reason, by=by, on=on)
        elif line.source is DemandSource.TASK:
            task = SpecialTask.objects.get(pk=line.ref, action__organisation=organisation)
            withdraw_task(task, reason=reason, by=by, at=timezone.now())
        else:
            action = Action.objects.get(code=line.ref, kind=ActionKind.LOCAL, organisation=organisation)
            switch_off_action(action, organisation=organisation, valid_from=on, reason=reason, by=by, on=on)
    except (ObjectDoesNotExist, DemandRefusal, CatalogueRefusal, TaskAlreadyWithdrawn) as gone:
        raise ReplacedGone from gone


def mark_targets(task: SpecialTask) -> None:
    """Have the refresh look at once at the organisations the task was sent to."""
    mark_changed(task.targets.values_list("pk", flat=True))


def _refuse_targets(organisation: Organisation, chosen: Sequence[Organisation]) -> None:
    if not chosen:
        raise NoTargets
    if not all(target.path.startswith(organisation.path) for target in chosen):
        raise ForeignTarget


def _make_action(organisation: Organisation, data: TaskData, *, by: User, on: date) -> Action:
    action, made = Action.objects.get_or_create(
        code=CODE_PREFIX + data.token,
        defaults={"kind": ActionKind.SPECIAL_TASK, "organisation": organisation},
    )
    if not made:
        raise TaskAlreadySent
    ActionVersion.objects.create(
        action=action,
        organisation=organisation,
        # Valid with its window, also when that began before today.
        valid_from=min(on, data.start),
        name=data.name,
        category=Category.SPECIAL,
        cadence=Cadence.ONCE,
        basis_level="company_practice",
        due_rule=data.due_rule,
        applies_when=[ConditionCode.ALL.value],
        legal_basis=local_basis(data.why),
        steps=list(data.steps),
        minutes=data.minutes,
        record_kind=data.record_kind,
        made_by=by,
    )
    return action
