"""Plans of joint branches as pages show them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from branches.models import JointPlan, JointPlanGroup, JointPlanStep
from branches.queries.policy import rules_for
from branches.rules import JointPlanState
from branches.rules.joint import FILING_STEPS, Filing, reply_due

CLOSED_SHOWN = 5


@dataclass(frozen=True)
class StepRow:
    """One filing step with its hint, and a word where the reply takes longer than usual."""

    step: JointPlanStep
    hint: str
    late: str = ""


def plans_for(user: User, *, on: date) -> list[JointPlan]:
    """Open plans, then the last closed ones; three statements."""
    visible = JointPlan.objects.visible_to(user, on=on)
    shown = visible.select_related("organisation", "made_by").prefetch_related("groups").order_by("-pk")
    closed = frozenset({JointPlanState.CARRIED_OUT, JointPlanState.DISCARDED})
    return [*shown.exclude(state__in=sorted(closed)), *shown.filter(state__in=sorted(closed))[:CLOSED_SHOWN]]


def groups_of(plan: JointPlan) -> QuerySet[JointPlanGroup]:
    found = plan.groups.select_related("seat", "secretary", "made").prefetch_related("branches")
    return found.order_by("pk")


def step_rows(plan: JointPlan, *, on: date) -> list[StepRow]:
    hints = {step.number: step.hint for step in FILING_STEPS}
    steps = list(plan.steps.order_by("number"))
    applied_on = next((step.done_on for step in steps if step.number == Filing.APPLICATION), None)
    due = reply_due(applied_on, rules_for(plan.organisation, on=on)["setup_reply_months"].number)
    return [
        StepRow(step, hints[Filing(step.number)], _late(step, due, on) if step.number == Filing.REPLY else "")
        for step in steps
    ]


def _late(step: JointPlanStep, due: date | None, on: date) -> str:
    if due is None or (step.done_on or on) <= due:
        return f"一般应在 {due:%Y-%m-%d} 前批复" if due and not step.done_on else ""
    if step.done_on:
        return f"批复晚于一般时限 {due:%Y-%m-%d}"
    return f"一般应在 {due:%Y-%m-%d} 前批复，已超过，请向上级了解进度"
