"""What every test shares."""

from collections.abc import Iterator

import hypothesis
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

pytest_plugins = ["tests.services", "tests.database"]

# Two parallel workers and a browser share two cores: how long one case takes says nothing.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")


@pytest.fixture(scope="session", autouse=True)
def short_history() -> Iterator[None]:
    """The demo tells a year; some months of it show the same in half the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reminders.demo.HISTORY_MONTHS", 4)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """The portal's own hasher with the least work it can do: a hash names its costs, so all checks hold."""
    with pytest.MonkeyPatch.context() as patch:
        for cost, least in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
            patch.setattr(Argon2PasswordHasher, cost, least)
        yield
