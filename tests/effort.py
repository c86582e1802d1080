"""How hard a random search looks: modestly in the normal run, thoroughly with `./dev test --full`."""

import os

FULL = bool(os.environ.get("TEST_FULL"))


def tries(normal: int, full: int) -> int:
    """Return how many random cases to try in this run."""
    return full if FULL else normal
