"""The figures of the error bank: what each counts, in words and as a condition on dated facts.

Everything is decided by what had happened until a day, so that a past month gives the same numbers
whenever it is asked.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median
from typing import NamedTuple

from errorbank.rules.lifecycle import MOVES
from errorbank.rules.vocabulary import UNFIXED_STATES, UNSETTLED_STATES, FindingState, StepKind
from periods.months import Month

WINDOW_MONTHS = 12
# A share of fewer says more about chance than about a branch.
LEAST_FOR_SHARE = 5


@dataclass(frozen=True)
class Span:
    """A month as far as it has passed, and the twelve months that end with it."""

    month: Month
    day: date

    @classmethod
    def of(cls, month: Month, *, on: date) -> "Span":
        return cls(month, min(month.last, on))

    @cached_property
    def window(self) -> Month:
        return self.month.plus(1 - WINDOW_MONTHS)

    @cached_property
    def since(self) -> date:
        return self.window.first

    @property
    def months(self) -> list[Month]:
        return [self.window.plus(n) for n in range(WINDOW_MONTHS)]

    def in_month(self, day: date | None) -> bool:
        return day is not None and self.month.first <= day <= self.day

    def in_window(self, day: date | None) -> bool:
        return day is not None and self.since <= day <= self.day


@dataclass(frozen=True, slots=True)
class Case:
    """A finding as it stood at the end of a span."""

    pk: int
    place: int
    category: str
    found_on: date
    happened_on: date
    closed_on: date | None
    deadline_on: date
    self_reported: bool
    is_repeat: bool
    state: FindingState

    def is_late(self, day: date) -> bool:
        return self.state in UNFIXED_STATES and self.deadline_on < day


class Check(NamedTuple):
    """An answered recheck."""

    finding: int
    place: int
    category: str
    passed: bool


def state_by(steps: Iterable[StepKind]) -> FindingState:
    """What a finding had become by these steps, the oldest first."""
    state = FindingState.OPEN
    for step in steps:
        if step in MOVES:
            state = MOVES[step].after
    return state


@dataclass(frozen=True)
class Definition:
    """One number: its name, the words printed beside it, and what belongs to it."""

    name: str
    words: str
    holds: Callable[[Case, Span], bool]


FIGURES: Mapping[str, Definition] = {
    "open": Definition(
        "未了结",
        "截至统计时点，已登记而没有销号的问题，包括待审核的和条件不具备暂缓的。",
        lambda case, span: case.state in UNSETTLED_STATES,
    ),
    "overdue": Definition(
        "已逾期",
        "未了结的问题中，还在待整改、整改中，而整改期限已过的；期限按统计时点的计算，以后调整的不改变以前月份的数。",
        lambda case, span: case.is_late(span.day),
    ),
    "closed": Definition(
        "本月销号",
        "销号日期在本月的问题，不论是哪一年发现的；以后又发生的，不改变这个数。",
        lambda case, span: span.in_month(case.closed_on),
    ),
    "found": Definition(
        "本月发现",
        "登记日期在本月的问题。",
        lambda case, span: span.in_month(case.found_on),
    ),
    "occurred": Definition(
        "近 12 个月发生",
        "发生日期在截至本月的 12 个月内的问题。",
        lambda case, span: span.in_window(case.happened_on),
    ),
    "repeated": Definition(
        "重复发生",
        "近 12 个月发生的问题中，同一支部同一问题或同一事项在规定天数内再次发生的。",
        lambda case, span: span.in_window(case.happened_on) and case.is_repeat,
    ),
    "closed_year": Definition(
        "近 12 个月销号",
        "销号日期在截至本月的 12 个月内的问题。",
        lambda case, span: span.in_window(case.closed_on),
    ),
}


class Pile(NamedTuple):
    """A part of a stacked bar."""

    key: str
    name: str
    tone: str
    holds: Callable[[Case, Span], bool]


def _in(state: FindingState) -> Callable[[Case, Span], bool]:
    return lambda case, span: case.state == state


PILES = (
    Pile("late", "已逾期", "rose", lambda case, span: case.is_late(span.day)),
    Pile("fixing", "整改中", "sand", lambda c, span: c.state in UNFIXED_STATES and not c.is_late(span.day)),
    Pile("submitted", "待审核", "tint", _in(FindingState.SUBMITTED)),
    Pile("accepted", "条件不具备", "grid", _in(FindingState.ACCEPTED)),
    Pile("rechecking", "复查中", "soft", _in(FindingState.RECHECKING)),
    Pile("settled", "已销号", "mint", _in(FindingState.CLOSED)),
)


@dataclass(frozen=True)
class Share:
    """A part of a whole; of a small whole no per cent is given."""

    part: int
    whole: int

    @property
    def words(self) -> str:
        if not self.whole:
            return "暂无"
        if self.whole < LEAST_FOR_SHARE:
            return f"{self.whole} 个中 {self.part} 个"
        return f"{100 * self.part / self.whole:.0f}%（{self.part}/{self.whole}）"


def pass_share(checks: Iterable[Check]) -> Share:
    answers = [check.passed for check in checks]
    return Share(sum(answers), len(answers))


def days_to_close(cases: Iterable[Case]) -> float | None:
    """The median of days from being written down to being closed."""
    days = [(case.closed_on - case.found_on).days for case in cases if case.closed_on]
    return median(days) if days else None
