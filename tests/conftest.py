"""What every test shares."""

from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.services"]


@pytest.fixture(scope="session", autouse=True)
def short_history() -> Iterator[None]:
    """The demo tells a year; some months of it show the same in half the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reminders.demo.HISTORY_MONTHS", 4)
        yield
