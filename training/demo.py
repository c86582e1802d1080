"""Training of the demo: each subject tells its own part."""

from branches.demo import DemoTree
from training import demo_cards, demo_contests, demo_mentors, demo_outputs, demo_rotation, demo_sessions


def load(tree: DemoTree) -> None:
    """Fill a year of mentors, sessions, cards, rotation, contests and outputs."""
    demo_sessions.load(tree)
    demo_rotation.load(tree)
    demo_cards.load(tree)
    demo_outputs.load(tree)
    demo_mentors.load(tree)
    demo_contests.load(tree)
