"""Calendar months, and moving a date by whole months without losing the month's end."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

_WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})")
# Wide enough for any dated fact of a living member, narrow enough that no later sum leaves `date`.
FIRST_YEAR, LAST_YEAR = 1900, 2199


class UnknownMonth(ValueError):
    """The text is no month; str() is the sentence for the reader."""

    def __init__(self, text: str) -> None:
        super().__init__(f"没有认出月份“{text[:20]}”，请写成“2026-11”这样的形式。")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 12 and 1 <= self.year <= 9999):
            raise UnknownMonth(f"{self.year}-{self.number}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read “2026-11”. Raises UnknownMonth for anything else."""
        match = _WRITTEN.fullmatch(text.strip())
        if not match or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR or not 1 <= int(match[2]) <= 12:
            raise UnknownMonth(text)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return self.day(31)

    @property
    def label(self) -> str:
        return f"{self.year} 年 {self.number} 月"

    def day(self, number: int) -> date:
        """The day of that number, or the last day when the month is shorter."""
        return date(self.year, self.number, min(number, monthrange(self.year, self.number)[1]))

    def plus(self, months: int) -> Self:
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return type(self)(year, number + 1)

    def next(self) -> Self:
        return self.plus(1)

    def previous(self) -> Self:
        return self.plus(-1)

    def __contains__(self, day: date) -> bool:
        return (day.year, day.month) == (self.year, self.number)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def months_between(start: Month, end: Month) -> int:
    """How many months `end` lies after `start`; negative when it lies before."""
    return (end.year - start.year) * 12 + end.number - start.number


def month_range(start: Month, end: Month) -> Iterator[Month]:
    """Every month from `start` to `end`, both included; nothing when `end` lies before."""
    for n in range(months_between(start, end) + 1):
        yield start.plus(n)


def add_months(day: date, months: int) -> date:
    """Same day of the month, or the last one where the month is shorter (31 January + 1 = 28 or 29 February).

    Steps are counted from the original date, never from a result: 31 January + 2 is 31 March.
    """
    return Month.of(day).plus(months).day(day.day)


def shift_months_keep_month_end(day: date, months: int) -> date:
    """Like add_months, but the last day of a month stays a last day (28 February + 1 = 31 March)."""
    target = Month.of(day).plus(months)
    return target.last if day == Month.of(day).last else target.day(day.day)


def whole_years(since: date, day: date) -> int:
    """How many full years have passed; who was born on 29 February is a year older on 28 February."""
    years = day.year - since.year
    return years - (add_years(since, years) > day)


def add_years(day: date, years: int) -> date:
    """29 February becomes 28 February in a common year."""
    return add_months(day, 12 * years)
