"""Several branches become one on a day: the branches' part of carrying out a plan.

Everything is a dated fact: people move by an event, posts end and begin, the old branches are dissolved
and keep their name, records and history. Called inside the transaction that also moves the reminders.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from accounts.models import User
from branches.actions.grants import end_grant
from branches.actions.groups import add_party_group
from branches.actions.members import EventData, add_event, correct_event
from branches.actions.organisations import (
    SeasonData,
    add_organisation,
    dissolve_organisation,
    set_busy_seasons,
    set_units,
)
from branches.actions.posts import end_post, give_post
from branches.models import (
    AccessGrant,
    GroupSeat,
    JointPlanGroup,
    Member,
    MemberEvent,
    Membership,
    Organisation,
    PartyGroup,
    Post,
)
from branches.queries.tree import next_codes
from branches.rules import EventKind, MemberStatus, OrganisationKind, Refusal, Role

DAY = timedelta(days=1)


class JoiningRefused(Refusal):
    """The branches cannot become one on that day."""


@dataclass(frozen=True)
class MovedPerson:
    name: str
    code: str
    status: str
    branch: str


@dataclass(frozen=True)
class HeldPost:
    role: str
    holder: str
    branch: str


@dataclass(frozen=True)
class MovedGroup:
    """A Party group that goes on in the joint branch under this name."""

    name: str
    branch: str
    people: int


@dataclass(frozen=True)
class Joined:
    """What became of one group; the rows themselves do not count when two of these are compared."""

    name: str
    code: str
    seat: str
    units: tuple[str, ...]
    people: tuple[MovedPerson, ...]
    posts_ended: tuple[HeldPost, ...]
    posts_given: tuple[HeldPost, ...]
    groups_moved: tuple[MovedGroup, ...]
    grants_ended: tuple[str, ...]
    facts_redirected: tuple[str, ...]
    dissolved: tuple[str, ...]
    made: Organisation = field(compare=False)
    old: tuple[Organisation, ...] = field(compare=False)


def join_branches(group: JointPlanGroup, *, on: date, basis: str, by: User | None) -> Joined:
    """Make one branch of the group's branches from that day on. Raises Refusal."""
    old = tuple(group.branches.select_related("parent").order_by("code"))
    people = _held_people(old, on)
    _refuse(old, group.plan.organisation, on)
    posts, party_groups = _running_posts(old, on), _running_groups(old, on)
    made = _make(group, old, on=on, basis=basis, by=by)
    redirected = [said for member in people for said in _redirect(member, old, made, on, by)]
    moved = _move_people(old, made, on=on, by=by)
    ended = _end_posts(posts, on=on, by=by)
    return Joined(
        name=made.name,
        code=made.code,
        seat=group.seat.name,
        units=tuple(made.units.filter(until=None).order_by("pk").values_list("name", flat=True)),
        people=moved,
        posts_ended=ended,
        posts_given=_give_posts(group, made, posts, on=on, by=by),
        groups_moved=tuple(_move_group(one, made, party_groups, on=on, by=by) for one in party_groups),
        grants_ended=_end_grants(old, on=on, by=by),
        facts_redirected=tuple(redirected),
        dissolved=_dissolve(old, made, on=on, basis=basis, by=by),
        made=made,
        old=old,
    )


def _held_people(old: Sequence[Organisation], on: date) -> list[Member]:
    """Everybody who is here on that day or later, locked before any organisation, as everywhere."""
    spans = Membership.objects.filter(Q(until=None) | Q(until__gt=on), organisation__in=old)
    rows = Member.objects.select_for_update().filter(pk__in=spans.values("member"))
    return list(rows.order_by("pk"))


def _refuse(old: Sequence[Organisation], scope: Organisation, on: date) -> None:
    for branch in old:
        # Moved to another general branch since: it is no longer theirs who made the plan.
        if not branch.path.startswith(scope.path):
            raise JoiningRefused(f"“{branch.name}”已不在“{scope.name}”之下，请作废本方案后重新测算。")
        if branch.dissolved_on:
            raise JoiningRefused(
                f"“{branch.name}”已于 {branch.dissolved_on:%Y-%m-%d} 撤销，请作废本方案后重新测算。"
            )
        if branch.established_on and on <= branch.established_on:
            raise JoiningRefused(
                f"实施日期须晚于“{branch.name}”的成立日期 {branch.established_on:%Y-%m-%d}。"
            )
    late = Post.objects.filter(organisation__in=old, since__gte=on).select_related(
        "organisation", "member", "user"
    )
    if post := late.order_by("since", "pk").first():
        raise JoiningRefused(
            f"{post.holder_name}在“{post.organisation.name}”的{post.get_role_display()}任职从 "
            f"{post.since:%Y-%m-%d} 开始，不早于实施日期，请先核对任职日期。"
        )


def _make(
    group: JointPlanGroup, old: Sequence[Organisation], *, on: date, basis: str, by: User | None
) -> Organisation:
    seat = next(branch for branch in old if branch.pk == group.seat_id)
    made = add_organisation(
        code=next_codes(OrganisationKind.JOINT_BRANCH, 1)[0],
        name=group.name,
        kind=OrganisationKind.JOINT_BRANCH,
        parent=seat.parent,
        by=by,
        document=basis,
        industry_line=seat.industry_line,
        latitude=seat.latitude,
        longitude=seat.longitude,
        party_day=seat.party_day,
        established_on=on,
    )
    set_units(made, names=[name for branch in old for name in _units(branch)], on=on, by=by)
    seasons = {
        s.name: SeasonData(s.name, s.starts, s.ends) for b in old for s in b.busy_seasons.order_by("pk")
    }
    set_busy_seasons(made, seasons=seasons.values(), by=by)
    return made


def _units(branch: Organisation) -> list[str]:
    """The units a branch covers; a plain branch is its own unit."""
    names = list(branch.units.filter(until=None).order_by("pk").values_list("name", flat=True))
    return names or [branch.name.removesuffix("党支部") or branch.name]


def _redirect(
    member: Member, old: Sequence[Organisation], made: Organisation, on: date, by: User | None
) -> list[str]:
    """Facts of that day or later that name an old branch name the new one; the old rows stay, marked."""
    late = member.events.standing().filter(on__gte=on, organisation__in=old).order_by("on", "pk")
    return [_redirected(event, made, by) for event in late.select_related("member")]


def _redirected(event: MemberEvent, made: Organisation, by: User | None) -> str:
    replacement = EventData(
        kind=EventKind(event.kind),
        on=event.on,
        organisation=made,
        status=MemberStatus(event.status) if event.status else None,
        announced_on=event.announced_on,
        months=event.months,
        note=event.note,
    )
    correct_event(event, reason=f"原支部并入“{made.name}”", by=by, replacement=replacement)
    return f"{event.member.name} {event.on:%Y-%m-%d} {event.get_kind_display()}"


def _move_people(
    old: Sequence[Organisation], made: Organisation, *, on: date, by: User | None
) -> tuple[MovedPerson, ...]:
    """Everybody of that day, people on their way into the Party too."""
    spans = Membership.objects.at(on).filter(organisation__in=old)
    rows = list(spans.select_related("member", "organisation").order_by("organisation__code", "member__code"))
    for span in rows:
        note = f"由“{span.organisation.name}”并入"
        add_event(span.member, kind=EventKind.MOVED_IN, on=on, organisation=made, note=note, by=by)
    return tuple(
        MovedPerson(s.member.name, s.member.code, s.get_status_display(), s.organisation.name) for s in rows
    )


def _running_posts(old: Sequence[Organisation], on: date) -> list[Post]:
    """Posts that would still be held on that day."""
    running = Post.objects.not_ended(on).filter(organisation__in=old).select_related("organisation")
    return list(running.select_related("organisation", "member", "user").order_by("organisation__code", "pk"))


def _end_posts(posts: Sequence[Post], *, on: date, by: User | None) -> tuple[HeldPost, ...]:
    """The day before is the last one; leaving the branch has ended some of them already."""
    left = Post.objects.not_ended(on).filter(pk__in=[post.pk for post in posts])
    for post in left.order_by("pk"):
        end_post(post, on=on - DAY, by=by)
    return tuple(_held(post, post.organisation) for post in posts)


def _held(post: Post, place: Organisation) -> HeldPost:
    return HeldPost(post.get_role_display(), post.holder_name, place.name)


def _give_posts(
    group: JointPlanGroup, made: Organisation, posts: Sequence[Post], *, on: date, by: User | None
) -> tuple[HeldPost, ...]:
    """The proposed secretary, and the workers of the old branches, once each."""
    given = []
    if group.secretary is not None:
        given.append(give_post(made, role=Role.SECRETARY, since=on, by=by, member=group.secretary))
    workers = {(p.member_id, p.user_id): p for p in posts if p.role == Role.WORKER}
    for post in workers.values():
        given.append(
            give_post(
                made, role=Role.WORKER, since=on, until=post.until, by=by, member=post.member, user=post.user
            )
        )
    return tuple(_held(post, made) for post in given)


def _running_groups(old: Sequence[Organisation], on: date) -> dict[PartyGroup, list[GroupSeat]]:
    """Party groups with who sits in them the day before, read before anybody moves."""
    running = PartyGroup.objects.filter(Q(until=None) | Q(until__gt=on), organisation__in=old, since__lt=on)
    seats: dict[PartyGroup, list[GroupSeat]] = {
        group: [] for group in running.select_related("organisation").order_by("organisation__code", "pk")
    }
    found: QuerySet[GroupSeat] = GroupSeat.objects.at(on - DAY).filter(group__in=seats)
    for seat in found.select_related("group", "member").order_by("pk"):
        seats[seat.group].append(seat)
    return seats


def _move_group(
    group: PartyGroup,
    made: Organisation,
    every: dict[PartyGroup, list[GroupSeat]],
    *,
    on: date,
    by: User | None,
) -> MovedGroup:
    """The group goes on with whoever came along; two of one name are told apart by their branch."""
    same = [other for other in every if other.name == group.name]
    name = group.name if len(same) == 1 else f"{_units(group.organisation)[0]}{group.name}"[-40:]
    here = set(Member.objects.in_branch(made, on=on).values_list("pk", flat=True))
    seats = [seat for seat in every[group] if seat.member_id in here]
    leader = next((seat.member for seat in seats if seat.leads), None)
    people = [seat.member for seat in seats]
    if people:
        add_party_group(made, name=name, since=on, by=by, leader=leader, members=people)
    return MovedGroup(name, group.organisation.name, len(people))


def _end_grants(old: Sequence[Organisation], *, on: date, by: User | None) -> tuple[str, ...]:
    """Grants to read or stand in there; one that has not begun is taken back whole."""
    running = AccessGrant.objects.filter(organisation__in=old, until__gte=on).select_related(
        "user", "organisation"
    )
    said = []
    for grant in running.order_by("organisation__code", "pk"):
        said.append(f"{grant.user.name}：{grant.organisation.name}{grant.get_kind_display()}")
        end_grant(grant, on=on - DAY, by=by)
    return tuple(said)


def _dissolve(
    old: Sequence[Organisation], made: Organisation, *, on: date, basis: str, by: User | None
) -> tuple[str, ...]:
    for branch in old:
        set_units(branch, names=[], on=on, by=by)
        dissolve_organisation(branch, on=on, by=by, reason=f"{basis}，并入“{made.name}”"[:200])
    return tuple(branch.name for branch in old)
