"""Workdays, given the State Council's adjustments as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

_DAY = timedelta(days=1)
# No holiday is that long: a search that finds nothing within it means the data is wrong, not the year.
_SEARCH_DAYS = 40


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Monday to Friday, except where `special` says otherwise.

    special: date → is it a workday, only for days that differ from the weekday pattern.
    known_years: years whose notice of adjusted days (调休) is out; other years are computed by weekday alone.
    """

    special: Mapping[date, bool] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        return self.special.get(day, day.weekday() < 5)

    def is_known(self, day: date) -> bool:
        return day.year in self.known_years

    def on_or_before(self, day: date) -> date:
        """The last workday up to that day (the day itself when the search finds none)."""
        return self._nearest(day, -_DAY)

    def on_or_after(self, day: date) -> date:
        """The first workday from that day on (the day itself when the search finds none)."""
        return self._nearest(day, _DAY)

    def _nearest(self, day: date, step: timedelta) -> date:
        return next((d for n in range(_SEARCH_DAYS) if self.is_workday(d := day + n * step)), day)

    def first_workday(self, start: date, end: date) -> date:
        """The first workday in [start, end]; `end` when the range has none."""
        found = self.on_or_after(start)
        return found if start <= found <= end and self.is_workday(found) else end

    def last_workday(self, start: date, end: date) -> date:
        """The last workday in [start, end]; `end` when the range has none."""
        found = self.on_or_before(end)
        return found if start <= found else end

    def workdays_between(self, start: date, end: date) -> int:
        """How many workdays lie in [start, end], both days included; 0 when `end` lies before `start`."""
        return sum(self.is_workday(start + n * _DAY) for n in range((end - start).days + 1))

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th workday after `day` (before it when negative); `day` itself for 0."""
        step = _DAY if count >= 0 else -_DAY
        for _ in range(abs(count)):
            day = self._nearest(day + step, step)
        return day
