"""Dissolving an organisation, and taking that back."""

from datetime import date

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from audit import actions as audit
from branches.actions.events import record_fact
from branches.actions.facts import mark_changed
from branches.actions.groups import end_seats
from branches.actions.organisations.refusals import (
    AlreadyDissolved,
    StillInUse,
    WrongPlace,
    locked,
    refuse_name,
)
from branches.actions.posts import is_last_administrator
from branches.models import GroupSeat, Membership, Organisation, Post
from branches.rules import OrganisationEventKind, Refusal


@transaction.atomic
def dissolve_organisation(
    organisation: Organisation, *, on: date, by: User | None, reason: str
) -> Organisation:
    """Close the organisation from that day on; its posts and groups end.

    Raises StillInUse (members, lower organisations), AlreadyDissolved, Refusal.
    """
    row = locked(organisation)
    if row.dissolved_on:
        raise AlreadyDissolved(f"“{row.name}”已于 {row.dissolved_on:%Y-%m-%d} 撤销。")
    close(row, on=on, reason=reason)
    record_fact(row, OrganisationEventKind.DISSOLVED, on=on, by=by, document=reason[:120])
    audit.record("branches.organisation_dissolved", by=by, target=row, detail={"on": on, "reason": reason})
    organisation.refresh_from_db()
    return organisation


def close(row: Organisation, *, on: date, reason: str) -> None:
    """End what runs there; the caller holds the row and writes the fact. Raises StillInUse, Refusal."""
    _refuse_dissolving(row, on, reason)
    ending = Q(until=None) | Q(until__gt=on)
    row.posts.filter(ending).update(until=on)
    row.party_groups.filter(ending).update(until=on)
    end_seats(GroupSeat.objects.filter(group__organisation=row), on=on)
    Organisation.objects.filter(pk=row.pk).update(dissolved_on=on, facts_changed=True)
    mark_changed([row.parent_id])


def _refuse_dissolving(row: Organisation, on: date, reason: str) -> None:
    if not reason.strip():
        raise Refusal("请填写撤销的依据或原因。")
    if row.established_on and on <= row.established_on:
        raise Refusal(f"撤销日期须晚于成立日期 {row.established_on:%Y-%m-%d}。")
    left = Membership.objects.filter(Q(until=None) | Q(until__gt=on), organisation=row)
    if people := left.values("member").distinct().count():
        raise StillInUse(f"“{row.name}”还有 {people} 人，请先办理组织关系转出，再撤销。")
    if below := row.children.filter(dissolved_on=None).count():
        raise StillInUse(f"“{row.name}”还有 {below} 个下级组织，请先移走或撤销下级组织。")
    if is_last_administrator(row.posts.not_ended(on).select_related("organisation"), after=on):
        raise StillInUse(f"“{row.name}”有最后一位系统管理员，请先为另一人登记系统管理员任职。")
    if Post.objects.filter(organisation=row, since__gt=on).exists():
        raise StillInUse(f"“{row.name}”有在撤销日期之后开始的任职，请先核对任职日期。")


def reopen(row: Organisation) -> None:
    """The organisation was never dissolved; the caller holds the row and marks the fact.

    Posts and groups that ended with it stay ended. Raises WrongPlace, NameTaken.
    """
    above = row.parent
    if above and above.dissolved_on:
        raise WrongPlace(f"上级组织“{above.name}”已撤销，请先处理上级组织。")
    refuse_name(row.name, above)
    row.dissolved_on = None
    Organisation.objects.filter(pk=row.pk).update(dissolved_on=None, facts_changed=True)
    mark_changed([row.parent_id])
