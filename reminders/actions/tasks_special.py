"""Writes of special tasks: sent once to chosen organisations, withdrawn with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Organisation
from periods.rules import check_rule
from reminders.actions.telling_keepers import tell_task_sent, tell_task_withdrawn
from reminders.frequency import Cadence
from reminders.models import Action, ActionVersion, SpecialTask, StudyPack
from reminders.rules import ActionKind, Category, ConditionCode
from reminders.wording import local_basis

CODE_PREFIX = "task-"


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

    @property
    def due_rule(self) -> dict[str, str]:
        return {"kind": "one_off", "start": self.start.isoformat(), "end": self.end.isoformat()}


@transaction.atomic
def send_task(
    organisation: Organisation, *, data: TaskData, targets: Iterable[Organisation], by: User, on: date
) -> SpecialTask:
    """Send a task from this organisation to organisations at or below it.

    Raises TaskAlreadySent, NoTargets, ForeignTarget, WindowOver, and InvalidDueRule for a window that
    ends before it starts.
    """
    chosen = list(targets)
    check_rule(data.due_rule)
    _refuse_targets(organisation, chosen)
    if data.end < on:
        raise WindowOver
    action = _make_action(organisation, data, by=by, on=on)
    task = SpecialTask.objects.create(action=action, pack=data.pack, sent_by=by)
    task.targets.set(chosen)
    detail = {
        "name": data.name,
        "targets": sorted(target.code for target in chosen),
        "minutes": data.minutes * len(chosen),
    }
    audit.record("reminders.task_sent", by=by, target=action, detail=detail)
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
