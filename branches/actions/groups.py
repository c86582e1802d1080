"""Party groups of a branch."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import GroupSeat, Member, Membership, Organisation, PartyGroup
from branches.rules import PARTY_MEMBER_STATUSES, MemberStatus, Refusal, Span, gone_from


class GroupRefused(Refusal):
    """The Party group does not fit its branch."""


@transaction.atomic
def add_party_group(
    organisation: Organisation,
    *,
    name: str,
    since: date,
    by: User | None,
    leader: Member | None = None,
    members: Iterable[Member] = (),
) -> PartyGroup:
    """Form a group of Party members of this branch. Raises GroupRefused."""
    members = _held(members, leader)
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if not organisation.is_branch:
        raise GroupRefused("党小组设在党支部之内，请选择党支部。")
    people = _checked(organisation, members, leader, on=since)
    _refuse_name(organisation, name)
    group = PartyGroup.objects.create(organisation=organisation, name=name.strip(), since=since)
    _seat(group, people, leader, on=since)
    mark_changed([organisation])
    audit.record("branches.party_group_added", by=by, target=organisation, detail={"name": group.name})
    return group


@transaction.atomic
def change_party_group(
    group: PartyGroup,
    *,
    name: str,
    on: date,
    by: User | None,
    leader: Member | None,
    members: Iterable[Member],
) -> PartyGroup:
    """Rename a group, or give it another leader or other members from that day on.

    Raises GroupRefused.
    """
    members = _held(members, leader)
    row = _open(group)
    people = _checked(row.organisation, members, leader, on=on)
    if name.strip() != row.name:
        _refuse_name(row.organisation, name)
    row.name = name.strip()
    row.save(update_fields=["name"])
    _seat(row, people, leader, on=on)
    mark_changed([row.organisation_id])
    audit.record("branches.party_group_changed", by=by, target=row.organisation, detail={"name": row.name})
    group.refresh_from_db()
    return group


@transaction.atomic
def end_party_group(group: PartyGroup, *, on: date, by: User | None) -> PartyGroup:
    """Close a group; nobody is in it from that day on. Raises GroupRefused."""
    row = _open(group)
    if on < row.since:
        raise GroupRefused(f"撤销日期不能早于成立日期 {row.since:%Y-%m-%d}。")
    row.until = on
    row.save(update_fields=["until"])
    end_seats(GroupSeat.objects.filter(group=row), on=on)
    mark_changed([row.organisation_id])
    audit.record(
        "branches.party_group_ended", by=by, target=row.organisation, detail={"name": row.name, "on": on}
    )
    group.refresh_from_db()
    return group


def end_groups_of_who_left(member: Member, *, by: User | None, because: str) -> list[PartyGroup]:
    """Take the person out of Party groups on the day of leaving their branch; returns the groups.

    Call it in the transaction that rebuilt the spans, with the member locked. Seats that ended stay
    ended when the departure is corrected later, as posts do.
    """
    spans = [
        Span(m.organisation_id, MemberStatus(m.status), m.since, m.until)
        for m in member.memberships.filter(status__in=PARTY_MEMBER_STATUSES)
    ]
    left = []
    for seat in member.group_seats.select_for_update(of=("self",)).select_related("group").order_by("pk"):
        gone = gone_from((s for s in spans if s.organisation == seat.group.organisation_id), since=seat.since)
        if gone is None or (seat.until is not None and seat.until <= gone):
            continue
        end_seats(GroupSeat.objects.filter(pk=seat.pk), on=gone)
        detail = {"group": seat.group_id, "on": gone, "because": because}
        audit.record("branches.party_group_left", by=by, target=member, detail=detail)
        left.append(seat.group)
    return left


def end_seats(seats: QuerySet[GroupSeat], *, on: date) -> None:
    """These seats hold no longer from that day on; one that had not begun is taken away."""
    seats.filter(since__gte=on).delete()
    seats.filter(Q(until=None) | Q(until__gt=on)).update(until=on)


def _seat(group: PartyGroup, people: Iterable[Member], leader: Member | None, *, on: date) -> None:
    """Make these the people of the group from that day on; who is known to leave leaves with that day."""
    wanted = {member.pk: member == leader for member in people}
    running = GroupSeat.objects.filter(Q(until=None) | Q(until__gt=on), group=group)
    kept = {s.member_id: s for s in running.filter(since__lte=on) if wanted.get(s.member_id) == s.leads}
    end_seats(running.exclude(pk__in=[seat.pk for seat in kept.values()]), on=on)
    spans = Membership.objects.filter(
        organisation=group.organisation_id, member__in=wanted, status__in=PARTY_MEMBER_STATUSES
    )
    known: dict[int, list[Span]] = {pk: [] for pk in wanted}
    for m in spans:
        known[m.member_id].append(Span(m.organisation_id, MemberStatus(m.status), m.since, m.until))
    GroupSeat.objects.bulk_create(
        GroupSeat(group=group, member_id=pk, leads=leads, since=on, until=gone_from(known[pk], since=on))
        for pk, leads in wanted.items()
        if pk not in kept
    )


def _open(group: PartyGroup) -> PartyGroup:
    row = PartyGroup.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=group.pk)
    if row.until:
        raise GroupRefused(f"“{row.name}”已于 {row.until:%Y-%m-%d} 撤销。")
    return row


def _held(members: Iterable[Member], leader: Member | None) -> list[Member]:
    """Lock the people before the branch, as everywhere: a departure may be entered at the same moment."""
    chosen = list(members)
    keys = [member.pk for member in [*chosen, *([leader] if leader else [])]]
    list(Member.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    return chosen


def _checked(
    organisation: Organisation, members: Iterable[Member], leader: Member | None, *, on: date
) -> list[Member]:
    people = {member.pk: member for member in [*members, *([leader] if leader else [])]}
    known = Member.objects.in_branch(organisation, on=on).filter(pk__in=people)
    foreign = set(people) - set(known.values_list("pk", flat=True))
    if foreign:
        names = "、".join(sorted(people[pk].name for pk in foreign))
        raise GroupRefused(f"{names}当时不是“{organisation.name}”的党员，请重新选择。")
    return list(people.values())


def _refuse_name(organisation: Organisation, name: str) -> None:
    if not name.strip():
        raise GroupRefused("请填写党小组名称。")
    if organisation.party_groups.filter(name=name.strip(), until=None).exists():
        raise GroupRefused(f"“{organisation.name}”已有名为“{name.strip()}”的党小组，请换一个名称。")
