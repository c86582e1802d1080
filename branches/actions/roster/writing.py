"""A plan into the database: everything or nothing, and in bulk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from branches.actions.facts import mark_changed
from branches.actions.groups import end_groups_of_who_left
from branches.actions.once import refused_when_taken
from branches.actions.personal_data import number_columns
from branches.actions.posts import end_posts_of_who_left
from branches.models import GroupSeat, Member, MemberEvent, Membership, Post
from branches.queries.tree import next_member_codes
from branches.rules import Event, EventKind, Refusal, Span, membership_spans
from branches.rules.roster.people import Person
from branches.rules.roster.plan import Known, Outcome, Plan, PlannedRow

T = TypeVar("T")

BATCH = 500
REASON = "名册导入更正"
BECAUSE = "roster"


class RosterChanged(Refusal):
    """What is registered is no longer what the preview was made over."""

    def __init__(self) -> None:
        super().__init__("核对之后，系统里的名册有了变化，请重新核对后再确认。")


class RosterHasErrors(Refusal):
    """Rows with errors are never written, and none of the others then."""

    def __init__(self, count: int) -> None:
        super().__init__(f"名册里还有 {count} 行需要修改，改好后请重新上传。")


@dataclass(frozen=True)
class _Written:
    """A person whose events change: the events that stand afterwards decide the spans."""

    member: int
    row: PlannedRow
    standing: list[Event]
    before: list[Span]


@transaction.atomic
def write_plan(plan: Plan, known: Known, *, by: User | None, today: date) -> None:
    """Write it in batches. Raises RosterHasErrors, RosterChanged; then nothing is written."""
    if errors := len(plan.of(Outcome.ERROR)):
        raise RosterHasErrors(errors)
    people = {person.pk: person for person in known.people}
    changed = plan.of(Outcome.CHANGED)
    with refused_when_taken(RosterChanged()):
        made = _register(plan.of(Outcome.NEW))
        _update(changed)
        touched = [_written(pk, row, people.get(pk)) for pk, row in (*made, *_moving(changed))]
        _enter(touched, by)
    _mark(touched, changed, people, today)
    _end_posts(touched, by, today)


def _moving(rows: Sequence[PlannedRow]) -> Iterator[tuple[int, PlannedRow]]:
    return ((row.person, row) for row in rows if row.person and row.history.events)


def _register(rows: Sequence[PlannedRow]) -> list[tuple[int, PlannedRow]]:
    """The new people; who has no code gets the next one."""
    given = [row.fields["code"] for row in rows if row.fields["code"]]
    free = iter(next_member_codes(len(rows) - len(given), besides=given))
    members = [Member(**_columns({**row.fields, "code": row.fields["code"] or next(free)})) for row in rows]
    made = Member.objects.bulk_create(members, batch_size=BATCH)
    return [(member.pk, row) for member, row in zip(made, rows, strict=True)]


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the columns hold them: the id number sealed and digested."""
    columns = {name: value for name, value in fields.items() if name != "id_number"}
    if number := fields.get("id_number"):
        columns |= number_columns(number)
    return columns


def _update(rows: Sequence[PlannedRow]) -> None:
    """One statement a batch: the whole rows over themselves, because only some columns differ in each."""
    for batch in _batches([row for row in rows if row.fields]):
        members = Member.objects.in_bulk([row.person for row in batch])
        names: set[str] = set()
        for row in batch:
            columns = _columns(row.fields)
            names |= columns.keys()
            for name, value in columns.items():
                setattr(members[row.person or 0], name, value)
        Member.objects.bulk_update(members.values(), sorted(names))


def _written(pk: int, row: PlannedRow, person: Person | None) -> _Written:
    known = person.events if person else ()
    standing = [k.event for k in known if k.pk not in row.history.corrected]
    return _Written(pk, row, [*standing, *row.history.events], person.spans if person else [])


def _enter(touched: Sequence[_Written], by: User | None) -> None:
    corrected = [pk for each in touched for pk in each.row.history.corrected]
    for batch in _batches(corrected):
        MemberEvent.objects.standing().filter(pk__in=batch).update(
            corrected_at=Now(), corrected_by=by, correction_reason=REASON
        )
    MemberEvent.objects.bulk_create(
        (
            MemberEvent(
                member_id=each.member,
                kind=event.kind,
                on=event.on,
                organisation_id=event.organisation,
                status=event.status or "",
                note=_note(event),
                entered_by=by,
            )
            for each in touched
            for event in each.row.history.events
        ),
        batch_size=BATCH,
    )
    _rebuild(touched)


def _note(event: Event) -> str:
    return "" if event.kind is EventKind.REGISTERED else "由名册导入"


def _rebuild(touched: Sequence[_Written]) -> None:
    known = [each.member for each in touched if each.before]
    for batch in _batches(known):
        Membership.objects.filter(member__in=batch).delete()
    Membership.objects.bulk_create(
        (
            Membership(
                member_id=each.member,
                organisation_id=span.organisation,
                status=span.status,
                since=span.since,
                until=span.until,
            )
            for each in touched
            for span in membership_spans(each.standing)
        ),
        batch_size=BATCH,
    )


def _mark(
    touched: Sequence[_Written], changed: Sequence[PlannedRow], people: Mapping[int, Person], today: date
) -> None:
    """Every branch concerned, before and after, marked once."""
    places = {row.place for row in changed}
    places |= {span.organisation for each in touched for span in each.before}
    places |= {span.organisation for each in touched for span in membership_spans(each.standing)}
    for row in changed:
        if standing := people[row.person or 0].standing(today):
            places.add(standing.place)
    mark_changed(places)


def _end_posts(touched: Sequence[_Written], by: User | None, today: date) -> None:
    """Posts and seats of who left a branch end as with any other event; few people hold one."""
    left = {
        each.member for each in touched if any(e.kind is EventKind.MOVED_OUT for e in each.row.history.events)
    }
    for batch in _batches(sorted(left)):
        held = Post.objects.filter(member__in=batch).exclude(until__lt=today)
        for member in Member.objects.filter(pk__in=held.values("member")).order_by("pk"):
            end_posts_of_who_left(member, by=by, because=BECAUSE, today=today)
        seats = GroupSeat.objects.filter(member__in=batch, until=None)
        for member in Member.objects.filter(pk__in=seats.values("member")).order_by("pk"):
            end_groups_of_who_left(member, by=by, because=BECAUSE)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[n : n + BATCH] for n in range(0, len(items), BATCH))
