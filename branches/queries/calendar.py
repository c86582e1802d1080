"""The years of the working calendar as the calendar page shows them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from branches.calendar import library_years
from branches.models import CalendarDay

YEARS_AHEAD = 2


@dataclass(frozen=True)
class CalendarYear:
    """One year: known to the library, entered by hand, or reckoned by weekday alone."""

    number: int
    in_library: bool
    days: list[CalendarDay]

    @property
    def known(self) -> bool:
        return self.in_library or bool(self.days)


def calendar_years(*, on: date) -> list[CalendarYear]:
    """From this year on: the next ones, and every later one with entered days; one statement."""
    entered: dict[int, list[CalendarDay]] = defaultdict(list)
    for day in CalendarDay.objects.filter(on__year__gte=on.year).order_by("on"):
        entered[day.on.year].append(day)
    years = sorted({*range(on.year, on.year + YEARS_AHEAD + 1), *entered})
    return [CalendarYear(year, year in library_years(), entered[year]) for year in years]
