"""Leaf: how often a due rule demands something, and whether a new rule demands less. Pure."""

from django.db.models import TextChoices

from periods.rule_parts import Kind, Offset, Period, Rule, read_kind, read_period


class Cadence(TextChoices):
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    HALF_YEARLY = "half_yearly", "每半年"
    YEARLY = "yearly", "每年"
    EVENT = "event", "按事件"
    ONCE = "once", "一次性"


_BY_PERIOD = {
    Period.MONTH: Cadence.MONTHLY,
    Period.QUARTER: Cadence.QUARTERLY,
    Period.HALF_YEAR: Cadence.HALF_YEARLY,
    Period.YEAR: Cadence.YEARLY,
}
_BY_COUNT = {12: Cadence.MONTHLY, 4: Cadence.QUARTERLY, 2: Cadence.HALF_YEARLY}
# basis_level of an action whose frequency or time limit stands in a central rule.
CENTRAL = "central"
# The data's own mark for a time limit that no rule states.
SUGGESTED_LIMIT = "建议值"
_LIMITS = ("due_offset", "every")


def cadence_of(rule: Rule) -> Cadence:
    kind = read_kind(rule)
    if kind is Kind.PERIODIC:
        return _BY_PERIOD[read_period(rule)]
    if kind is Kind.EVENT_OFFSET:
        return Cadence.EVENT
    if kind is Kind.ONE_OFF:
        return Cadence.ONCE
    return _BY_COUNT.get(yearly_times(rule) or 1, Cadence.YEARLY)


def yearly_times(rule: Rule) -> int | None:
    """How many times a year the rule makes an item; None when events decide.

    `min_count` is not counted here: one period makes one item, however often the period asks.
    """
    kind = read_kind(rule)
    if kind is Kind.PERIODIC:
        return 12 // read_period(rule).months
    if kind is Kind.FIXED_DATE:
        return len(rule.get("dates", ()))
    if kind is Kind.FIXED_WINDOW:
        return len(rule.get("windows", ()))
    return 1 if kind is Kind.YEARLY_WINDOW else None


def lowers_minimum(new: Rule, old: Rule) -> bool:
    """Whether `new` demands less often than `old`, in any of the old rule's own periods.

    Twelve times a year is less than once a month: it may leave a month empty. For a duty that follows an
    event a longer time limit is less, unless the old limit is only a suggestion.
    """
    if read_kind(old) is Kind.EVENT_OFFSET:
        return _lengthens(new, old)
    months, count = _span(old)
    new_months, new_count = _span(new)
    if read_kind(new) is Kind.EVENT_OFFSET or new_months > months:
        return True
    return new_count * (months // new_months) < count


def _span(rule: Rule) -> tuple[int, int]:
    """Months of one period and the least count in it; dated rules count by the year."""
    if read_kind(rule) is Kind.PERIODIC:
        return read_period(rule).months, rule.get("min_count", 1)
    return 12, (yearly_times(rule) or 0) * rule.get("min_count", 1)


def _lengthens(new: Rule, old: Rule) -> bool:
    if read_kind(new) is not Kind.EVENT_OFFSET or new.get("anchor") != old.get("anchor"):
        return True
    if SUGGESTED_LIMIT in str(old.get("note", "")):
        return False
    return any(_days(new, key) > _days(old, key) for key in _LIMITS if Offset.read(old.get(key)))


def _days(rule: Rule, key: str) -> float:
    """A limit as days, roughly, to compare two of them; no limit is the longest."""
    offset = Offset.read(rule.get(key))
    return offset.months * 30.5 + offset.days if offset else float("inf")
