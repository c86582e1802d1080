"""Rotation of the demo: the year of the as-of day, its months gone signed, this month under way."""

from calendar import monthrange
from datetime import date, timedelta

from branches.demo import DemoTree
from branches.models import Organisation
from training.actions.rotation import make_plan, pair_branches, publish_plan
from training.actions.rotation_feedback import hand_in, sign_turn
from training.models import RotationPlan

BUSY = (1, 12)
PAIR = ("BR01", "BR02")
SIGNED_AFTER = timedelta(days=3)


def load(tree: DemoTree) -> None:
    one, other = (Organisation.objects.get(code=code) for code in PAIR)
    pair_branches(tree.general, one, other, by=tree.staff)
    begun = min(date(tree.as_of.year, 1, 1), tree.as_of)
    plan = make_plan(tree.general, year=tree.as_of.year, per_month=2, busy=BUSY, by=tree.staff, on=begun)
    publish_plan(plan, by=tree.staff, on=begun)
    for month in range(1, tree.as_of.month):
        _gone(tree, plan, month)


def _gone(tree: DemoTree, plan: RotationPlan, month: int) -> None:
    last = date(plan.year, month, monthrange(plan.year, month)[1])
    for slot in plan.slots.filter(month=month).select_related("user").order_by("pk"):
        handed = hand_in(slot, by=slot.user, on=last)
        if last + SIGNED_AFTER <= tree.as_of:
            sign_turn(handed, by=tree.staff, on=last + SIGNED_AFTER)
