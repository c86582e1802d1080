"""Rotation of the demo: the year of the as-of day, published, this month under way."""

from branches.demo import DemoTree
from training.actions.rotation import make_plan, publish_plan

BUSY = (1, 12)


def load(tree: DemoTree) -> None:
    plan = make_plan(tree.general, year=tree.as_of.year, per_month=2, busy=BUSY, by=tree.staff, on=tree.as_of)
    publish_plan(plan, by=tree.staff, on=tree.as_of)
