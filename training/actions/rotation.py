"""Making the rotation plan, publishing it, changing it: by the solver with least change, or by hand."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from training.actions.rotation_telling import Told, tell_turns, told_now
from training.actions.rotation_turns import RotationRefused, close_doors, keep_turn, open_doors, take_away
from training.models import BranchPair, RotationAway, RotationPlan, RotationVisit
from training.planning.rotation import turns_of, visits_of
from training.queries.rotation import branches_of, people_of_plan, question_of, year_of
from training.rules.rotation import MOST_A_MONTH, RotationState, can_look_at

Chosen = Mapping[int, Collection[int]]


@transaction.atomic
def make_plan(
    place: Organisation, *, year: int, per_month: int, busy: Collection[int], by: User, on: date
) -> RotationPlan:
    """Solve a year and keep it as a draft. Raises RotationRefused."""
    Organisation.objects.select_for_update().get(pk=place.pk)
    if year < on.year:
        raise RotationRefused("请为今年或者以后的年度安排轮训。")
    if RotationPlan.objects.filter(organisation=place, year=year).exists():
        raise RotationRefused(f"{year} 年已经有轮训安排，请直接在里面调整。")
    plan = RotationPlan.objects.create(
        organisation=place, year=year, per_month=per_month, busy=sorted(busy), made_by=by
    )
    _solve(plan, by=by, on=on)
    audit.record("training.rotation_planned", by=by, target=plan, detail={"year": year})
    return plan


@transaction.atomic
def publish_plan(plan: RotationPlan, *, by: User, on: date) -> RotationPlan:
    """Everybody below sees it, turns get their dated rights, who goes is told. Raises RotationRefused."""
    row = _locked(plan)
    if row.is_published:
        raise RotationRefused("轮训安排已经发布，不用再发布。")
    if not row.slots.exists():
        raise RotationRefused("还没有安排任何人，请先排好再发布。")
    row.state = RotationState.PUBLISHED
    row.save(update_fields=["state"])
    _after_change(row, {}, by=by, on=on)
    audit.record("training.rotation_published", by=by, target=row, detail={"year": row.year})
    return row


@transaction.atomic
def drop_out(plan: RotationPlan, user: User, *, months: Collection[int], by: User, on: date) -> RotationPlan:
    """That person cannot go in these months: plan anew with least change. Raises RotationRefused."""
    row = _locked(plan)
    open_months = {month for month in months if (row.year, month) > (on.year, on.month)}
    if not open_months:
        raise RotationRefused("已经开始的月份不再重排，请选择以后的月份。")
    RotationAway.objects.bulk_create(
        [RotationAway(plan=row, user=user, month=month) for month in sorted(open_months)],
        ignore_conflicts=True,
    )
    _replan(row, by=by, on=on)
    detail = {"user": user.pk, "months": sorted(open_months)}
    audit.record("training.rotation_replanned", by=by, target=row, detail=detail)
    return row


@transaction.atomic
def come_back(plan: RotationPlan, user: User, *, month: int, by: User) -> None:
    """That month is possible after all; nothing is planned anew before somebody asks for it."""
    row = _locked(plan)
    gone, _ = RotationAway.objects.filter(plan=row, user=user, month=month).delete()
    if gone:
        detail = {"user": user.pk, "month": month}
        audit.record("training.rotation_available", by=by, target=row, detail=detail)


@transaction.atomic
def replan(plan: RotationPlan, *, by: User, on: date) -> RotationPlan:
    """Fit the months to come to who works where today, with least change. Raises RotationRefused."""
    row = _locked(plan)
    _replan(row, by=by, on=on)
    audit.record("training.rotation_replanned", by=by, target=row, detail={})
    return row


@transaction.atomic
def set_month(plan: RotationPlan, month: int, chosen: Chosen, *, by: User, on: date) -> RotationPlan:
    """By hand: exactly these go, each to exactly these branches. Raises RotationRefused."""
    row = _locked(plan)
    if (row.year, month) <= (on.year, on.month):
        raise RotationRefused("已经开始的月份不再改动，请选择以后的月份。")
    _check_chosen(row, chosen, on=on)
    before = told_now(row, on=on)
    for slot in row.slots.filter(month=month).exclude(user__in=chosen):
        take_away(slot, by=by, on=on)
    for user, places in chosen.items():
        keep_turn(row, (month, user), places, by=by, on=on)
    if row.is_published:
        _after_change(row, before, by=by, on=on)
    detail = {"month": month, "users": sorted(chosen)}
    audit.record("training.rotation_set", by=by, target=row, detail=detail)
    return row


@transaction.atomic
def pair_branches(place: Organisation, one: Organisation, other: Organisation, *, by: User) -> None:
    """From the next planning on neither looks at the other. Raises RotationRefused."""
    if one.pk == other.pk:
        raise RotationRefused("请选择两个不同的支部。")
    first, second = sorted((one, other), key=lambda branch: branch.pk)
    _, is_new = BranchPair.objects.get_or_create(first=first, second=second)
    if not is_new:
        raise RotationRefused(f"“{one.name}”和“{other.name}”已经是结对支部。")
    detail = {"branches": [first.pk, second.pk]}
    audit.record("training.branches_paired", by=by, target=place, detail=detail)


@transaction.atomic
def unpair_branches(pair: BranchPair, *, place: Organisation, by: User) -> None:
    detail = {"branches": [pair.first_id, pair.second_id]}
    gone, _ = BranchPair.objects.filter(pk=pair.pk).delete()
    if gone:
        audit.record("training.branches_unpaired", by=by, target=place, detail=detail)


@transaction.atomic
def close_doors_of_leavers(*, on: date) -> int:
    """Who no longer works for a branch here looks into none; returns how many rights ended."""
    closed = 0
    for plan in RotationPlan.objects.filter(state=RotationState.PUBLISHED, year=on.year):
        there = [person.key for person in people_of_plan(plan, on=on)]
        mine = RotationVisit.objects.filter(slot__plan=plan, slot__month__gte=on.month)
        closed += close_doors(mine.exclude(slot__user__in=there), by=None, on=on)
    return closed


def _locked(plan: RotationPlan) -> RotationPlan:
    return RotationPlan.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=plan.pk)


def _replan(plan: RotationPlan, *, by: User, on: date) -> None:
    before = told_now(plan, on=on)
    _solve(plan, by=by, on=on)
    if plan.is_published:
        _after_change(plan, before, by=by, on=on)


def _after_change(plan: RotationPlan, before: Told, *, by: User, on: date) -> None:
    open_doors(plan, by=by, on=on)
    plan.revision += 1
    plan.save(update_fields=["revision"])
    tell_turns(plan, before, by=by, on=on)


def _solve(plan: RotationPlan, *, by: User, on: date) -> None:
    asked = question_of(plan, year_of(plan), on=on)
    if not asked.people or not asked.branches:
        raise RotationRefused("下属支部还没有党务工作者，请先登记任职。")
    try:
        turns = turns_of(asked)
        visits = visits_of(asked, turns)
    except TimeoutError as late:
        raise RotationRefused("这一次没有排出来，请过一会儿再试，或减少每月人数。") from late
    plan.gap = turns.gap
    plan.save(update_fields=["gap"])
    for slot in plan.slots.exclude(month__in=asked.fixed):
        if (slot.month, slot.user_id) not in visits:
            take_away(slot, by=by, on=on)
    for (month, user), places in visits.items():
        if month not in asked.fixed:
            keep_turn(plan, (month, user), places, by=by, on=on)


def _check_chosen(plan: RotationPlan, chosen: Chosen, *, on: date) -> None:
    """What no hand may set: strangers, too many, nowhere to go, the own or a paired branch."""
    if len(chosen) > MOST_A_MONTH:
        raise RotationRefused(f"一个月最多安排 {MOST_A_MONTH} 位。")
    people = {person.key: person for person in people_of_plan(plan, on=on)}
    branches = {branch.pk: branch for branch in branches_of(plan, on=on)}
    for user, places in chosen.items():
        if user not in people or not set(places) <= set(branches):
            raise RotationRefused("所选的人或者支部已有变动，请刷新后重新选择。")
        if not places:
            raise RotationRefused("请为每一位选择要看的支部。")
        if closed := [branches[place].name for place in places if not can_look_at(people[user], place)]:
            raise RotationRefused(f"不能检查本支部或者结对的支部：{'、'.join(closed)}。")
