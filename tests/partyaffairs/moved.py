"""A clock that tests move: whatever asks for the moment or the day is told this one."""

from datetime import datetime

import pytest
from django.utils import timezone


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime(year, month, day, hour, minute))  # noqa: DTZ001 - zoned here


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> datetime:
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment
