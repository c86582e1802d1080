"""What a month demands, computed once for each place where something is decided, not once for each branch.

A plan line says: where this condition is met, there is an item with these dates. SQL joins the lines with
the branches that meet the condition (reminders/sql/).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from branches.models import BusySeason, Organisation
from periods import occurrences as periodic
from periods.calendars import WorkCalendar
from periods.events import event_numbers, event_occurrence, known_ahead, own_deadline
from periods.months import Month
from periods.occurrences import Occurrence
from periods.rule_parts import PER_BRANCH, Kind, read_day, read_kind
from reminders.models import ActionVersion, SpecialTask
from reminders.queries.anchors import (
    CHECKED_FOR,
    FACT_OF_ACTION,
    HEADCOUNT,
    MADE_FOR,
    OWN_DEADLINES,
    UNPENDING,
    anchor_day,
)
from reminders.queries.effective import Catalogue, EffectiveAction
from reminders.queries.facts import CONDITION_ENDED, NOT_OF_BRANCHES, ONE_A_BRANCH, TASK_PREFIX, task_fact
from reminders.queries.settling import REPEATED, settling_key
from reminders.rules import EVENT_PERIOD

# Where nobody decided anything: the shipped catalogue as it is.
ROOT_SCOPE = 0
_STOPPED = "事项已停用"
_EVENT_ENDED = "相关事件已更正或办结"
_PERSON_CHANGED = "此人身份已变化，不再适用"
_CONDITION_CHANGED = "适用条件已不满足"
# As long as ListChange.reason.
_REASON_LENGTH = 200
_TASK_WITHDRAWN = "专项工作已撤回"
_TASK_NOT_SENT = "已不在专项工作发送范围内"


@dataclass(frozen=True, slots=True)
class Moment:
    """Which month is refreshed, and from which day it is looked at.

    Conditions are asked as of `as_of`, a day of the month; events as they stand on the day of the run,
    because a matter already settled needs no reminder.
    """

    month: Month
    on: date

    @property
    def as_of(self) -> date:
        return min(max(self.on, self.month.first), self.month.last)

    @property
    def is_current(self) -> bool:
        return self.on in self.month

    @property
    def is_ahead(self) -> bool:
        return self.on < self.month.first

    def deciding_day(self, opens_on: date) -> date:
        """The day whose version holds: the opening, or a later change up to the day looked from."""
        return max(self.as_of, min(opens_on, self.month.last))

    def opens(self, occurrence: Occurrence) -> bool:
        """Whether its window has opened by the end of the month; ahead only what the month itself opens."""
        since = self.month.first if self.is_ahead else date.min
        return since <= occurrence.opens_on <= self.month.last


@dataclass(frozen=True, slots=True)
class Scope:
    """A place of the tree where something is decided, and the busy seasons that hold there."""

    pk: int
    path: str
    busy: tuple[periodic.BusySeason, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Alternatives that make an action apply, for the branch or for each person they name."""

    facts: tuple[str, ...]
    per_person: bool = False

    @property
    def is_fact(self) -> bool:
        """Whether the rows of the one fact serve as they are, already one for each branch or person."""
        return len(self.facts) == 1 and (self.per_person or self.facts[0] in ONE_A_BRANCH)

    @property
    def name(self) -> str:
        return (
            self.facts[0]
            if self.is_fact
            else f"{'each' if self.per_person else 'any'}:{'|'.join(self.facts)}"
        )

    @property
    def any_kind(self) -> bool:
        """Whether it may be met by an organisation that is no branch."""
        first = self.facts[0]
        somewhere = first in OWN_DEADLINES or first.startswith(TASK_PREFIX)
        return somewhere or not NOT_OF_BRANCHES.isdisjoint(self.facts)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A day on which events of one kind stand, and the months to add to it."""

    on: date
    shift: int = 0


@dataclass(frozen=True, slots=True)
class PlanLine:
    scope: int
    version: ActionVersion
    condition: Condition
    period: str
    occurrence: Occurrence
    creatable: bool
    party_day: int | None = None
    anchor_on: date | None = None
    shift: int = 0
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an open item of an action goes, if it goes; items opened before `opens_from` stay anyway.

    `settles` is the key of the facts that close it (reminders.queries.settling), `repeated` whether they may
    while it is still demanded; `by` is the user who decided that it goes.
    """

    scope: int
    action: int
    text: str
    opens_from: date | None = None
    settles: str = ""
    repeated: bool = False
    by: int | None = None


def _explained(words: str, given: str) -> str:
    """The fixed words and what a person gave as reason, as long as the list can hold."""
    return f"{words}：{given}"[:_REASON_LENGTH] if given else words


def _stopped(scope: Scope, action: int, turn: EffectiveAction | None) -> Reason:
    """Switched off by somebody, or never adopted there."""
    if turn is None:
        return Reason(scope.pk, action, _STOPPED)
    return Reason(scope.pk, action, _explained(_STOPPED, turn.reason), by=turn.made_by)


def condition_of(version: ActionVersion) -> Condition:
    """An event action applies where its event is pending; the others where an alternative is true."""
    rule = version.due_rule
    if read_kind(rule) is Kind.EVENT_OFFSET:
        anchor = FACT_OF_ACTION.get(version.action.code, str(rule.get("anchor")))
        return Condition((anchor,), per_person=True)
    return Condition(tuple(sorted(set(version.applies_when))), per_person=bool(rule.get("per_person")))


def read_scopes(catalogue: Catalogue) -> list[Scope]:
    """The root and every organisation that owns a version, an adoption or a busy season. One query."""
    owners: dict[int, Organisation] = catalogue.deciders()
    seasons: dict[str, list[periodic.BusySeason]] = defaultdict(list)
    for row in BusySeason.objects.select_related("organisation").order_by("pk"):
        owners[row.organisation_id] = row.organisation
        seasons[row.organisation.path].append(periodic.BusySeason(row.starts, row.ends))
    places = {ROOT_SCOPE: "", **{pk: owner.path for pk, owner in owners.items()}}
    return [Scope(pk, path, nearest_seasons(seasons, path)) for pk, path in places.items()]


def nearest_seasons(
    seasons: Mapping[str, Sequence[periodic.BusySeason]], path: str
) -> tuple[periodic.BusySeason, ...]:
    """The seasons that hold for a path: those of the nearest organisation that has any."""
    holding = max((place for place in seasons if path.startswith(place)), key=len, default=None)
    return tuple(seasons[holding]) if holding is not None else ()


@dataclass(frozen=True, slots=True)
class Task:
    """A special task with its versions; withdrawn ones stay to say why their items go."""

    action: int
    versions: tuple[ActionVersion, ...]
    withdrawn: bool
    withdrawn_reason: str = ""

    @property
    def condition(self) -> Condition:
        return Condition((task_fact(self.action),), per_person=True)

    def version_on(self, day: date) -> ActionVersion:
        """The version in force; before the first one begins, the first."""
        begun = [version for version in self.versions if version.valid_from <= day]
        return begun[-1] if begun else self.versions[0]

    @property
    def why_gone(self) -> str:
        return _explained(_TASK_WITHDRAWN, self.withdrawn_reason) if self.withdrawn else _TASK_NOT_SENT

    def ends(self) -> date:
        return max(read_day(version.due_rule.get("end")) for version in self.versions)


def read_tasks(on: date) -> list[Task]:
    """Special tasks whose window or withdrawal is not long past. Two queries."""
    rows_sent = SpecialTask.objects.order_by("pk").values_list(
        "action_id", "withdrawn_at", "withdrawn_reason"
    )
    sent = {action: (withdrawn_at, reason) for action, withdrawn_at, reason in rows_sent}
    versions: dict[int, list[ActionVersion]] = defaultdict(list)
    rows = ActionVersion.objects.filter(action__special_task__isnull=False).order_by("valid_from", "pk")
    for version in rows.only("action", "valid_from", "due_rule", "minutes"):
        versions[version.action_id].append(version)
    oldest = on - CHECKED_FOR
    tasks = []
    for pk, some in versions.items():
        taken, reason = sent.get(pk, (None, ""))
        task = Task(pk, tuple(some), taken is not None, reason)
        if task.ends() >= oldest or (taken and taken.date() >= oldest):
            tasks.append(task)
    return tasks


class Planner:
    """Plan lines of one month; the same rule on the same days is computed once."""

    def __init__(
        self, moment: Moment, *, catalogue: Catalogue, tasks: Sequence[Task], calendar: WorkCalendar
    ) -> None:
        self.moment = moment
        self.catalogue = catalogue
        self.tasks = tasks
        self.calendar = calendar
        self._known: dict[tuple[Any, ...], list[Occurrence]] = {}

    def versions(self, scope: Scope) -> Iterator[ActionVersion]:
        """Every version that may hold in the scope at some day of the month."""
        until = max(self.moment.as_of, self.moment.month.last)
        for action in self.catalogue.actions:
            for turn in self.catalogue.turns(action, scope.path, self.moment.as_of, until):
                yield turn.version

    def conditions(self, scopes: Iterable[Scope]) -> set[Condition]:
        return {condition_of(version) for scope in scopes for version in self.versions(scope)}

    def lines(
        self,
        scope: Scope,
        *,
        party_days: Iterable[int | None],
        anchors: Mapping[str, Sequence[Anchor]],
    ) -> Iterator[PlanLine]:
        for version in self.versions(scope):
            if read_kind(version.due_rule) is Kind.EVENT_OFFSET:
                found = self._event_lines(scope, version, anchors)
            else:
                found = self._periodic_lines(scope, version, party_days)
            yield from (line for line in found if self._holds(scope, line))
        yield from self._task_lines(scope)

    def _task_lines(self, scope: Scope) -> Iterator[PlanLine]:
        for task in self.tasks:
            if task.withdrawn:
                continue
            version = task.version_on(self.moment.as_of)
            for found in self._occurrences(version, None, ()):
                # A task of a coming month is on that month's list from the day it is sent.
                coming = self.moment.is_current and found.opens_on > self.moment.month.last
                creatable = coming or self._creatable(found)
                yield PlanLine(scope.pk, version, task.condition, found.key, found, creatable)

    def reasons(self, scope: Scope) -> Iterator[Reason]:
        """For every action, wherever it exists: why an item that is no longer demanded goes."""
        for action in self.catalogue.actions:
            turn = self.catalogue.decide(action, scope.path, self.moment.as_of)
            if turn is None or not turn.is_adopted:
                yield _stopped(scope, action, turn)
            else:
                yield self._reason(scope, turn.version)
        for task in self.tasks:
            yield Reason(scope.pk, task.action, task.why_gone)

    def _reason(self, scope: Scope, version: ActionVersion) -> Reason:
        condition, code = condition_of(version), version.action.code
        key, repeated = settling_key(code, version.due_rule), code in REPEATED
        if read_kind(version.due_rule) is Kind.EVENT_OFFSET:
            checked = self.moment.on - CHECKED_FOR if condition.facts[0] in UNPENDING else None
            return Reason(scope.pk, version.action_id, _EVENT_ENDED, checked, key, repeated)
        if condition.per_person:
            return Reason(scope.pk, version.action_id, _PERSON_CHANGED, None, key, repeated)
        known = CONDITION_ENDED.get(condition.facts[0]) if len(condition.facts) == 1 else None
        return Reason(scope.pk, version.action_id, known or _CONDITION_CHANGED)

    def _periodic_lines(
        self, scope: Scope, version: ActionVersion, party_days: Iterable[int | None]
    ) -> Iterator[PlanLine]:
        by_branch = version.due_rule.get("fixed_day") == PER_BRANCH
        condition = condition_of(version)
        for day in sorted({day or 0 for day in party_days}) if by_branch else [None]:
            for found in self._occurrences(version, day or None, scope.busy):
                creatable = self._creatable(found)
                yield PlanLine(scope.pk, version, condition, found.key, found, creatable, party_day=day)

    def _event_lines(
        self, scope: Scope, version: ActionVersion, anchors: Mapping[str, Sequence[Anchor]]
    ) -> Iterator[PlanLine]:
        condition = condition_of(version)
        for anchor in anchors.get(condition.name, ()):
            day = anchor_day(condition.facts[0], anchor.on, anchor.shift)
            recent = condition.facts[0] not in UNPENDING or day >= self.moment.on - MADE_FOR
            # Known before its day (headcount.sql): the time before it is there to prevent it.
            ahead = condition.facts[0] == HEADCOUNT and not anchor.shift
            for number, found in self._turns(version, day, ahead=ahead):
                yield PlanLine(
                    scope.pk,
                    version,
                    condition,
                    EVENT_PERIOD,
                    found,
                    recent and self.moment.opens(found),
                    anchor_on=anchor.on,
                    shift=anchor.shift,
                    suffix=f":{number}" if number else "",
                )

    def _turns(self, version: ActionVersion, day: date, *, ahead: bool) -> list[tuple[int, Occurrence]]:
        """Of a repeated duty the turns open in the month; of a single one the only turn, whenever it is."""
        rule = known_ahead(version.due_rule) if ahead else version.due_rule
        if rule.get("anchor") in OWN_DEADLINES:
            rule = own_deadline(rule)
        days = self.calendar
        numbers = event_numbers(rule, day, self.moment.month, calendar=days) if rule.get("every") else [0]
        return [(n, event_occurrence(rule, anchor=day, calendar=days, number=n)) for n in numbers]

    def _occurrences(
        self, version: ActionVersion, day: int | None, busy: tuple[periodic.BusySeason, ...]
    ) -> list[Occurrence]:
        """Those of the month; what comes once is given at any time, because a later end moves its items."""
        key = (version.pk, day, busy)
        if key not in self._known:
            rule = version.due_rule
            once = read_kind(rule) is Kind.ONE_OFF
            month = Month.of(read_day(rule.get("start"))) if once else self.moment.month
            self._known[key] = periodic.occurrences(
                rule, month=month, calendar=self.calendar, fixed_day=day, busy=busy
            )
        return self._known[key]

    def _creatable(self, found: Occurrence) -> bool:
        return self.moment.opens(found) and found.overlaps(self.moment.month)

    def _holds(self, scope: Scope, line: PlanLine) -> bool:
        day = self.moment.deciding_day(line.occurrence.opens_on)
        turn = self.catalogue.decide(line.version.action_id, scope.path, day)
        return turn is not None and turn.is_adopted and turn.version.pk == line.version.pk
