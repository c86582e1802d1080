"""Duties that follow a dated event: a term's end, an application, a vacancy, a probation."""

from collections.abc import Iterator
from datetime import date, timedelta

from periods.calendars import WorkCalendar
from periods.months import Month, add_months
from periods.occurrences import Occurrence
from periods.rule_parts import InvalidDueRule, Offset, Rule, whole_numbers

KEY = "event"
# The one event that is itself the deadline: it must be met by the last workday before, never after.
TERM_END = "term_end"
# Steps of recruiting (development_step_4): their event is the last day of the step.
STEP = "development_step_"
# What has a deadline of its own is open for a quarter before it.
OPEN_DAYS = 92
# A duty whose rule gives no time limit still needs a date in a list; marked as suggested.
SUGGESTED = Offset(months=3)
# Without reminders in the rule the duty is listed for its last month only.
LISTED_DAYS = 30


def event_occurrence(rule: Rule, *, anchor: date, calendar: WorkCalendar, number: int = 0) -> Occurrence:
    """The duty that follows from an event on `anchor`; `number` (from 1) counts the turns of an `every` rule.

    Due: `due_offset` after the anchor, moved back to a workday but never before the anchor (only the end of
    a term or a step may be); `due_before` the anchor; the `number`-th `every` counted from the anchor; or, as
    a suggestion, the first workday that `not_before` allows, and without any time limit SUGGESTED after it.
    Opens: with the first `alert_before_*`, which count back from the anchor; otherwise at the anchor itself,
    a later turn the day after the turn before, a `not_before` on its day.
    Reminders: the alerts, else `remind_days_before` the due date, else LISTED_DAYS before it; never outside
    the window.
    """
    if rule.get("every"):
        return _turn(rule, anchor, calendar, max(number, 1))
    allowed = Offset.read(rule.get("not_before"))
    if allowed:
        opens = allowed.after(anchor)
        due = calendar.on_or_after(opens)
        return _built(KEY, opens, due, opens, _before(rule, due) or [opens], calendar, suggested=True)
    offset, ahead = Offset.read(rule.get("due_offset")), Offset.read(rule.get("due_before"))
    raw = ahead.before(anchor) if ahead else (offset or SUGGESTED).after(anchor)
    due = calendar.on_or_before(raw) if ahead else _deadline(rule, raw, anchor, calendar)
    alerts = alert_days(rule, anchor)
    opens = min([anchor, due] if not alerts else [*alerts, due])
    reminders = alerts or _before(rule, due) or [due - timedelta(days=LISTED_DAYS)]
    return _built(KEY, opens, due, raw, reminders, calendar, suggested=offset is None)


def known_ahead(rule: Rule) -> Rule:
    """The rule of an event known before its day: its `known_ahead` instead of the limit afterwards."""
    return {**rule, "due_offset": None, **ahead} if (ahead := rule.get("known_ahead")) else rule


def own_deadline(rule: Rule) -> Rule:
    """The rule of an event whose day is itself the deadline somebody set, to the day."""
    return {**rule, "due_offset": {"days": 0}, "alert_before_days": [OPEN_DAYS], "as_set": True}


def event_numbers(
    rule: Rule, anchor: date, month: Month, *, calendar: WorkCalendar | None = None
) -> list[int]:
    """The turns of an `every` rule open in the month; [0] or [] for a rule that comes once.

    Open means: opens on or before the month's last day and is due on or after its first. Without a calendar
    plain weekdays decide, which matters only for a turn due in the month's first days.
    """
    days = calendar or WorkCalendar()
    candidates = _near(rule, anchor, month) if rule.get("every") else [0]
    return [
        n
        for n in candidates
        if event_occurrence(rule, anchor=anchor, calendar=days, number=n).overlaps(month)
    ]


def alert_days(rule: Rule, anchor: date) -> list[date]:
    """The days of `alert_before_months` and `alert_before_days`, counted back from the anchor, rising."""
    by_month = {add_months(anchor, -n) for n in whole_numbers(rule.get("alert_before_months"))}
    by_day = {anchor - timedelta(days=n) for n in whole_numbers(rule.get("alert_before_days"))}
    return sorted(by_month | by_day)


def hard_limit(rule: Rule, anchor: date) -> date | None:
    """The day after which even a permitted delay ends (`hard_limit_offset`); None when the rule has none."""
    offset = Offset.read(rule.get("hard_limit_offset"))
    return offset.after(anchor) if offset else None


def _turn(rule: Rule, anchor: date, calendar: WorkCalendar, number: int) -> Occurrence:
    step = _step(rule)
    raw = step.after(anchor, times=number)
    opens = anchor if number == 1 else step.after(anchor, times=number - 1) + timedelta(days=1)
    due = max(calendar.on_or_before(raw), opens)
    reminders = _before(rule, due) or [due - timedelta(days=LISTED_DAYS)]
    return _built(f"{KEY}#{number}", opens, due, raw, reminders, calendar)


def _step(rule: Rule) -> Offset:
    step = Offset.read(rule.get("every"))
    if step is None or step.months < 0 or step.days < 0 or step == Offset():
        raise InvalidDueRule("重复间隔至少为 1 天。")
    return step


def _near(rule: Rule, anchor: date, month: Month) -> Iterator[int]:
    """The turns around the month, bounded by the shortest and longest days a step can take."""
    step = _step(rule)
    longest, shortest = 31 * step.months + step.days, 28 * step.months + step.days
    since, until = (month.first - anchor).days, (month.last - anchor).days
    yield from range(max(1, since // longest), until // shortest + 2)


def _deadline(rule: Rule, raw: date, anchor: date, calendar: WorkCalendar) -> date:
    if rule.get("as_set"):
        return raw
    workday = calendar.on_or_before(raw)
    return workday if is_deadline(rule) else max(workday, anchor)


def is_deadline(rule: Rule) -> bool:
    """Whether the event is itself the last day."""
    anchor = str(rule.get("anchor"))
    return anchor == TERM_END or anchor.startswith(STEP)


def _before(rule: Rule, due: date) -> list[date]:
    return [due - timedelta(days=n) for n in whole_numbers(rule.get("remind_days_before"))]


def _built(
    key: str,
    opens: date,
    due: date,
    raw: date,
    reminders: list[date],
    calendar: WorkCalendar,
    *,
    suggested: bool = False,
) -> Occurrence:
    days = tuple(sorted({min(due, max(opens, day)) for day in reminders}))
    known = calendar.is_known(due) and calendar.is_known(raw)
    return Occurrence(key, opens, due, days[0], days, known, suggested)
