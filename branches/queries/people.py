"""Who is where, with which post, and whose account may be managed by whom."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, IntegerField, QuerySet, When

from branches.models import AccessGrant, Member, MemberEvent, Membership, Organisation, Post
from branches.queries.history import TimelineEntry, timeline_of
from branches.rules import (
    EventKind,
    MemberStatus,
    Role,
    probation_end,
)

STATUS_ORDER = [
    MemberStatus.FULL,
    MemberStatus.PROBATIONARY,
    MemberStatus.DEVELOPMENT_TARGET,
    MemberStatus.ACTIVIST,
    MemberStatus.APPLICANT,
]
# Whose month list a person keeps first when they could keep several.
KEEPER_ORDER = [
    Role.WORKER,
    Role.SECRETARY,
    Role.DEPUTY_SECRETARY,
    Role.ORGANISATION_COMMISSIONER,
    Role.PUBLICITY_COMMISSIONER,
    Role.DISCIPLINE_COMMISSIONER,
]


@dataclass
class Person:
    """One person of an organisation on a day."""

    member: Member
    status: MemberStatus
    since: date
    until: date | None = None  # the first day on which this no longer holds, where it is known
    posts: list[Role] = field(default_factory=list)


def people_of(organisation: Organisation, *, on: date) -> list[Person]:
    """Everybody whose span lies here on that day, Party members first; two statements."""
    spans = Membership.objects.at(on).filter(organisation=organisation).select_related("member")
    held: dict[int, list[Role]] = defaultdict(list)
    for member, role in (
        Post.objects.at(on)
        .filter(organisation=organisation)
        .exclude(member=None)
        .values_list("member", "role")
    ):
        held[member].append(Role(role))
    people = [Person(s.member, MemberStatus(s.status), s.since, s.until, held[s.member_id]) for s in spans]
    return sorted(people, key=lambda p: (STATUS_ORDER.index(p.status), p.member.code))


def posts_of(organisation: Organisation) -> QuerySet[Post]:
    """Every post ever held here, the open ones first, then the latest."""
    closed = Case(When(until=None, then=0), default=1, output_field=IntegerField())
    found = Post.objects.filter(organisation=organisation).select_related("member", "user")
    return found.annotate(closed=closed).order_by("closed", "role", "-since", "pk")


def grants_of(organisation: Organisation, *, on: date) -> QuerySet[AccessGrant]:
    """Grants on this organisation that have not run out, the first to end first."""
    found = AccessGrant.objects.filter(organisation=organisation, until__gte=on).select_related("user")
    return found.order_by("until", "pk")


@dataclass
class MemberPage:
    """Everything the page of one person shows."""

    member: Member
    span: Membership | None
    timeline: list[TimelineEntry]
    posts: list[Post]
    probation_ends_on: date | None
    # The latest case of recruiting.
    case: int | None
    # On the way into the Party by the events alone: the case can be made up.
    lacks_case: bool = False


def member_page(member: Member, *, on: date) -> MemberPage:
    """Four statements; events newest first, the corrected ones among them."""
    events = list(
        member.events.select_related("organisation", "entered_by", "corrected_by").order_by("-on", "-pk")
    )
    spans = list(member.memberships.select_related("organisation").order_by("since"))
    begun = [span for span in spans if span.since <= on]
    span = begun[-1] if begun else next(iter(spans), None)
    posts = list(member.posts.select_related("organisation").order_by("-since", "pk"))
    timeline = timeline_of(events, spans, on=on)
    case = member.development_cases.order_by("-opened_on", "-pk").values_list("pk", flat=True).first()
    lacks_case = case is None and _is_recruit(span, on)
    return MemberPage(member, span, timeline, posts, _probation_end(member, span, events), case, lacks_case)


def _is_recruit(span: Membership | None, on: date) -> bool:
    if span is None or span.status == MemberStatus.FULL:
        return False
    return span.since <= on and (span.until is None or on < span.until)


def _probation_end(member: Member, span: Membership | None, events: list[MemberEvent]) -> date | None:
    if span is None or span.status != MemberStatus.PROBATIONARY:
        return None
    standing = [event for event in events if event.corrected_at is None]
    admitted = next((e.on for e in standing if e.kind == EventKind.ADMITTED), None) or member.joined_on
    extended = sum(e.months or 0 for e in standing if e.kind == EventKind.PROBATION_EXTENDED)
    return probation_end(admitted, extended) if admitted else None
