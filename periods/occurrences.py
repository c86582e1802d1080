"""From a due rule and a month to the dated occurrences that touch the month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from periods.calendars import WorkCalendar
from periods.months import Month
from periods.rule_parts import (
    PER_BRANCH,
    Due,
    InvalidDueRule,
    Kind,
    MonthDay,
    Period,
    Rule,
    read_day,
    read_due,
    read_kind,
    read_period,
    whole_numbers,
)

LAST_FIXED_DAY = 28


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time a duty falls due.

    key: the period's name, unique for the rule (see periods.labels.period_label).
    opens_on ≤ remind_on ≤ due_on. remind_days: every reminder day, rising; remind_on is the first.
    calendar_known: False when the due date was computed without the year's adjusted days (未含调休).
    suggested: the date is our proposal, no rule sets it.
    """

    key: str
    opens_on: date
    due_on: date
    remind_on: date
    remind_days: tuple[date, ...]
    calendar_known: bool
    suggested: bool = False

    def overlaps(self, month: Month) -> bool:
        return self.opens_on <= month.last and self.due_on >= month.first


@dataclass(frozen=True, slots=True)
class BusySeason:
    """Weeks of the year (MM-DD to MM-DD, may cross the new year) when a fixed day is let go."""

    start_md: str
    end_md: str

    def covers(self, day: date) -> bool:
        start, end, here = MonthDay.parse(self.start_md), MonthDay.parse(self.end_md), MonthDay.of(day)
        return start <= here <= end if start <= end else here >= start or here <= end


def occurrences(
    rule: Rule,
    *,
    month: Month,
    calendar: WorkCalendar,
    fixed_day: int | None = None,
    busy: Sequence[BusySeason] = (),
) -> list[Occurrence]:
    """All occurrences whose [opens_on, due_on] overlaps the month, by opening day; none for event rules.

    fixed_day: the branch's day of the month (1-28), used only where the rule leaves the day to the branch;
    for periods longer than a month it is that day of the period's last month. Raises InvalidDueRule.
    """
    kind = read_kind(rule)
    if kind is Kind.EVENT_OFFSET:
        return []
    if kind is Kind.PERIODIC:
        return [_periodic(rule, month, calendar, _chosen_day(rule, fixed_day), busy)]
    every = sorted(_dated(kind, rule, month, calendar), key=lambda found: (found.opens_on, found.key))
    return [found for found in every if found.overlaps(month)]


def window(
    key: str, opens_on: date, ends_on: date, *, rule: Rule, calendar: WorkCalendar, due_on: date | None = None
) -> Occurrence:
    """The occurrence of a window: due on its last workday unless said otherwise, reminders clipped to it."""
    due = due_on or calendar.last_workday(opens_on, ends_on)
    before = whole_numbers(rule.get("remind_days_before"))
    days = tuple(sorted({min(due, max(opens_on, due - timedelta(days=n))) for n in before})) or (opens_on,)
    known = calendar.is_known(due) and calendar.is_known(ends_on)
    return Occurrence(key, opens_on, due, days[0], days, known)


def _periodic(
    rule: Rule, month: Month, calendar: WorkCalendar, day: int | None, busy: Sequence[BusySeason]
) -> Occurrence:
    period = read_period(rule)
    first = Month(month.year, month.number - (month.number - 1) % period.months)
    last = first.plus(period.months - 1)
    if day is not None:
        due = _fixed_day(last, day, calendar, busy)
    elif read_due(rule) is Due.FIRST_WORKDAY:
        due = calendar.first_workday(first.first, last.last)
    else:
        due = calendar.last_workday(first.first, last.last)
    return window(
        _period_key(period, first), first.first, last.last, rule=rule, calendar=calendar, due_on=due
    )


def _chosen_day(rule: Rule, fixed_day: int | None) -> int | None:
    if fixed_day is None or rule.get("fixed_day") != PER_BRANCH:
        return None
    if not 1 <= fixed_day <= LAST_FIXED_DAY:
        raise InvalidDueRule(f"固定日请填 1 至 {LAST_FIXED_DAY}。")
    return fixed_day


def _fixed_day(month: Month, day: int, calendar: WorkCalendar, busy: Sequence[BusySeason]) -> date:
    """In a busy season the day is let go, the month is not: the duty stays due by the last workday."""
    wanted = month.day(day)
    if any(season.covers(wanted) for season in busy):
        return calendar.last_workday(month.first, month.last)
    moved = calendar.on_or_after(wanted)
    return moved if moved <= month.last else calendar.last_workday(month.first, month.last)


def _period_key(period: Period, first: Month) -> str:
    if period is Period.MONTH:
        return str(first)
    if period is Period.YEAR:
        return str(first.year)
    letter = "Q" if period is Period.QUARTER else "H"
    return f"{first.year}{letter}{(first.number - 1) // period.months + 1}"


def _dated(kind: Kind, rule: Rule, month: Month, calendar: WorkCalendar) -> Iterator[Occurrence]:
    """Candidates around the month: a window may have opened last year, a reminder may begin a year ahead."""
    if kind is Kind.ONE_OFF:
        start, end = read_day(rule.get("start")), read_day(rule.get("end"))
        yield window("once", start, end, rule=rule, calendar=calendar)
        return
    for year in range(month.year - 1, month.year + 3):
        if kind is Kind.FIXED_DATE:
            for written in rule.get("dates", ()):
                yield _fixed_date(written, year, rule, calendar)
        elif kind is Kind.FIXED_WINDOW:
            for n, (start_md, end_md) in enumerate(rule.get("windows", ()), start=1):
                yield window(f"{year}#{n}", *_bounds(start_md, end_md, year), rule=rule, calendar=calendar)
        else:
            bounds = _bounds(rule.get("start"), rule.get("end"), year)
            yield window(str(year), *bounds, rule=rule, calendar=calendar)


def _bounds(start_md: object, end_md: object, year: int) -> tuple[date, date]:
    """A window that ends earlier in the year than it starts ends in the next year."""
    start, end = MonthDay.parse(start_md), MonthDay.parse(end_md)
    return start.on(year), end.on(year if start <= end else year + 1)


def _fixed_date(written: object, year: int, rule: Rule, calendar: WorkCalendar) -> Occurrence:
    """Opens with its month, or with its first reminder when that comes earlier."""
    day = MonthDay.parse(written).on(year)
    due = calendar.on_or_before(day)
    lead = max(whole_numbers(rule.get("remind_days_before")), default=0)
    opens = min(Month.of(day).first, due - timedelta(days=lead))
    return window(day.isoformat(), opens, day, rule=rule, calendar=calendar, due_on=due)
