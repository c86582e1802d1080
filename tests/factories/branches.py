"""Test data of the branches app: a tree, people, posts."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from accounts.models import User
from branches.models import GroupSeat, Member, MemberEvent, Membership, Organisation, PartyGroup, Post
from branches.rules import EXCLUSIVE_ROLES, EventKind, MemberStatus, OrganisationKind, Role

LONG_AGO = date(2015, 1, 1)
PASSWORD = "Long-enough-2026"
_counter = iter(range(1, 10**9))


def make_organisation(
    code: str = "", *, kind: str = OrganisationKind.BRANCH, parent: Organisation | None = None, **fields: Any
) -> Organisation:
    number = next(_counter)
    name = fields.pop("name", f"第{number}党支部")
    made = Organisation(code=code or f"ORG{number}", name=name, kind=kind, parent=parent, **fields)
    made.path = (parent.path if parent else "") + made.key + "/"
    made.level = parent.level + 1 if parent else 0
    made.save()
    return made


def make_tree(branches: int = 2) -> tuple[Organisation, Organisation, list[Organisation]]:
    """A committee, one general branch, and branches below it."""
    committee = make_organisation(kind=OrganisationKind.COMMITTEE, name="上级党委")
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, parent=committee, name="党总支")
    return committee, general, [make_organisation(parent=general) for _ in range(branches)]


def make_user(username: str = "", **fields: Any) -> User:
    """An account without a usable password: tests sign in with client.force_login."""
    number = next(_counter)
    return User.objects.create_user(
        username or f"user{number}", password=None, name=fields.pop("name", f"用户{number}"), **fields
    )


def make_member(
    organisation: Organisation,
    *,
    name: str = "",
    status: MemberStatus = MemberStatus.FULL,
    since: date = LONG_AGO,
    **fields: Any,
) -> Member:
    number = next(_counter)
    member = Member.objects.create(
        code=fields.pop("code", f"M{number}"), name=name or f"党员{number}", joined_on=since, **fields
    )
    MemberEvent.objects.create(
        member=member, kind=EventKind.REGISTERED, on=since, organisation=organisation, status=status
    )
    Membership.objects.create(member=member, organisation=organisation, status=status, since=since)
    return member


def make_post(
    organisation: Organisation,
    role: Role = Role.WORKER,
    *,
    user: User | None = None,
    member: Member | None = None,
    since: date = LONG_AGO,
    until: date | None = None,
) -> Post:
    if user is None and member is None:
        user = make_user()
    account = member.user if member else user
    if account is not None and role in EXCLUSIVE_ROLES:
        account.exclusive_duty = role
        account.save(update_fields=["exclusive_duty"])
    return Post.objects.create(
        organisation=organisation, role=role, user=user, member=member, since=since, until=until
    )


def make_holder(organisation: Organisation, role: Role = Role.WORKER, **dates: Any) -> User:
    """A signed-in person with one post."""
    user = make_user()
    make_post(organisation, role, user=user, **dates)
    return user


def make_group(
    organisation: Organisation,
    name: str = "第一党小组",
    *,
    since: date = LONG_AGO,
    until: date | None = None,
    leader: Member | None = None,
    members: Iterable[Member] = (),
) -> PartyGroup:
    """A Party group whose leader is one of its members."""
    group = PartyGroup.objects.create(organisation=organisation, name=name, since=since, until=until)
    people = {member.pk for member in members} | ({leader.pk} if leader else set())
    for pk in sorted(people):
        leads = leader is not None and pk == leader.pk
        GroupSeat.objects.create(group=group, member_id=pk, leads=leads, since=since, until=until)
    return group
