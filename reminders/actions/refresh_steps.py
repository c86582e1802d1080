"""The steps of one refresh: what is demanded goes into working tables, the differences come out of them."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from branches.calendar import work_calendar
from branches.models.organisation import PATH_END
from branches.rules import (
    CaseState,
    ElectionStepKind,
    MemberStatus,
    OrganisationEventKind,
    OrganisationKind,
    Role,
)
from errorbank.rules import StepKind
from periods.months import Month, add_months
from reminders.actions.summaries import COUNTED_STATES, recount_touched
from reminders.actions.working_tables import WorkingTables, as_date, working_tables
from reminders.handover_rules import HandoverState
from reminders.models import RefreshRun
from reminders.queries.anchors import CHECKED_FOR, HEADCOUNT, STEP_ANCHORS, anchors, step_rows
from reminders.queries.effective import Catalogue, read_catalogue
from reminders.queries.errors import SENT_BACK
from reminders.queries.facts import FACT_COLUMNS, Limits, conditions, read_limits, task_rows
from reminders.queries.plan import (
    ROOT_SCOPE,
    Anchor,
    Condition,
    Moment,
    PlanLine,
    Planner,
    Reason,
    Scope,
    read_scopes,
    read_tasks,
)
from reminders.queries.settling import SETTLINGS
from reminders.rules import EVENT_PERIOD, ONCE_PERIOD, ChangeKind, ConditionCode, ItemState

# What candidates.sql says is to be done.
_MAKE, _MOVE, _RESTORE = 1, 2, 3
# Who answers for an item, the first that is there.
RESPONSIBLE = (Role.WORKER, Role.SECRETARY, Role.GENERAL_BRANCH_STAFF)
_PLAN_COLUMNS = (
    "plan_id",
    "scope_id",
    "name",
    "party_day",
    "anchor_on",
    "shift",
    "action_id",
    "version_id",
    "period",
    "suffix",
    "opens_on",
    "due_on",
    "remind_on",
    "calendar_known",
    "minutes",
    "creatable",
    "any_kind",
)
_REASON_COLUMNS = ("scope_id", "action_id", "reason", "settles", "repeated", "opens_from", "by_id")
_TOUCHED_COLUMNS = ("organisation_id", "first_on", "last_on")
_SETTLING_COLUMNS = ("settles", "source", "code", "words")


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """What one refresh did; unchanged counts items that were there and stay as they are."""

    month: Month
    created: int = 0
    moved: int = 0
    withdrawn: int = 0
    restored: int = 0
    carried_over: int = 0
    done: int = 0
    unchanged: int = 0
    branches: int = 0
    seconds: float = 0.0


def run_steps(run: RefreshRun, moment: Moment) -> RefreshResult:
    """Do the refresh that `run` stands for and write into it what was done. The caller holds the lock."""
    started = time.monotonic()
    limits = read_limits(moment.on)
    with working_tables(_values(run, moment, limits)) as tables:
        _demand(tables, run, moment, limits)
        result = _settle(tables, moment)
        recount_touched(tables)
    counts = ("created", "moved", "withdrawn", "restored", "carried_over", "done")
    RefreshRun.objects.filter(pk=run.pk).update(
        finished_at=timezone.now(), **{name: getattr(result, name) for name in counts}
    )
    return replace(result, seconds=round(time.monotonic() - started, 3))


def _values(run: RefreshRun, moment: Moment, limits: Limits) -> dict[str, Any]:
    """What the statements name; every word of a vocabulary comes from the models."""
    states = (*COUNTED_STATES, ItemState.WITHDRAWN)
    kinds = (OrganisationKind.BRANCH, OrganisationKind.JOINT_BRANCH, OrganisationKind.TEMPORARY_BRANCH)
    return {
        **{word.value: word.value for word in (*states, *kinds, *RESPONSIBLE)},
        "full": MemberStatus.FULL.value,
        "change_withdrawn": ChangeKind.WITHDRAWN.value,
        "event": EVENT_PERIOD,
        "once": ONCE_PERIOD,
        "as_of": moment.as_of,
        "first": moment.month.first,
        "last": moment.month.last,
        "month": moment.month.first,
        "path": run.scope.path if run.scope else "",
        "path_end": PATH_END,
        "root": ROOT_SCOPE,
        "on": moment.on,
        "checked": moment.on - CHECKED_FOR,
        "least": limits.least,
        "ongoing": CaseState.ONGOING.value,
        "completed": CaseState.COMPLETED.value,
        "elected": OrganisationEventKind.ELECTED.value,
        "report": ElectionStepKind.REPORT.value,
        "signed": HandoverState.SIGNED.value,
        "since": " 起正式党员剩 ",
        "already": " 起正式党员不足规定人数，现有 ",
        "people": f" 人，不足 {limits.least} 人",
        "people_now": " 人",
        "dissolved": "组织已撤销",
        "changed_rule": "时限已调整，本期不再适用",
        "special_task": "专项工作",
        "new_rule": "时限规则已调整",
        "new_event_day": "日期随事件变动",
        "new_days": "固定党日或工作日历调整",
        "applies_again": "重新适用",
        "fact_corrected": "登记已更正，恢复待办",
        "finding_returned": StepKind.RETURNED.value,
        "finding_expired": StepKind.EXPIRED.value,
        "sent_back": SENT_BACK,
        "goes_on": "暂缓到期，继续整改",
        "left": "此人已不在本支部，不再适用",
        "not_done": "到期未办，结转",
        "run": run.pk,
        "by": run.by_id,
        "at": connection.ops.adapt_datetimefield_value(run.started_at),
    }


# --- what is demanded ----------------------------------------------------------------------------


def _demand(tables: WorkingTables, run: RefreshRun, moment: Moment, limits: Limits) -> None:
    catalogue, tasks = read_catalogue(), read_tasks(moment.on)
    planner = Planner(moment, catalogue=catalogue, tasks=tasks, calendar=work_calendar())
    scopes = _place(tables, catalogue)
    sent = [task.action for task in tasks if not task.withdrawn]
    _gather(tables, run, moment, limits, planner.conditions(scopes), sent)
    _plan(tables, planner, scopes)
    tables.do("candidates")
    tables.do("index_candidates")
    tables.analyse("candidate")


def _place(tables: WorkingTables, catalogue: Catalogue) -> list[Scope]:
    """Put every organisation into its scope; returns the scopes in use."""
    scopes = read_scopes(catalogue)
    tables.fill("scope", ["scope_id"], [[scope.pk] for scope in scopes if scope.pk != ROOT_SCOPE])
    tables.do("branches")
    tables.analyse("branch")
    used = {row[0] for row in tables.rows("SELECT DISTINCT scope_id FROM refresh_branch")}
    return [scope for scope in scopes if scope.pk in used]


def _gather(
    tables: WorkingTables,
    run: RefreshRun,
    moment: Moment,
    limits: Limits,
    asked_for: Iterable[Condition],
    tasks: Sequence[int],
) -> None:
    """Collect the facts that are asked for, and from them the conditions that are more than a fact."""
    wanted = sorted(asked_for, key=lambda condition: condition.name)
    asked = {fact for condition in wanted for fact in condition.facts}
    selects = _selects(asked, run, moment, limits)
    tables.fill_from("fact", FACT_COLUMNS, [*selects, *([task_rows(tasks)] if tasks else [])])
    for fact, day in ((ConditionCode.HEADCOUNT_RISK.value, moment.as_of), (HEADCOUNT, moment.on)):
        if fact in asked:
            horizon = add_months(day, limits.horizon_months)
            tables.do("headcount", fact=fact, day=day, horizon=horizon)
    derived = [(c.name, fact, c.per_person) for c in wanted if not c.is_fact for fact in c.facts]
    tables.fill("condition", ["name", "fact", "per_person"], derived)
    tables.do("derive_facts")
    tables.analyse("fact")


def _selects(asked: set[str], run: RefreshRun, moment: Moment, limits: Limits) -> list[QuerySet[Any, Any]]:
    known, events = conditions(limits), anchors(limits)
    found = [(fact, known[fact](moment.as_of)) for fact in sorted(asked & known.keys())]
    found += [(fact, rows(moment.on)) for fact in sorted(asked & events.keys()) for rows in events[fact]]
    if asked & STEP_ANCHORS:
        found.append(("", step_rows(moment.on)))
    return [rows.select(fact, within=run.scope) for fact, rows in found]


def _plan(tables: WorkingTables, planner: Planner, scopes: Sequence[Scope]) -> None:
    party_days, days = _party_days(tables), _anchors(tables)
    lines: list[PlanLine] = []
    reasons: list[Reason] = []
    for scope in scopes:
        lines += planner.lines(scope, party_days=party_days[scope.pk], anchors=days[scope.pk])
        reasons += planner.reasons(scope)
    tables.fill("plan", _PLAN_COLUMNS, [(n, *_plan_row(line)) for n, line in enumerate(lines)])
    tables.fill("reason", _REASON_COLUMNS, [_told(each) for each in reasons])
    tables.analyse("plan")


def _plan_row(line: PlanLine) -> tuple[Any, ...]:
    dates = line.occurrence
    return (
        line.scope,
        line.condition.name,
        line.party_day,
        line.anchor_on,
        line.shift,
        line.version.action_id,
        line.version.pk,
        line.period,
        line.suffix,
        dates.opens_on,
        dates.due_on,
        dates.remind_on,
        dates.calendar_known,
        line.version.minutes,
        line.creatable,
        line.condition.any_kind,
    )


def _told(reason: Reason) -> tuple[Any, ...]:
    of_settling = (reason.settles, reason.repeated)
    return (reason.scope, reason.action, reason.text, *of_settling, reason.opens_from, reason.by)


def _party_days(tables: WorkingTables) -> dict[int, set[int]]:
    days: dict[int, set[int]] = defaultdict(set)
    for scope, day in tables.rows("SELECT DISTINCT scope_id, party_day FROM refresh_branch"):
        days[scope].add(day)
    return days


def _anchors(tables: WorkingTables) -> dict[int, dict[str, list[Anchor]]]:
    """The distinct days on which events stand: as many as a calendar has, however many branches there are."""
    found: dict[int, dict[str, list[Anchor]]] = defaultdict(lambda: defaultdict(list))
    for scope, name, on, shift in tables.rows(
        "SELECT DISTINCT b.scope_id, f.fact, f.anchor_on, f.shift FROM refresh_fact f"
        " JOIN refresh_branch b ON b.organisation_id = f.organisation_id WHERE f.anchor_on IS NOT NULL"
    ):
        found[scope][name].append(Anchor(as_date(on), shift))
    return found


# --- what is done about it -----------------------------------------------------------------------


def _settle(tables: WorkingTables, moment: Moment) -> RefreshResult:
    """Items that are there first, because the new ones stand in no candidate yet."""
    waiting = dict(tables.rows("SELECT todo, COUNT(*) FROM refresh_candidate GROUP BY todo"))
    branches = tables.number("SELECT COUNT(*) FROM refresh_branch WHERE is_active AND is_branch")
    moved = restored = done = withdrawn = carried_over = 0
    if moment.is_current and (waiting.get(_MOVE) or waiting.get(_RESTORE)):
        tables.hold("hold_items")
    if waiting.keys() & {_MAKE, _MOVE, _RESTORE}:
        tables.do("touch_candidates")
    if moment.is_current:
        moved = _change(tables, "note_moved", "move_items", ChangeKind.MOVED) if waiting.get(_MOVE) else 0
        if waiting.get(_RESTORE):
            restored = _change(tables, "note_restored", "restore_items", ChangeKind.RESTORED)
        done, withdrawn = _close(tables)
    created = _create(tables) if waiting.get(_MAKE) else 0
    if not moment.is_ahead:
        carried_over = tables.do("carry_over", kind=ChangeKind.CARRIED_OVER.value)
    return RefreshResult(
        moment.month,
        created=created,
        moved=moved,
        withdrawn=withdrawn,
        restored=restored,
        carried_over=carried_over,
        done=done,
        unchanged=sum(waiting.values()) - waiting.get(_MAKE, 0) - moved - restored,
        branches=branches,
    )


def _create(tables: WorkingTables) -> int:
    last = tables.number("SELECT COALESCE(MAX(id), 0) FROM reminders_reminderitem")
    tables.do("responsible_posts")
    tables.do("responsible_names")
    tables.do("insert_items")
    return tables.do("note_new", kind=ChangeKind.NEW.value, last_item=last)


def _change(tables: WorkingTables, note: str, change: str, kind: ChangeKind) -> int:
    """Note the difference while the old state is still there, then make it."""
    noted = tables.do(note, kind=kind.value)
    tables.do(change)
    return noted


def _close(tables: WorkingTables) -> tuple[int, int]:
    """What is done by a registered fact, then what nothing demands any more; returns how many of each."""
    tables.fill("touched", _TOUCHED_COLUMNS, tables.held_rows("release_items"))
    if not tables.do("waiting"):
        return 0, 0
    tables.fill("settling", _SETTLING_COLUMNS, [(s.key, s.source, s.code, s.words) for s in SETTLINGS])
    tables.do("index_waiting")
    tables.analyse("waiting")
    settled = tables.do("settled")
    done = _end(tables, "note_done", "finish_items", ChangeKind.DONE) if settled else 0
    return done, _end(tables, "note_withdrawn", "withdraw_items", ChangeKind.WITHDRAWN)


def _end(tables: WorkingTables, note: str, change: str, kind: ChangeKind) -> int:
    """Note the difference of those that nobody else is settling, then end them."""
    last = tables.number("SELECT COALESCE(MAX(id), 0) FROM reminders_listchange")
    noted = tables.hold(note, kind=kind.value)
    if noted:
        tables.do("touch_noted", kind=kind.value, last_change=last)
        tables.do(change, kind=kind.value, last_change=last)
    return noted
