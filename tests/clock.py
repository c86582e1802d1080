"""Stopping the day of the pages: views read Django's clock, nothing else does."""

from datetime import date

import pytest
from django.utils import timezone


def stop_clock(monkeypatch: pytest.MonkeyPatch, day: date) -> date:
    monkeypatch.setattr(timezone, "localdate", lambda value=None, tz=None: day)
    return day
