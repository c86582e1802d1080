"""The outlook of branches, read for many at once with a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from branches.models import (
    CoveredUnit,
    DevelopmentStep,
    MemberEvent,
    Membership,
    Organisation,
    PartyGroup,
    Post,
    Term,
)
from branches.queries.policy import Rules, rules_of
from branches.rules import (
    PARTY_MEMBER_STATUSES,
    EventKind,
    MemberStatus,
    OrganisationKind,
    Role,
    probation_end,
)
from branches.rules.findings import BranchRecord
from branches.rules.headcount import BEGINNINGS, ENDINGS, Stay, planned_return, project
from branches.rules.outlook import USUAL_MONTHS, BranchOutlook, end_of_view, last_day, outlook
from periods.months import add_months

# Facts before the day that still matter after it.
_STANDING_FACTS = (
    EventKind.ADMITTED,
    EventKind.PROBATION_EXTENDED,
    EventKind.SECONDED,
    EventKind.RETURNED,
)
# Sets up for one task and dissolves with it: it holds no elections (支部工作条例 on temporary branches).
_WITHOUT_TERM = frozenset({OrganisationKind.TEMPORARY_BRANCH})


def outlook_of(
    organisations: Iterable[Organisation], *, on: date, months: int = USUAL_MONTHS
) -> dict[int, BranchOutlook]:
    """Outlooks by organisation id, of the branches among these; eight statements for any number.

    A past day is answered from the spans and events as they stand in the books now.
    """
    branches = [o for o in organisations if o.is_branch]
    return outlook_under(rules_of(branches, on=on), branches, on=on, months=months)


def outlook_under(
    rules: Mapping[int, Rules], branches: Sequence[Organisation], *, on: date, months: int
) -> dict[int, BranchOutlook]:
    """The same for branches whose rules were read already; seven statements."""
    facts = _facts(branches, on)
    return {o.pk: _outlook(o, facts[o.pk], rules[o.pk], on, months) for o in branches}


def _outlook(
    organisation: Organisation, facts: "_Facts", rules: Rules, on: date, months: int
) -> BranchOutlook:
    record = BranchRecord(
        on=on,
        until=last_day(on, months),
        projection=project(facts.stays, on=on, end=end_of_view(on, months, rules)),
        holders=facts.holders,
        secretary_since=facts.secretary_since,
        has_term=organisation.kind not in _WITHOUT_TERM,
        term_ends=facts.term.runs_until if facts.term else None,
        term_extended=bool(facts.term and facts.term.extended_to),
        probation_ends=facts.probation_ends(on),
        units=facts.units,
        groups=tuple(facts.groups),
    )
    return outlook(
        record,
        rules,
        organisation=organisation.pk,
        code=organisation.code,
        name=organisation.name,
        months=months,
    )


@dataclass
class _Facts:
    """What is read for one branch."""

    stays: list[Stay] = field(default_factory=list)
    holders: dict[Role, list[str]] = field(default_factory=lambda: defaultdict(list))
    secretary_since: date | None = None
    term: Term | None = None
    units: int = 0
    groups: list[tuple[str, int]] = field(default_factory=list)

    def probation_ends(self, on: date) -> tuple[date, ...]:
        """Of who is probationary now and will still be here on that day."""
        ends = (
            (stay.probation_ends, stay.until)
            for stay in self.stays
            if stay.status_on(on, seen_from=on) == MemberStatus.PROBATIONARY
        )
        return tuple(day for day, until in ends if day is not None and (until is None or day <= until))


def _facts(branches: Sequence[Organisation], on: date) -> dict[int, _Facts]:
    facts = {o.pk: _Facts() for o in branches}
    _read_stays(facts, on)
    _read_offices(facts, on)
    for term in Term.objects.filter(elected_on__lte=on, organisation__in=facts).order_by("elected_on"):
        facts[term.organisation_id].term = term
    units = CoveredUnit.objects.filter(_open(on), organisation__in=facts)
    for pk, count in units.values_list("organisation").annotate(Count("pk")):
        facts[pk].units = count
    groups = PartyGroup.objects.filter(Q(until=None) | Q(until__gt=on), since__lte=on, organisation__in=facts)
    seated = Q(seats__since__lte=on) & (Q(seats__until=None) | Q(seats__until__gt=on))
    sized = groups.annotate(size=Count("seats", filter=seated)).order_by("pk")
    for pk, name, size in sized.values_list("organisation", "name", "size"):
        facts[pk].groups.append((name, size))
    return facts


def _open(on: date) -> Q:
    return (Q(since=None) | Q(since__lte=on)) & (Q(until=None) | Q(until__gt=on))


def _read_stays(facts: Mapping[int, _Facts], on: date) -> None:
    """Stays that touch the day or begin later, of Party members."""
    spans = Membership.objects.filter(
        Q(until=None) | Q(until__gt=on), organisation__in=facts, status__in=sorted(PARTY_MEMBER_STATUSES)
    )
    events = _events_of(spans, on)
    revoking = Exists(DevelopmentStep.objects.revoking(on).filter(case__member=OuterRef("member")))
    rows = spans.order_by("organisation", "member", "since").values_list(
        "organisation",
        "member",
        "status",
        "since",
        "until",
        "member__assigned",
        "member__joined_on",
        revoking,
    )
    left: tuple[int, int, date | None] | None = None
    arrived = on
    for organisation, member, status, since, until, assigned, joined_on, revoked in rows:
        # A stay that follows another of the same person here is the same presence with another status.
        arrived = arrived if left == (organisation, member, since) else since
        left = (organisation, member, until)
        own = events.get(member, [])
        returns_on = planned_return([(e.on, e.kind) for e in own], on=on) if assigned else None
        facts[organisation].stays.append(
            Stay(
                member=member,
                status=MemberStatus(status),
                since=since,
                until=until,
                assigned=assigned,
                probation_ends=None if revoked else _probation_end(status, since, own, joined_on),
                returns_on=returns_on if returns_on and returns_on > arrived else None,
                began_by=_named(BEGINNINGS, own, since),
                ended_by=_named(ENDINGS, own, until),
            )
        )


@dataclass(frozen=True)
class _Fact:
    kind: EventKind
    on: date
    months: int


def _events_of(spans: QuerySet[Membership, Any], on: date) -> dict[int, list[_Fact]]:
    found = MemberEvent.objects.standing().filter(
        Q(kind__in=_STANDING_FACTS) | Q(on__gt=on), member__in=spans.values("member")
    )
    events: dict[int, list[_Fact]] = defaultdict(list)
    for member, kind, day, months in found.order_by("on", "pk").values_list("member", "kind", "on", "months"):
        events[member].append(_Fact(EventKind(kind), day, months or 0))
    return events


def _named(kinds: Iterable[EventKind], events: Iterable[_Fact], on: date | None) -> EventKind | None:
    there = {event.kind for event in events if event.on == on}
    return next((kind for kind in kinds if kind in there), None)


def _probation_end(status: str, since: date, events: Sequence[_Fact], joined_on: date | None) -> date | None:
    """From the admission this stay rests on, or the day of joining; with every extension after it."""
    if status != MemberStatus.PROBATIONARY:
        return None
    admissions = [e.on for e in events if e.kind is EventKind.ADMITTED and e.on <= since]
    admitted = max(admissions, default=joined_on)
    if admitted is None:
        return None
    extensions = (e for e in events if e.kind is EventKind.PROBATION_EXTENDED and e.on >= admitted)
    return probation_end(admitted, sum(e.months for e in extensions))


def _read_offices(facts: Mapping[int, _Facts], on: date) -> None:
    held = Post.objects.at(on).filter(organisation__in=facts).order_by("since", "pk")
    secretaries: dict[int, int] = {}
    for pk, role, member, user in held.values_list("organisation", "role", "member", "user"):
        facts[pk].holders[Role(role)].append(f"m{member}" if member else f"u{user}")
        if role == Role.SECRETARY and member:
            secretaries[pk] = member
    since = full_since(list(secretaries.values()))
    for pk, member in secretaries.items():
        facts[pk].secretary_since = since.get(member)


def full_since(members: Sequence[int] | QuerySet[Any]) -> dict[int, date]:
    """The day each became a full member.

    Who was registered as a full member became one a year after joining at the latest, and not after the
    registration.
    """
    rows = Membership.objects.filter(member__in=members).order_by("member", "since")
    spans: dict[int, list[tuple[str, date]]] = defaultdict(list)
    joined: dict[int, date | None] = {}
    for member, status, since, joined_on in rows.values_list(
        "member", "status", "since", "member__joined_on"
    ):
        spans[member].append((status, since))
        joined[member] = joined_on
    return {m: day for m in spans if (day := _first_full(spans[m], joined[m])) is not None}


def _first_full(spans: Sequence[tuple[str, date]], joined_on: date | None) -> date | None:
    first = next((n for n, (status, _) in enumerate(spans) if status == MemberStatus.FULL), None)
    if first is None:
        return None
    since = spans[first][1]
    return since if first or joined_on is None else min(since, add_months(joined_on, 12))
