"""Drafts of joint branches: taken over from a proposal, filled in, filed, discarded. Nothing moves yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from audit import actions as audit
from branches.models import JointPlan, JointPlanGroup, JointPlanStep, Member, Membership, Organisation
from branches.rules import JointPlanState, MemberStatus, Refusal
from branches.rules.joint import FILING_STEPS, Filing, out_of_order

OPEN_PLANS = frozenset({JointPlanState.DRAFT, JointPlanState.APPROVED})
LEAST_BRANCHES = 2


class PlanRefused(Refusal):
    """The draft does not fit its branches, its steps or its state."""


@dataclass(frozen=True)
class GroupData:
    """One joint branch to be: its branches, the seat among them, and who may become secretary."""

    name: str
    branches: Sequence[Organisation]
    seat: Organisation
    secretary: Member | None = None


def groups_from(
    figures: Iterable[Mapping[str, Any]], branches: Mapping[int, Organisation]
) -> list[GroupData]:
    """The groups of a report with the first candidate of each; `branches` by their keys."""
    return [
        GroupData(
            name=one["name"],
            branches=[branches[key] for key in one["keys"]],
            seat=branches[one["seat_key"]],
            secretary=_first_candidate(one),
        )
        for one in figures
    ]


def _first_candidate(figures: Mapping[str, Any]) -> Member | None:
    keys = [candidate["key"] for candidate in figures["secretary_candidates"][:1]]
    return Member.objects.filter(pk__in=keys).first()


@transaction.atomic
def draft_plan(
    organisation: Organisation,
    *,
    groups: Sequence[GroupData],
    as_of: date,
    parameters: Mapping[str, Any],
    figures: Mapping[str, Any],
    by: User,
) -> JointPlan:
    """Keep a proposal as a draft with its filing steps. Raises PlanRefused.

    A branch stands in one open plan at a time, so a second submit of the same form finds its own work.
    """
    every = sorted({branch.pk for group in groups for branch in group.branches})
    # Two plans with the same branch wait for each other here, whatever organisation they are made for.
    list(Organisation.objects.select_for_update().filter(pk__in=every).order_by("pk"))
    _refuse_groups(organisation, groups, as_of)
    plan = JointPlan.objects.create(
        organisation=organisation,
        as_of=as_of,
        parameters=dict(parameters),
        figures=dict(figures),
        made_by=by,
    )
    for group in groups:
        row = JointPlanGroup.objects.create(
            plan=plan, name=group.name.strip(), seat=group.seat, secretary=group.secretary
        )
        row.branches.set(group.branches)
    JointPlanStep.objects.bulk_create(
        JointPlanStep(plan=plan, number=step.number, name=step.name) for step in FILING_STEPS
    )
    codes = [[branch.code for branch in group.branches] for group in groups]
    audit.record("branches.joint_plan_drafted", by=by, target=plan, detail={"groups": codes})
    return plan


def _refuse_groups(organisation: Organisation, groups: Sequence[GroupData], on: date) -> None:
    if not groups:
        raise PlanRefused("方案里还没有要联合的支部，请先选择。")
    every = [branch.pk for group in groups for branch in group.branches]
    known = Organisation.objects.within(organisation).branches().active(on=on).filter(pk__in=every)
    if known.count() < len(set(every)):
        raise PlanRefused("所选支部中有的已撤销或不在本组织之下，请重新测算。")
    if len(set(every)) < len(every):
        raise PlanRefused("同一个支部出现在两组里，请只留在一组。")
    names = [group.name.strip() for group in groups]
    if len(set(names)) < len(names):
        raise PlanRefused("两个联合党支部的名称相同，请改其中一个。")
    for group in groups:
        _refuse_group(group)
    _refuse_planned(every)


def _refuse_group(group: GroupData) -> None:
    if len(group.branches) < LEAST_BRANCHES:
        raise PlanRefused(f"“{group.name}”只有一个支部，联合党支部至少由两个支部组成。")
    if group.seat not in group.branches:
        raise PlanRefused(f"“{group.name}”的集中地点须在所联合的支部之中，请重新选择。")
    if not group.name.strip():
        raise PlanRefused("请填写联合党支部的名称。")


def _refuse_planned(branches: Iterable[int]) -> None:
    taken = JointPlanGroup.objects.filter(plan__state__in=sorted(OPEN_PLANS), branches__in=branches)
    found = taken.values_list("branches__name", "plan__made_at").filter(branches__in=branches).first()
    if found:
        name, made_at = found
        raise PlanRefused(f"“{name}”已在 {made_at:%Y-%m-%d} 的联合方案里，请先处理那个方案。")


@transaction.atomic
def change_group(
    group: JointPlanGroup, *, name: str, seat: Organisation, secretary: Member | None, on: date, by: User
) -> JointPlanGroup:
    """Give a joint branch to be another name, seat or candidate. Raises PlanRefused."""
    plan = _open_plan(group.plan_id)
    row = JointPlanGroup.objects.select_for_update(of=("self",)).get(pk=group.pk)
    branches = list(row.branches.all())
    _refuse_group(GroupData(name, branches, seat))
    if plan.groups.exclude(pk=row.pk).filter(name=name.strip()).exists():
        raise PlanRefused(f"方案里已有“{name.strip()}”，请换一个名称。")
    if secretary is not None:
        _refuse_secretary(secretary, branches, on)
    row.name, row.seat, row.secretary = name.strip(), seat, secretary
    row.save(update_fields=["name", "seat", "secretary"])
    detail = {"group": row.pk, "name": row.name, "seat": seat.pk}
    audit.record("branches.joint_group_changed", by=by, target=plan, detail=detail)
    group.refresh_from_db()
    return group


def full_memberships(branches: Iterable[Organisation], *, on: date) -> QuerySet[Membership]:
    """Full members of these branches on that day."""
    return Membership.objects.at(on).filter(organisation__in=branches, status=MemberStatus.FULL)


def _refuse_secretary(member: Member, branches: Iterable[Organisation], on: date) -> None:
    if not full_memberships(branches, on=on).filter(member=member).exists():
        raise PlanRefused(f"{member.name}不是所联合支部的正式党员，请另选书记人选。")


@transaction.atomic
def record_step(
    plan: JointPlan, *, number: int, done_on: date | None, document: str, by: User, today: date
) -> JointPlanStep:
    """Write down when a filing step was done, or take it back (None). Raises PlanRefused.

    The reply approves the plan; taking the reply back makes it a draft again.
    """
    row = _open_plan(plan.pk)
    step = row.steps.select_for_update().get(number=number)
    if done_on is None and document.strip():
        raise PlanRefused("填写了文号或说明，请同时填写办理日期。")
    if done_on is not None:
        _refuse_day(row, number, done_on, today)
    step.done_on, step.document, step.entered_by = done_on, document.strip(), by
    step.save(update_fields=["done_on", "document", "entered_by"])
    if number == Filing.REPLY:
        row.state = JointPlanState.APPROVED if done_on else JointPlanState.DRAFT
        row.save(update_fields=["state"])
    detail = {"step": number, "on": done_on, "document": document}
    audit.record("branches.joint_step_recorded", by=by, target=row, detail=detail)
    plan.refresh_from_db()
    return step


def _refuse_day(plan: JointPlan, number: int, done_on: date, today: date) -> None:
    if done_on > today:
        raise PlanRefused(f"{done_on:%Y-%m-%d} 还没有到，请在办理之后登记。")
    done = {step.number: step.done_on for step in plan.steps.exclude(number=number) if step.done_on}
    if said := out_of_order(done, number, done_on):
        raise PlanRefused(said)


@transaction.atomic
def discard_plan(plan: JointPlan, *, reason: str, by: User) -> JointPlan:
    """Close a plan that will not be carried out; its branches are free for another. Raises PlanRefused."""
    row = _open_plan(plan.pk)
    if not reason.strip():
        raise PlanRefused("请填写作废的原因。")
    close_plan(row, JointPlanState.DISCARDED, note=reason.strip())
    audit.record("branches.joint_plan_discarded", by=by, target=row, detail={"reason": reason.strip()})
    plan.refresh_from_db()
    return plan


def close_plan(plan: JointPlan, state: JointPlanState, *, note: str) -> None:
    """Close a locked plan."""
    JointPlan.objects.filter(pk=plan.pk).update(state=state, closed_at=Now(), closing_note=note)


def _open_plan(pk: int) -> JointPlan:
    row = JointPlan.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.state == JointPlanState.CARRIED_OUT:
        raise PlanRefused(f"方案已于 {row.effective_on:%Y-%m-%d} 实施，不能再修改。")
    if row.state == JointPlanState.DISCARDED:
        raise PlanRefused("方案已作废，不能再修改。")
    return row
