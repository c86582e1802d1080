"""Where a measure stands, by its target, deadline and cadence; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from branches.rules import Refusal
from burden.rules.measures_vocabulary import Cadence, Direction, MeasureStatus
from periods.months import Month

# The measure whose story the case tells first.
FEATURED = "ledger_weight_30"
# A period's value may be entered until this day of the month after it.
ENTRY_DAY = 10
SPANS = {Cadence.MONTHLY: 1, Cadence.QUARTERLY: 3, Cadence.HALF_YEARLY: 6, Cadence.YEARLY: 12}
TONES = {
    MeasureStatus.MET: "ok",
    MeasureStatus.UNDER_WAY: "",
    MeasureStatus.MISSED: "late",
    MeasureStatus.EMPTY: "soon",
}
LARGEST = Decimal("9999999.99")


class MeasureRefused(Refusal):
    """The list, the measure or the value does not fit; str() says what to do."""


@dataclass(frozen=True)
class Goal:
    """What a measure is held to in one year."""

    year: int
    direction: Direction
    target: Decimal
    deadline: date
    cadence: Cadence

    def reached_by(self, value: Decimal) -> bool:
        return value <= self.target if self.direction == Direction.AT_MOST else value >= self.target


@dataclass(frozen=True)
class Standing:
    """Where it stands on a day: the state, why in words, and the month last said, if any."""

    status: MeasureStatus
    why: str
    month: Month | None = None

    @property
    def tone(self) -> str:
        return TONES[self.status]


def standing_of(goal: Goal, points: Mapping[Month, Decimal], *, on: date) -> Standing:
    """`points` are the standing values of any months; only those of the goal's year up to `on` count."""
    own = {month: value for month, value in points.items() if month.year == goal.year and month.first <= on}
    latest = max(own, default=None)
    missing = missing_period(goal, set(own), on=on)
    if missing:
        return Standing(MeasureStatus.EMPTY, f"{missing}的数值还没有填", latest)
    if latest is None:
        return Standing(MeasureStatus.UNDER_WAY, f"按{goal.cadence.label}填报，还没到填报的时候")
    if goal.reached_by(own[latest]):
        return Standing(MeasureStatus.MET, f"{latest.label}的数值已达到目标", latest)
    if on > goal.deadline:
        return Standing(MeasureStatus.MISSED, "时限已过，还没有达到目标", latest)
    return Standing(MeasureStatus.UNDER_WAY, "还没有达到目标，时限没有到", latest)


def missing_period(goal: Goal, said: set[Month], *, on: date) -> str:
    """The latest period of the year that should have a value and has none: “10 月”, “三季度”; else ""."""
    span = SPANS[goal.cadence]
    for end in range(12, 0, -span):
        if on > entry_until(Month(goal.year, end)):
            months = {Month(goal.year, number) for number in range(end - span + 1, end + 1)}
            return "" if months & said else period_words(goal.cadence, end)
    return ""


def entry_until(last: Month) -> date:
    """The last day on which the value of a period that ends with this month is in time."""
    return last.next().day(ENTRY_DAY)


def period_words(cadence: Cadence, end: int) -> str:
    if cadence == Cadence.MONTHLY:
        return f"{end} 月"
    if cadence == Cadence.QUARTERLY:
        return f"{'一二三四'[end // 3 - 1]}季度"
    return ("上半年" if end == 6 else "下半年") if cadence == Cadence.HALF_YEARLY else "全年"


def months_to_fill(year: int, *, on: date) -> list[Month]:
    """The months of the year that have begun, the latest first."""
    last = min(Month.of(on), Month(year, 12))
    return [Month(year, number) for number in range(last.number, 0, -1)] if last.year == year else []


def moved_deadline(deadline: date, year: int) -> date:
    """The same day of another year; 29 February becomes the 28th."""
    return Month(year, deadline.month).day(deadline.day)


def rose(before: Decimal, now: Decimal, unit: str) -> str:
    """“降了 24 个百分点”, “升了 3 小时”, “没有变化”."""
    if before == now:
        return "没有变化"
    words = "个百分点" if unit == "%" else unit
    return f"{'降了' if now < before else '升了'} {abs(now - before).normalize():f} {words}"
