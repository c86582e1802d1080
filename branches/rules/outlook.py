"""How a branch will stand, month by month, from what is known on a day.

Levels, the first that fits (n is the least number of full members a branch needs, 3):

* breach: fewer than n now.
* imminent: fewer than n on some day within the horizon (policy outlook_horizon_months). The lowest day
  counts, not the value at the horizon: a branch that is refilled later still has no right number between.
* no_buffer: exactly n on the lowest day.
* borrowed: enough, but fewer than n without the members borrowed from other departments today.
* ok: otherwise.

`own_department` counts full members who are not borrowed. Months are the asked number of months beginning
with the month of the day; a figure is the count at the end of its last day. A fall after the horizon but
within these months is told as headcount_later and does not change the level.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from branches.rules.findings import (
    BranchRecord,
    Finding,
    Rules,
    alerts_of,
    findings_on,
    horizon_end,
    least_full,
)
from branches.rules.headcount import Change, Count, Projection
from periods.months import Month, month_range

FEWEST_MONTHS, USUAL_MONTHS, MOST_MONTHS = 1, 12, 36


class OutlookLevel(TextChoices):
    """How a branch stands, the worst first."""

    BREACH = "breach", "已不足"
    IMMINENT = "imminent", "将不足"
    NO_BUFFER = "no_buffer", "临界"
    BORROWED = "borrowed", "靠抽调"
    OK = "ok", "正常"


@dataclass(frozen=True)
class MonthFigure:
    """Counts on the last day of the month; `own` are full members of the own department."""

    month: Month
    full: int
    probationary: int
    own: int


@dataclass(frozen=True)
class BranchOutlook:
    """One branch from a day on.

    `own_department` counts full members who are not borrowed, on that day; `own_department_after` those of
    them who remain after every known departure within the horizon of the policy. `lowest` is the smallest
    number of full members within the horizon.
    """

    organisation: int
    code: str
    name: str
    on: date
    full_now: int
    probationary_now: int
    own_department: int
    own_department_after: int
    lowest: int
    least: int
    level: OutlookLevel
    findings: tuple[Finding, ...]
    months: tuple[MonthFigure, ...]
    changes: tuple[Change, ...]
    term_ends: date | None = None

    @property
    def alerts(self) -> tuple[Finding, ...]:
        return alerts_of(self.findings)


def last_day(on: date, months: int) -> date:
    """The last day of the asked months, the month of `on` being the first."""
    return Month.of(on).plus(months - 1).last


def end_of_view(on: date, months: int, rules: Rules) -> date:
    """The level looks as far as the horizon even when fewer months are asked."""
    return max(last_day(on, months), horizon_end(on, rules))


def level_of(projection: Projection, rules: Rules) -> OutlookLevel:
    least, now = least_full(rules), projection.now
    lowest = projection.lowest_full(horizon_end(projection.on, rules))
    if now.full < least:
        return OutlookLevel.BREACH
    if lowest < least:
        return OutlookLevel.IMMINENT
    if lowest == least:
        return OutlookLevel.NO_BUFFER
    return OutlookLevel.BORROWED if now.own < least else OutlookLevel.OK


def outlook(
    record: BranchRecord, rules: Rules, *, organisation: int, code: str, name: str, months: int
) -> BranchOutlook:
    """The outlook of one branch; its projection must reach to end_of_view."""
    projection, on = record.projection, record.on
    horizon = horizon_end(on, rules)
    return BranchOutlook(
        organisation=organisation,
        code=code,
        name=name,
        on=on,
        full_now=projection.now.full,
        probationary_now=projection.now.probationary,
        own_department=projection.now.own,
        own_department_after=projection.own_after_departures(horizon),
        lowest=projection.lowest_full(horizon),
        least=least_full(rules),
        level=level_of(projection, rules),
        findings=findings_on(record, rules),
        months=month_figures(projection, months),
        changes=projection.changes,
        term_ends=record.term_ends,
    )


def month_figures(projection: Projection, months: int) -> tuple[MonthFigure, ...]:
    first = Month.of(projection.on)
    counts = ((month, projection.at(month.last)) for month in month_range(first, first.plus(months - 1)))
    return tuple(MonthFigure(m, c.full, c.probationary, c.own) for m, c in counts)


def effect_of(count: Count) -> str:
    """“正式党员 +1，预备党员 −1”."""
    parts = (("正式党员", count.full), ("预备党员", count.probationary))
    return "，".join(f"{name} {number:+d}".replace("-", "−") for name, number in parts if number)


def words_of(changes: Iterable[Change]) -> str:
    """“退休 2 人、预备期满预计转正 1 人”, in the order in which they come."""
    counted = Counter(change.words for change in changes)
    return "、".join(f"{words} {number} 人" for words, number in counted.items())
