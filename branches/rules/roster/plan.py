"""What a roster would change: every row matched to a person, and its outcome. Nothing is written here."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from branches.rules.people import Event, EventError, membership_spans
from branches.rules.roster.changes import Change, RowRefused, changed_fields, new_fields
from branches.rules.roster.columns import Key
from branches.rules.roster.history import BY_HAND, History, first_events, later_events
from branches.rules.roster.match import Matches, match_rows
from branches.rules.roster.people import Person, Place, Places, standing_of
from branches.rules.roster.rows import RosterRow
from ledgers.sheets.cells import CellProblem

Tick = Callable[[int], None]
EVERY = 200


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(frozen=True)
class Known:
    """What is registered already, as the planning needs it.

    `places` are the branches the roster may name; `people` everybody it may touch; `foreign_codes` and
    `foreign_numbers` those of its codes and id numbers that belong to somebody out of reach.
    """

    places: Sequence[Place]
    people: Sequence[Person]
    foreign_codes: frozenset[str] = frozenset()
    foreign_numbers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PlannedRow:
    """One row with what it would do. `fields` are values of the person by name, `id_number` in full."""

    row: RosterRow
    outcome: Outcome
    person: int | None = None
    place: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    history: History = field(default_factory=History)
    problems: tuple[CellProblem, ...] = ()


@dataclass(frozen=True)
class Missing:
    """A person of the scope whom the file does not name; never touched."""

    pk: int
    code: str
    name: str
    place: str


@dataclass(frozen=True)
class Plan:
    rows: tuple[PlannedRow, ...]
    missing: tuple[Missing, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(row.outcome for row in self.rows)
        return {outcome.value: found[outcome] for outcome in Outcome}

    @property
    def problems(self) -> list[CellProblem]:
        return [problem for row in self.rows for problem in row.problems]

    def of(self, outcome: Outcome) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome is outcome]


def plan_roster(
    rows: Sequence[RosterRow], known: Known, *, day: date, tick: Tick = lambda done: None
) -> Plan:
    """Plan every row; `tick(done)` is called now and then, and what it raises stops the work."""
    places, people = Places(known.places), {person.pk: person for person in known.people}
    placed = [_placed(row, places, day) for row in rows]
    matches = match_rows(
        placed,
        known.people,
        day=day,
        foreign_codes=known.foreign_codes,
        foreign_numbers=known.foreign_numbers,
    )
    planned = []
    for n, (row, place) in enumerate(placed):
        planned.append(_planned(row, place, n, matches, people, places, day))
        if n % EVERY == 0:
            tick(n)
    return Plan(tuple(planned), tuple(_missing(known, places, matches.claimed, day)))


def _placed(row: RosterRow, places: Places, day: date) -> tuple[RosterRow, Place | None]:
    """The row with its branch; without one the row has a problem."""
    found = _place(row, places, day)
    if isinstance(found, Place):
        return row, found
    return replace(row, problems=(*row.problems, *([found] if found else []))), None


def _place(row: RosterRow, places: Places, day: date) -> Place | CellProblem | None:
    word = row.text(Key.ORGANISATION)
    if not word:
        return places.only  # without one the missing word is a problem of the row already
    named = places.named(word)
    if not named:
        return row.problem(
            Key.ORGANISATION, "不在这次导入的组织范围内", "请填写范围内党支部的名称或编号，或换一个组织导入"
        )
    if len(named) > 1:
        codes = "、".join(place.code for place in named)
        return row.problem(Key.ORGANISATION, f"有 {len(named)} 个党支部叫这个名称", f"请改填编号：{codes}")
    if not named[0].open_on(day):
        return row.problem(Key.ORGANISATION, f"在 {day:%Y-%m-%d} 尚未成立或已撤销", "请核对支部或名册日期")
    return named[0]


def _planned(
    row: RosterRow,
    place: Place | None,
    n: int,
    matches: Matches,
    people: dict[int, Person],
    places: Places,
    day: date,
) -> PlannedRow:
    person = people.get(matches.persons.get(n, 0))
    problems = (*row.problems, *matches.problems.get(n, ()))
    if problems or place is None:
        return PlannedRow(row, Outcome.ERROR, person.pk if person else None, problems=problems)
    try:
        return _known(row, place, person, places, day) if person else _new(row, place, day)
    except RowRefused as refused:
        problem = row.problem(refused.key, refused.reason, refused.advice)
    except EventError as refused:
        reason = str(refused).rstrip("。")
        problem = row.problem(Key.STATUS, reason, "已登记的变动可以在党员页面查看和更正")
    return PlannedRow(row, Outcome.ERROR, person.pk if person else None, problems=(problem,))


def _new(row: RosterRow, place: Place, day: date) -> PlannedRow:
    history = first_events(row, place, day)
    _refuse_unlike(row, place, history.events, day)
    return PlannedRow(row, Outcome.NEW, None, place.pk, new_fields(row), history=history)


def _known(row: RosterRow, place: Place, person: Person, places: Places, day: date) -> PlannedRow:
    fields, changes = changed_fields(row, person)
    history, moved = later_events(row, place, person, places, day)
    if history.events:
        _refuse_unfitting(row, place, person, history, day)
    all_changes = (*changes, *moved)
    outcome = Outcome.CHANGED if all_changes else Outcome.UNCHANGED
    return PlannedRow(row, outcome, person.pk, place.pk, fields, all_changes, history)


def _refuse_unfitting(row: RosterRow, place: Place, person: Person, history: History, day: date) -> None:
    """Raises EventError, RowRefused when the events would not fit those that stand."""
    standing = [k.event for k in person.events if k.pk not in history.corrected]
    _refuse_doubles(standing, history.events)
    _refuse_unlike(row, place, [*standing, *history.events], day)


def _refuse_unlike(row: RosterRow, place: Place, events: Sequence[Event], day: date) -> None:
    """What is written must make the roster true on its day: later events may have another say."""
    found = standing_of(membership_spans(events), day)
    if found is None or found.place != place.pk:
        key = Key.SINCE if Key.SINCE in row.values else Key.ORGANISATION
        raise RowRefused(key, f"按已登记的变动，此人 {day} 不在这个支部", BY_HAND)
    if found.status is not row.status:
        raise RowRefused(Key.STATUS, f"按已登记的变动，此人 {day} 是{found.status.label}", BY_HAND)


def _refuse_doubles(standing: Iterable[Event], added: Iterable[Event]) -> None:
    taken = {(event.kind, event.on) for event in standing}
    for event in added:
        if (event.kind, event.on) in taken:
            raise EventError(f"{event.on:%Y-%m-%d} 的“{event.kind.label}”已经登记过。")


def _missing(known: Known, places: Places, claimed: frozenset[int], day: date) -> Iterator[Missing]:
    for person in known.people:
        standing = person.standing(day) if person.pk not in claimed else None
        if standing and standing.place in places.by_pk:
            yield Missing(person.pk, person.code, person.name, places.by_pk[standing.place].name)
