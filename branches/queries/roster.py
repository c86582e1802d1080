"""The roster as it stands: what an import is compared with, and what an export writes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from branches.models import Member, MemberEvent, Organisation, RosterImport
from branches.models.organisation import OrganisationQuerySet
from branches.queries.people import STATUS_ORDER
from branches.rules import PARTY_MEMBER_STATUSES, Event, EventKind, MemberStatus
from branches.rules.id_numbers import masked
from branches.rules.roster.columns import Key
from branches.rules.roster.people import KnownEvent, Person, Place, Standing
from branches.rules.roster.plan import Known
from branches.rules.roster.rows import RosterRow
from branches.sealed import SealRefused, digests, open_sealed

BATCH = 1000
RECENT = 8
UNREADABLE = "****"
IMPORT = "branches.import_roster"
_FIELDS = (
    "pk",
    "code",
    "name",
    "id_number_sealed",
    "birth_on",
    "joined_on",
    "home_department",
    "assigned",
)


def places_of(organisation: Organisation) -> list[Place]:
    """Every branch at or below, the dissolved ones too: a row that names one is told so."""
    found = Organisation.objects.within(organisation).branches().in_tree_order()
    return [Place(o.pk, o.code, o.name, o.established_on, o.dissolved_on) for o in found]


def known_for(
    rows: Sequence[RosterRow],
    organisation: Organisation,
    *,
    reach: OrganisationQuerySet | None,
    day: date,
    today: date,
) -> Known:
    """What the rows are compared with: three statements, and two for every thousand rows of strangers.

    `reach` are the organisations whose people may be touched, None for all. Raises SealRefused.
    """
    people = people_within(reach, day=day, today=today)
    codes = {row.text(Key.CODE) for row in rows} - {"", *(person.code for person in people)}
    numbers = {row.id_number for row in rows} - {"", *(person.id_number for person in people)}
    return Known(places_of(organisation), people, _taken_codes(codes), _taken_numbers(numbers))


def people_within(reach: OrganisationQuerySet | None, *, day: date, today: date) -> list[Person]:
    """Everybody of these organisations with the standing events, by code; two statements.

    Who was here on an earlier `day` and belongs to others today is theirs: an old roster opens nobody.
    """
    members = Member.objects.all()
    if reach is not None:
        members = members.of_organisations(reach, on=day)
        if day != today:
            members = members.of_organisations(reach, on=today)
    events: dict[int, list[KnownEvent]] = defaultdict(list)
    told = MemberEvent.objects.standing().filter(member__in=members.order_by().values("pk"))
    for pk, member, kind, on, organisation, status in told.values_list(
        "pk", "member", "kind", "on", "organisation", "status"
    ):
        event = Event(EventKind(kind), on, organisation, MemberStatus(status) if status else None)
        events[member].append(KnownEvent(pk, event))
    return [
        Person(
            pk,
            code,
            name,
            open_sealed(token) if token else "",
            born,
            joined,
            home,
            assigned,
            tuple(events[pk]),
        )
        for pk, code, name, token, born, joined, home, assigned in members.order_by("code").values_list(
            *_FIELDS
        )
    ]


def _taken_codes(codes: Iterable[str]) -> frozenset[str]:
    found = (Member.objects.filter(code__in=some).values_list("code", flat=True) for some in _batches(codes))
    return frozenset(code for some in found for code in some)


def _taken_numbers(numbers: Iterable[str]) -> frozenset[str]:
    by_digest = {digest: number for number in numbers for digest in digests(number)}
    taken = (
        Member.objects.filter(id_number_digest__in=some).values_list("id_number_digest", flat=True)
        for some in _batches(by_digest)
    )
    return frozenset(by_digest[digest] for some in taken for digest in some if digest)


def _batches(words: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(words)
    return (every[n : n + BATCH] for n in range(0, len(every), BATCH))


def masked_number_of(member: Member) -> str:
    """The id number as a page may show it; marks alone where the key to it is missing."""
    if not member.id_number_sealed:
        return ""
    try:
        return masked(open_sealed(member.id_number_sealed))
    except SealRefused:
        return UNREADABLE


@dataclass(frozen=True)
class RosterLine:
    """One person as a roster file says it, the id number masked."""

    person: Person
    place: Place
    standing: Standing

    @property
    def values(self) -> dict[Key, str | date | None]:
        person, member = self.person, self.standing.status in PARTY_MEMBER_STATUSES
        converted = person.known(EventKind.CONVERTED) if self.standing.status is MemberStatus.FULL else None
        return {
            Key.CODE: person.code,
            Key.NAME: person.name,
            Key.ID_NUMBER: masked(person.id_number) if person.id_number else None,
            Key.BIRTH_ON: person.birth_on,
            Key.ORGANISATION: self.place.name,
            Key.STATUS: self.standing.status.label,
            Key.JOINED_ON: person.joined_on if member else None,
            Key.CONVERTED_ON: converted.event.on if converted else None,
            Key.SINCE: self.standing.since,
            Key.HOME_DEPARTMENT: person.home_department or None,
            Key.ASSIGNED: "是" if person.assigned else "否",
        }


def roster_lines(organisation: Organisation, *, on: date) -> list[RosterLine]:
    """Everybody in these branches on that day, branch by branch as on its page; three statements."""
    places = {place.pk: place for place in places_of(organisation)}
    order = {pk: n for n, pk in enumerate(places)}
    below = Organisation.objects.within(organisation)
    lines = [
        RosterLine(person, places[standing.place], standing)
        for person in people_within(below, day=on, today=on)
        if (standing := person.standing(on)) and standing.place in places
    ]
    lines.sort(
        key=lambda line: (
            order[line.place.pk],
            STATUS_ORDER.index(line.standing.status),
            line.person.code,
        )
    )
    return lines


def imports_of(user: User, *, on: date) -> list[RosterImport]:
    """The last imports of the organisations this person may import into."""
    mine = Organisation.objects.permitted_to(user, IMPORT, on=on)
    found = RosterImport.objects.filter(organisation__in=mine).select_related(
        "organisation", "made_by", "job"
    )
    return list(found.defer("payload").order_by("-pk")[:RECENT])
