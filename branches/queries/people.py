"""Who is where, with which post, and whose account may be managed by whom."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from accounts.models import User
from branches.access import may
from branches.models import AccessGrant, Member, Membership, Organisation, Post
from branches.roles import holders_of
from branches.rules import PROTECTED_ROLES, GrantKind, MemberStatus, Role, roles_for

KEEPING = "reminders.close_item"
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
    if not may(user, "branches.manage_account", on=on):
        return User.objects.none()
    places = Organisation.objects.permitted_to(user, "branches.manage_account", on=on)
    administered = Organisation.objects.administered_by(user, on=on)
    posts = Post.objects.filter(organisation__in=places)
    near = Member.objects.of_organisations(places, on=on).exclude(user=None)
    beyond = Post.objects.not_ended(on).filter(
        ~Q(organisation__in=places) | Q(role__in=sorted(PROTECTED_ROLES)) & ~Q(organisation__in=administered)
    )
    grants = AccessGrant.objects.filter(until__gte=on).exclude(organisation__in=places)
    return (
        User.objects.filter(holds(posts) | Q(pk__in=near.values("user")), is_superuser=False)
        .exclude(holds(beyond))
        .exclude(pk__in=grants.values("user"))
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
