"""Turns of a rotation as rows, with the dated rights and the lines on month lists that belong to them.

A published turn carries a right to read in its branches, from the first to the last day of its month: it
ends by itself, and is taken back the day the turn is taken from somebody.
"""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import QuerySet

from accounts.models import User
from branches.actions.grants import GrantRefused, end_grant, grant_access
from branches.models import AccessGrant, Organisation, Post
from branches.rules import GrantKind, Refusal, Role
from training.actions.duties import DutyData, ask, take_back
from training.models import RotationPlan, RotationSlot, RotationVisit
from training.rules.duties import DutyKind
from training.rules.rotation import MONTHS


class RotationRefused(Refusal):
    """The plan cannot be made, changed or signed so; str() says what to do."""


def take_away(slot: RotationSlot, *, by: User | None, on: date) -> None:
    """Nobody goes instead; what was handed in stays. Raises RotationRefused."""
    if slot.inspection_id:
        raise RotationRefused(f"{slot.month} 月的反馈已经登记，这一项不能再换人。")
    close_doors(slot.visits.all(), by=by, on=on)
    take_back(DutyKind.ROTATION, slot.pk, on=on)
    slot.delete()


def keep_turn(
    plan: RotationPlan, at: tuple[int, int], places: Collection[int], *, by: User | None, on: date
) -> None:
    """`at`: month and person, who looks at exactly these branches."""
    slot, _ = RotationSlot.objects.get_or_create(plan=plan, month=at[0], user_id=at[1])
    gone = slot.visits.exclude(organisation__in=places)
    close_doors(gone, by=by, on=on)
    gone.delete()
    RotationVisit.objects.bulk_create(
        [RotationVisit(slot=slot, organisation_id=place) for place in sorted(places)], ignore_conflicts=True
    )


def close_doors(visits: QuerySet[RotationVisit], *, by: User | None, on: date) -> int:
    """From today on: yesterday is the last day of a right that had begun. Returns how many were closed."""
    found = list(visits.exclude(grant=None).select_related("grant"))
    for visit in found:
        if visit.grant and visit.grant.until >= on:
            end_grant(visit.grant, on=on - timedelta(days=1), by=by)
    RotationVisit.objects.filter(pk__in=[visit.pk for visit in found]).update(grant=None)
    return len(found)


def open_doors(plan: RotationPlan, *, by: User | None, on: date) -> None:
    """Rights and lines of every turn that is not over and not signed. Raises RotationRefused."""
    rows = open_turns(plan, on=on).filter(signed_on=None)
    for slot in rows.select_related("plan", "user").prefetch_related("visits__organisation").order_by("pk"):
        visits = list(slot.visits.all())
        for visit in visits:
            if visit.grant_id is None:
                _open_door(slot, visit, by=by, on=on)
        _ask(slot, [visit.organisation.name for visit in visits], on=on)


def open_turns(plan: RotationPlan, *, on: date) -> QuerySet[RotationSlot]:
    """Turns of this month and of later ones."""
    return plan.slots.filter(month__in=[m for m in MONTHS if (plan.year, m) >= (on.year, on.month)])


def _open_door(slot: RotationSlot, visit: RotationVisit, *, by: User | None, on: date) -> None:
    since, until, place = max(slot.since, on), slot.until, visit.organisation
    if place.dissolved_on:
        until = min(until, place.dissolved_on)
    same = AccessGrant.objects.filter(user=slot.user, organisation=place, kind=GrantKind.ROTATION)
    # Another plan lets this person in already; what is given there ends there.
    if until < since or same.filter(since__lte=since, until__gte=until).exists():
        return
    reason = f"{slot.plan.year} 年 {slot.month} 月轮训检查"
    try:
        visit.grant = grant_access(
            slot.user, place, kind=GrantKind.ROTATION, since=since, until=until, reason=reason, by=by
        )
    except GrantRefused as refusal:
        raise RotationRefused(f"{slot.month} 月{slot.user.name}到“{place.name}”：{refusal}") from refusal
    visit.save(update_fields=["grant"])


def _ask(slot: RotationSlot, names: Collection[str], *, on: date) -> None:
    """The line stands in the own branch of who goes, from the first day of the month."""
    held = Post.objects.at(on).held_by(slot.user).filter(role=Role.WORKER)
    places = Organisation.objects.filter(pk__in=held.values("organisation")).within(slot.plan.organisation)
    data = DutyData(
        DutyKind.ROTATION,
        slot.pk,
        f"{slot.month} 月轮训检查",
        slot.until,
        "、".join(names),
        asked_on=max(slot.since, on),
    )
    ask(places, data=data, on=on)
