"""The pieces a due rule is written with: kinds, month-days, offsets, and the error for an unsound rule."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self

from periods.months import Month, add_months

# A rule comes from JSON: keys that this code does not know are allowed and ignored.
Rule = Mapping[str, Any]

_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
# Any leap year: it makes 02-29 a valid month-day.
_LEAP_YEAR = 2024


class InvalidDueRule(ValueError):
    """The rule cannot be followed; str() is a Chinese sentence that says what to write instead."""


class Kind(StrEnum):
    PERIODIC = "periodic"
    YEARLY_WINDOW = "yearly_window"
    FIXED_DATE = "fixed_date"
    FIXED_WINDOW = "fixed_window"
    EVENT_OFFSET = "event_offset"
    ONE_OFF = "one_off"


class Period(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"

    @property
    def months(self) -> int:
        return {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6, Period.YEAR: 12}[self]


class Due(StrEnum):
    FIRST_WORKDAY = "first_workday_of_period"
    LAST_WORKDAY = "last_workday_of_period"


# The value of `fixed_day` that hands the choice of the day to each branch.
PER_BRANCH = "per_branch_setting"


@dataclass(frozen=True, order=True, slots=True)
class MonthDay:
    month: int
    day: int

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read “06-30”; 02-29 is allowed and means the last day of February. Raises InvalidDueRule."""
        match = _MONTH_DAY.fullmatch(text) if isinstance(text, str) else None
        if match:
            month, day = int(match[1]), int(match[2])
            if 1 <= month <= 12 and 1 <= day <= Month(_LEAP_YEAR, month).last.day:
                return cls(month, day)
        raise InvalidDueRule(f"没有认出日期“{str(text)[:20]}”，请写成“06-30”这样的月日。")

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.month, day.day)

    def on(self, year: int) -> date:
        return Month(year, self.month).day(self.day)

    @property
    def label(self) -> str:
        return f"{self.month} 月 {self.day} 日"


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance in whole months and days; years are months."""

    months: int = 0
    days: int = 0

    @classmethod
    def read(cls, given: object) -> Self | None:
        """From {"days"|"months"|"years": whole number}; None when nothing is given. Raises InvalidDueRule."""
        if not given:
            return None
        if not isinstance(given, Mapping):
            raise InvalidDueRule("时限请用天、月或年来写。")
        days, months, years = (_whole(given.get(unit, 0)) for unit in ("days", "months", "years"))
        return cls(months + 12 * years, days) if {"days", "months", "years"} & set(given) else None

    def after(self, anchor: date, *, times: int = 1) -> date:
        """Counted from the anchor itself, so that the third half-year never inherits a shortened month."""
        return add_months(anchor, times * self.months) + timedelta(days=times * self.days)

    def before(self, anchor: date) -> date:
        return add_months(anchor, -self.months) - timedelta(days=self.days)

    @property
    def label(self) -> str:
        years, months = (self.months // 12, 0) if self.months % 12 == 0 else (0, self.months)
        parts = ((years, "年"), (months, "个月"), (self.days, "天"))
        return "零 ".join(f"{n} {unit}" for n, unit in parts if n)


def whole_numbers(given: object) -> list[int]:
    """A list of days or months before a date, as whole numbers. Raises InvalidDueRule."""
    if given is None:
        return []
    return [_whole(n) for n in (given if isinstance(given, list | tuple) else [given])]


def read_day(given: object) -> date:
    """A day written as “2026-11-20”. Raises InvalidDueRule."""
    try:
        return given if isinstance(given, date) else date.fromisoformat(str(given))
    except ValueError:
        raise InvalidDueRule(f"没有认出日期“{str(given)[:20]}”，请写成“2026-11-20”这样的年月日。") from None


def read_kind(rule: Rule) -> Kind:
    try:
        return Kind(rule.get("kind", ""))
    except ValueError:
        raise InvalidDueRule("请选择一种期限：按周期、每年窗口、固定日期、按事件或一次性。") from None


def read_period(rule: Rule) -> Period:
    try:
        return Period(rule.get("period", ""))
    except ValueError:
        raise InvalidDueRule("周期请选月、季度、半年或年。") from None


def read_due(rule: Rule) -> Due:
    try:
        return Due(rule.get("due", Due.LAST_WORKDAY))
    except ValueError:
        raise InvalidDueRule("截止日请选第一个工作日或最后一个工作日。") from None


def _whole(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise InvalidDueRule(f"这里请填整数，现在是“{str(given)[:20]}”。")
    return given
