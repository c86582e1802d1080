"""How far a person's rights over accounts and posts reach.

Accounts and posts give rights, so whoever hands them out must not reach above or beside themselves.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from accounts.models import User
from branches.access import may
from branches.models import AccessGrant, Member, Membership, Organisation, Post
from branches.rules import PARTY_MEMBER_STATUSES, PROTECTED_ROLES, Role, roles_for

MANAGING, GIVING = "branches.manage_account", "branches.edit_post"
CANDIDATES_SHOWN = 500


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be given a post: a member, or an account without one."""

    key: str
    label: str
    member: Member | None = None
    user: User | None = None


def accounts_managed_by(user: User, *, on: date) -> QuerySet[User]:
    """Accounts this person may reset, close or open again on that day.

    Every post and grant that gives the account rights must lie within the person's reach, and staff,
    overseers and administrators are managed by administrators alone: otherwise a reset password would
    open more than its giver may do. Who held posts here once and belongs nowhere now is still managed
    here, or nobody could close that account.
    """
    if not may(user, MANAGING, on=on):
        return User.objects.none()
    places = Organisation.objects.permitted_to(user, MANAGING, on=on)
    posts = Post.objects.not_ended(on).filter(organisation__in=places)
    near = Member.objects.of_organisations(places, on=on).exclude(user=None)
    beyond = _beyond(user, on=on)
    grants = AccessGrant.objects.filter(until__gte=on).exclude(organisation__in=places)
    return (
        User.objects.filter(
            holds(posts) | Q(pk__in=near.values("user")) | _left_behind(places, on=on), is_superuser=False
        )
        .exclude(holds(beyond))
        .exclude(pk__in=grants.values("user"))
    )


def _left_behind(places: QuerySet[Organisation], *, on: date) -> Q:
    """Accounts without a member and without a post on that day or later, whose every post was here."""
    elsewhere = Post.objects.exclude(organisation__in=places).exclude(user=None)
    running = Post.objects.not_ended(on).exclude(user=None)
    former = Post.objects.filter(organisation__in=places).exclude(user=None)
    former = former.exclude(user__in=elsewhere.values("user")).exclude(user__in=running.values("user"))
    return Q(pk__in=former.values("user"), member=None)


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
    spans = Membership.objects.at(on).filter(organisation__in=places, status__in=PARTY_MEMBER_STATUSES)
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


def endable_posts(user: User, *, on: date) -> QuerySet[Post]:
    """Posts held today or later that the person may end: protected ones need an administrator."""
    mine = Organisation.objects.permitted_to(user, GIVING, on=on)
    administered = Organisation.objects.administered_by(user, on=on)
    protected = Q(role__in=sorted(PROTECTED_ROLES)) & ~Q(organisation__in=administered)
    return Post.objects.not_ended(on).filter(organisation__in=mine).exclude(protected)
