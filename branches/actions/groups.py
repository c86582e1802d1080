"""Party groups of a branch."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Member, Organisation, PartyGroup
from branches.rules import Refusal


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
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if not organisation.is_branch:
        raise GroupRefused("党小组设在党支部之内，请选择党支部。")
    people = _checked(organisation, members, leader, on=since)
    _refuse_name(organisation, name)
    group = PartyGroup.objects.create(
        organisation=organisation, name=name.strip(), leader=leader, since=since
    )
    group.members.set(people)
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
    """Rename a group, or give it another leader or other members. Raises GroupRefused."""
    row = _open(group)
    people = _checked(row.organisation, members, leader, on=on)
    if name.strip() != row.name:
        _refuse_name(row.organisation, name)
    row.name, row.leader = name.strip(), leader
    row.save(update_fields=["name", "leader"])
    row.members.set(people)
    mark_changed([row.organisation_id])
    audit.record("branches.party_group_changed", by=by, target=row.organisation, detail={"name": row.name})
    group.refresh_from_db()
    return group


@transaction.atomic
def end_party_group(group: PartyGroup, *, on: date, by: User | None) -> PartyGroup:
    """Close a group. Raises GroupRefused."""
    row = _open(group)
    if on < row.since:
        raise GroupRefused(f"撤销日期不能早于成立日期 {row.since:%Y-%m-%d}。")
    row.until = on
    row.save(update_fields=["until"])
    mark_changed([row.organisation_id])
    audit.record(
        "branches.party_group_ended", by=by, target=row.organisation, detail={"name": row.name, "on": on}
    )
    group.refresh_from_db()
    return group


def _open(group: PartyGroup) -> PartyGroup:
    row = PartyGroup.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=group.pk)
    if row.until:
        raise GroupRefused(f"“{row.name}”已于 {row.until:%Y-%m-%d} 撤销。")
    return row


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
