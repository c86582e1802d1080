"""What was true on a past day: facts of organisations, and where people were.

Organisations keep their present facts in their rows; the dated events say what the facts were before.
Every function here costs a constant number of statements.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from branches.models import (
    CoveredUnit,
    GroupSeat,
    Member,
    MemberEvent,
    Membership,
    Organisation,
    OrganisationEvent,
    PartyGroup,
    Term,
)
from branches.rules import EventKind, MemberStatus, OrganisationEventKind


def events_of(organisation: Organisation) -> QuerySet[OrganisationEvent]:
    """Every fact ever entered, the latest first, the corrected ones among them; one statement."""
    found = OrganisationEvent.objects.filter(organisation=organisation)
    return found.select_related("entered_by", "corrected_by", "parent_before", "parent_after").order_by(
        "-on", "-pk"
    )


def names_on(organisations: Iterable[Organisation], *, on: date) -> dict[int, str]:
    """The names of that day by organisation id; one statement."""
    names = {o.pk: o.name for o in organisations}
    for event in _undone(names, OrganisationEventKind.RENAMED, on):
        names[event.organisation_id] = event.before
    return names


def name_on(organisation: Organisation, *, on: date) -> str:
    return names_on([organisation], on=on)[organisation.pk]


def parents_on(organisations: Iterable[Organisation], *, on: date) -> dict[int, int | None]:
    """The superior of that day by organisation id; one statement."""
    parents = {o.pk: o.parent_id for o in organisations}
    for event in _undone(parents, OrganisationEventKind.MOVED, on):
        parents[event.organisation_id] = event.parent_before_id
    return parents


def parent_on(organisation: Organisation, *, on: date) -> Organisation | None:
    found = parents_on([organisation], on=on)[organisation.pk]
    return Organisation.objects.filter(pk=found).first() if found else None


def _undone(
    organisations: Iterable[int], kind: OrganisationEventKind, on: date
) -> QuerySet[OrganisationEvent]:
    """Facts after that day, the latest first: undoing them in this order leads back to it."""
    later = OrganisationEvent.objects.standing().filter(kind=kind, on__gt=on)
    return later.filter(organisation__in=list(organisations)).order_by("-on", "-pk")


def units_on(organisation: Organisation, *, on: date) -> QuerySet[CoveredUnit]:
    begun = Q(since=None) | Q(since__lte=on)
    return organisation.units.filter(begun, Q(until=None) | Q(until__gt=on)).order_by("pk")


@dataclass(frozen=True)
class TermOn:
    """The term that ran on a day, with the end that was known on it."""

    elected_on: date
    ends_on: date
    extended: bool = False


def term_on(organisation: Organisation, *, on: date) -> TermOn | None:
    """An extension counts from the day it was decided; two statements."""
    term = organisation.terms.filter(elected_on__lte=on).order_by("-elected_on").first()
    if term is None:
        return None
    decided = _extensions(term).order_by("-on").values_list("on", flat=True).first()
    if term.extended_to and (decided is None or decided <= on):
        return TermOn(term.elected_on, term.extended_to, extended=True)
    return TermOn(term.elected_on, term.ends_on)


def _extensions(term: Term) -> QuerySet[OrganisationEvent]:
    return term.events.standing().filter(kind=OrganisationEventKind.TERM_EXTENDED)


@dataclass
class GroupOn:
    """One Party group with its people of a day."""

    group: PartyGroup
    leader: Member | None = None
    members: list[Member] = field(default_factory=list)


def groups_on(organisation: Organisation, *, on: date) -> list[GroupOn]:
    """Groups that existed on that day; two statements."""
    running = Q(until=None) | Q(until__gt=on)
    groups = organisation.party_groups.filter(running, since__lte=on).order_by("pk")
    found = {group.pk: GroupOn(group) for group in groups}
    seats = GroupSeat.objects.at(on).filter(group__in=found).select_related("member")
    for seat in seats.order_by("member__code"):
        found[seat.group_id].members.append(seat.member)
        if seat.leads:
            found[seat.group_id].leader = seat.member
    return list(found.values())


@dataclass(frozen=True)
class PlaceOn:
    """Status and branch of one person on a day, the branch with its name of that day."""

    status: MemberStatus
    organisation: Organisation
    organisation_name: str
    since: date


def place_on(member: Member, *, on: date) -> PlaceOn | None:
    """None on days on which the person belonged to no branch; two statements."""
    span = Membership.objects.at(on).filter(member=member).select_related("organisation").first()
    if span is None:
        return None
    return PlaceOn(
        MemberStatus(span.status), span.organisation, name_on(span.organisation, on=on), span.since
    )


@dataclass(frozen=True)
class TimelineEntry:
    """One event of a person as the page shows it."""

    event: MemberEvent
    planned: bool
    # Decided, and the relation has not arrived yet.
    in_flight: bool
    # What the person is from that day on; empty where the event changes neither status nor branch.
    becomes: str = ""


def timeline_of(
    events: Iterable[MemberEvent], spans: Iterable[Membership], *, on: date
) -> list[TimelineEntry]:
    """Events in the given order with what followed from them; no statement."""
    begun = {span.since: span for span in spans}
    ended = {span.until for span in begun.values()} - set(begun)
    return [_entry(event, begun, ended, on) for event in events]


_TRANSFERS = frozenset({EventKind.MOVED_OUT, EventKind.MOVED_IN})
_SILENT = frozenset({EventKind.TALKED, EventKind.TRAINED, EventKind.OATH_TAKEN, EventKind.REMINDER_NEEDED})


def _entry(
    event: MemberEvent, begun: dict[date, Membership], ended: set[date | None], on: date
) -> TimelineEntry:
    if event.corrected_at:
        return TimelineEntry(event, planned=False, in_flight=False)
    planned = event.on > on
    decided = event.announced_on is not None and event.announced_on <= on
    in_flight = planned and decided and event.kind in _TRANSFERS
    return TimelineEntry(event, planned, in_flight, _becomes(event, begun, ended))


def _becomes(event: MemberEvent, begun: dict[date, Membership], ended: set[date | None]) -> str:
    if event.kind in _SILENT:
        return ""
    if span := begun.get(event.on):
        return f"{span.organisation.name}，{span.get_status_display()}"
    return "不在本系统的党支部" if event.on in ended else ""
