"""The day a command is asked about, as typed on the command line."""

from datetime import date

from django.core.management.base import CommandError

from periods.months import FIRST_YEAR, LAST_YEAR


def day_of(text: str | None, *, today: date) -> date:
    """The day typed, today without one. Raises CommandError with one sentence, never a usage text."""
    if text is None:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"没有认出日期“{text[:20]}”，请写成“2026-11-22”这样的形式。") from None
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        raise CommandError(f"日期请填 {FIRST_YEAR} 年至 {LAST_YEAR - 1} 年之间的一天。")
    return day
