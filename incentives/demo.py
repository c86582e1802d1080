"""Incentives of the demo: each subject tells its own part."""

from branches.demo import DemoTree


def load(tree: DemoTree) -> None:
    """Fill what the case knows of contributions, honours and levels."""
