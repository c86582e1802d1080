"""Who is where, with which post, and whose account may be managed by whom."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from accounts.models import User
from branches.access import may
from branches.models import AccessGrant, Member, MemberEvent, Membership, Organisation, Post
from branches.roles import holders_of
from branches.rules import (
    PROTECTED_ROLES,
    EventKind,
    GrantKind,
    MemberStatus,
    Role,
    probation_end,
    roles_for,
)

KEEPING, MANAGING = "reminders.close_item", "branches.manage_account"
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


CANDIDATES_SHOWN = 500


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be given a post: a member, or an account without one."""

    key: str
    label: str
    member: Member | None = None
    user: User | None = None


@dataclass
class Person:
    """One person of an organisation on a day."""

    member: Member
    status: MemberStatus
    since: date
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
    people = [Person(s.member, MemberStatus(s.status), s.since, held[s.member_id]) for s in spans]
    return sorted(people, key=lambda p: (STATUS_ORDER.index(p.status), p.member.code))


def posts_of(organisation: Organisation) -> QuerySet[Post]:
    """Every post ever held here, the open ones first, then the latest."""
    closed = Case(When(until=None, then=0), default=1, output_field=IntegerField())
    found = Post.objects.filter(organisation=organisation).select_related("member", "user")
    return found.annotate(closed=closed).order_by("closed", "role", "-since", "pk")


def own_branch(user: User, *, on: date) -> Organisation | None:
    """The organisation whose month list this user keeps on that day.

    A post of the person's own comes first, in KEEPER_ORDER, then a stand-in; None for who keeps none.
    """
    carriers = holders_of(KEEPING)
    roles = [role for role in KEEPER_ORDER if role in carriers]
    posts = Post.objects.at(on).held_by(user).filter(role__in=roles)
    rank = Case(*(When(role=role, then=Value(n)) for n, role in enumerate(roles)), default=len(roles))
    places = Organisation.objects.branches().active(on=on)
    post = (
        posts.filter(organisation__in=places)
        .select_related("organisation")
        .order_by(rank, "-since", "pk")
        .first()
    )
    if post:
        return post.organisation
    grants = AccessGrant.objects.at(on).held_by(user).filter(organisation__in=places)
    kinds = [kind for kind in GrantKind if kind in carriers]
    stand_in = grants.filter(kind__in=kinds).select_related("organisation").order_by("-since", "pk").first()
    return stand_in.organisation if stand_in else None


def accounts_managed_by(user: User, *, on: date) -> QuerySet[User]:
    """Accounts this person may reset or close on that day.

    Every post and grant that gives the account rights must lie within the person's reach, and
    overseers and administrators are managed by administrators alone: otherwise a reset password would
    open more than its giver may do.
    """
    if not may(user, MANAGING, on=on):
        return User.objects.none()
    places = Organisation.objects.permitted_to(user, MANAGING, on=on)
    posts = Post.objects.filter(organisation__in=places)
    near = Member.objects.of_organisations(places, on=on).exclude(user=None)
    beyond = _beyond(user, on=on)
    grants = AccessGrant.objects.filter(until__gte=on).exclude(organisation__in=places)
    return (
        User.objects.filter(holds(posts) | Q(pk__in=near.values("user")), is_superuser=False)
        .exclude(holds(beyond))
        .exclude(pk__in=grants.values("user"))
    )


def members_without_account(user: User, *, on: date) -> QuerySet[Member]:
    """Members this person may open an account for: their posts too must lie within reach."""
    found = Member.objects.permitted_to(user, MANAGING, on=on).filter(user=None)
    return found.exclude(pk__in=_beyond(user, on=on).exclude(member=None).values("member"))


def _beyond(user: User, *, on: date) -> QuerySet[Post]:
    """Posts, held today or later, that reach beyond what this person manages."""
    places = Organisation.objects.permitted_to(user, MANAGING, on=on)
    administered = Organisation.objects.administered_by(user, on=on)
    return Post.objects.not_ended(on).filter(
        ~Q(organisation__in=places) | Q(role__in=sorted(PROTECTED_ROLES)) & ~Q(organisation__in=administered)
    )


def holds(posts: QuerySet[Post]) -> Q:
    """Users who hold one of these posts, themselves or through their member."""
    return Q(pk__in=posts.exclude(user=None).values("user")) | Q(
        pk__in=posts.exclude(member__user=None).values("member__user")
    )


def givable_roles(user: User, organisation: Organisation, *, on: date) -> list[Role]:
    """Posts of this organisation that the person may give: protected ones need an administrator."""
    roles = roles_for(organisation.kind)
    if Organisation.objects.administered_by(user, on=on).filter(pk=organisation.pk).exists():
        return roles
    return [role for role in roles if role not in PROTECTED_ROLES]


def candidates_for(organisation: Organisation, user: User, *, on: date) -> list[Candidate]:
    """Who may be given a post here: its Party members, then the other accounts the person manages."""
    places = Organisation.objects.within(organisation)
    spans = Membership.objects.at(on).filter(
        organisation__in=places, status__in=[MemberStatus.FULL, MemberStatus.PROBATIONARY]
    )
    people = Member.objects.filter(pk__in=spans.values("member")).order_by("code")[:CANDIDATES_SHOWN]
    found = {f"m{m.pk}": Candidate(f"m{m.pk}", f"{m.name}（{m.code}）", member=m) for m in people}
    accounts = accounts_managed_by(user, on=on).filter(is_active=True).select_related("member")
    for account in accounts.order_by("username")[:CANDIDATES_SHOWN]:
        member: Member | None = getattr(account, "member", None)
        key = f"m{member.pk}" if member else f"u{account.pk}"
        holder = None if member else account
        found.setdefault(key, Candidate(key, f"{account.name}（账号 {account.username}）", member, holder))
    return list(found.values())


def givable_roles_anywhere(user: User, *, on: date) -> list[Role]:
    """Posts the person may give somewhere; which organisation takes which, the action decides."""
    administers = Organisation.objects.administered_by(user, on=on).exists()
    return [role for role in Role if administers or role not in PROTECTED_ROLES]


@dataclass
class MemberPage:
    """Everything the page of one person shows."""

    member: Member
    span: Membership | None
    events: list[MemberEvent]
    posts: list[Post]
    probation_ends_on: date | None


def member_page(member: Member, *, on: date) -> MemberPage:
    """Three statements; events newest first, the corrected ones among them."""
    events = list(
        member.events.select_related("organisation", "entered_by", "corrected_by").order_by("-on", "-pk")
    )
    spans = list(member.memberships.select_related("organisation").order_by("since"))
    begun = [span for span in spans if span.since <= on]
    span = begun[-1] if begun else next(iter(spans), None)
    posts = list(member.posts.select_related("organisation").order_by("-since", "pk"))
    return MemberPage(member, span, events, posts, _probation_end(member, span, events))


def _probation_end(member: Member, span: Membership | None, events: list[MemberEvent]) -> date | None:
    if span is None or span.status != MemberStatus.PROBATIONARY:
        return None
    standing = [event for event in events if event.corrected_at is None]
    admitted = next((e.on for e in standing if e.kind == EventKind.ADMITTED), None) or member.joined_on
    extended = sum(e.months or 0 for e in standing if e.kind == EventKind.PROBATION_EXTENDED)
    return probation_end(admitted, extended) if admitted else None
