"""Burden reduction of the demo: each subject tells its own part, in the order of the floors."""

from branches.demo import DemoTree


def load(tree: DemoTree) -> None:
    """Fill what the case knows of measures, demands, visits, schemes and surveys."""
