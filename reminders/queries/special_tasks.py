"""Reading special tasks: the list, who has done one, and what else is asked in the same days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from accounts.models import User
from branches.models import Organisation
from periods.calendars import WorkCalendar
from periods.months import Month, month_range
from periods.occurrences import occurrences
from periods.rule_parts import read_day
from periods.rules import rule_label
from reminders.buckets import Bucket, bucket_of
from reminders.models import ActionVersion, ReminderItem, SpecialTask, StudyPack
from reminders.queries.catalogue import CatalogueRow, catalogue_rows, line_paths
from reminders.rules import SETTLED_STATES, ConditionCode

# Codes of the actions that special tasks are; what follows is the token of the form.
CODE_PREFIX = "task-"
# A window longer than a year is compared with its first year only.
COMPARED_MONTHS = 12


@dataclass(frozen=True)
class Demand:
    """Something else that is asked of a branch in the same days."""

    name: str
    due_on: date
    minutes: int
    special: bool


def sendable_targets(organisation: Organisation, *, on: date) -> QuerySet[Organisation]:
    return Organisation.objects.within(organisation).branches().active(on=on).in_tree_order()


def was_sent(token: str) -> bool:
    """Whether the form with this token has made its task already."""
    return SpecialTask.objects.filter(action__code=CODE_PREFIX + token).exists()


def packs_for(organisation: Organisation) -> QuerySet[StudyPack]:
    """Packs in use that everybody below the organisation can open."""
    paths = line_paths(organisation)
    return StudyPack.objects.in_use().filter(organisation__path__in=paths).order_by("title", "pk")


def tasks_for_list(user: User, *, on: date) -> QuerySet[SpecialTask]:
    """Tasks of one's organisations, the latest first."""
    return (
        SpecialTask.objects.permitted_to(user, "reminders.view_overview", on=on)
        .select_related("action__organisation", "sent_by", "pack")
        .order_by("-sent_at", "-pk")
    )


@dataclass(frozen=True)
class TaskSummary:
    """One task in words and numbers."""

    task: SpecialTask
    name: str
    window: str
    minutes: int
    targets: int
    done: int


def task_summaries(tasks: Iterable[SpecialTask]) -> list[TaskSummary]:
    """Name, window and counts of these tasks. Three queries."""
    chosen = list(tasks)
    actions = [task.action_id for task in chosen]
    versions = {v.action_id: v for v in ActionVersion.objects.filter(action__in=actions).order_by("pk")}
    settled = ReminderItem.objects.filter(action__in=actions, state__in=sorted(SETTLED_STATES))
    done = dict(settled.values_list("action").annotate(n=Count("pk")))
    sent = SpecialTask.targets.through.objects.filter(specialtask__in=chosen)
    targets = dict(sent.values_list("specialtask").annotate(n=Count("pk")))
    return [
        TaskSummary(
            task=task,
            name=versions[task.action_id].name,
            window=rule_label(versions[task.action_id].due_rule).removesuffix("，一次性"),
            minutes=versions[task.action_id].minutes,
            targets=targets.get(task.pk, 0),
            done=done.get(task.action_id, 0),
        )
        for task in chosen
    ]


@dataclass(frozen=True)
class TargetRow:
    organisation: Organisation
    item: ReminderItem | None
    bucket: Bucket | None


def target_rows(task: SpecialTask, *, on: date) -> list[TargetRow]:
    """Each organisation the task was sent to with its item; None until the refresh has listed it."""
    items = ReminderItem.objects.filter(action=task.action_id).select_related("version")
    by_place = {item.organisation_id: item for item in items}
    return [_target_row(place, by_place.get(place.pk), on) for place in task.targets.in_tree_order()]


def _target_row(place: Organisation, item: ReminderItem | None, on: date) -> TargetRow:
    return TargetRow(place, item, bucket_of(item.state, item.due_on, on=on) if item else None)


def is_settled(row: TargetRow) -> bool:
    return row.item is not None and row.item.state in SETTLED_STATES


def same_window(
    organisation: Organisation,
    targets: Sequence[Organisation],
    *,
    start: date,
    end: date,
    calendar: WorkCalendar,
    on: date,
    rows: Sequence[CatalogueRow] | None = None,
) -> list[Demand]:
    """Adopted actions that stand on the lists in these days, and other special tasks that share a target.

    An action stands on the list from its first reminder day to the day it is due. `rows`: the catalogue of
    the organisation, where the caller has read it already.
    """
    catalogue = catalogue_rows(organisation, on=on) if rows is None else rows
    last = min(Month.of(end), Month.of(start).plus(COMPARED_MONTHS - 1))
    months = list(month_range(Month.of(start), last))
    found = {
        (row.version.name, occurrence.due_on): Demand(
            row.version.name, occurrence.due_on, row.version.minutes, special=False
        )
        for row in catalogue
        if row.is_adopted and ConditionCode.GENERAL_BRANCH not in row.version.applies_when
        for month in months
        for occurrence in occurrences(row.version.due_rule, month=month, calendar=calendar)
        if occurrence.remind_on <= end and occurrence.due_on >= start
    }
    demands = [*found.values(), *_other_tasks(targets, start, end)]
    return sorted(demands, key=lambda demand: (demand.due_on, demand.name))


def _other_tasks(targets: Sequence[Organisation], start: date, end: date) -> list[Demand]:
    """Standing tasks whose window shares a day with this one."""
    versions = ActionVersion.objects.filter(
        action__special_task__withdrawn_at=None, action__special_task__targets__in=targets
    )
    found = []
    for version in versions.distinct():
        since, until = read_day(version.due_rule.get("start")), read_day(version.due_rule.get("end"))
        if since <= end and until >= start:
            found.append(Demand(version.name, until, version.minutes, special=True))
    return found


def notice_workdays(*, on: date, end: date, calendar: WorkCalendar) -> int:
    """Workdays a branch has from tomorrow to the last day."""
    return calendar.workdays_between(on, end) - int(calendar.is_workday(on)) if end >= on else 0
