"""Incentives of the demo: each subject tells its own part."""

from branches.demo import DemoTree
from incentives import demo_contributions, demo_honours, demo_levels


def load(tree: DemoTree) -> None:
    """Fill what the case knows of contributions, honours and levels."""
    demo_contributions.load(tree)
    demo_honours.load(tree)
    demo_levels.load(tree)
