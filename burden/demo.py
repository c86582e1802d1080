"""Burden reduction of the demo: each subject tells its own part, in the order of the floors."""

from branches.demo import DemoTree
from burden import demo_box, demo_demands, demo_measures, demo_surveys, demo_visits


def load(tree: DemoTree) -> None:
    """Fill what the case knows of measures, demands, visits, schemes and surveys."""
    demo_demands.load(tree)
    demo_measures.load(tree)
    demo_surveys.load(tree)
    demo_visits.load(tree)
    demo_box.load(tree)
