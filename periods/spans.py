"""A written period as a range of days: a month, a quarter, half a year, a year; and a written day."""

import re
from datetime import date

from periods.months import FIRST_YEAR, LAST_YEAR, Month, UnknownMonth

_WRITTEN = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})|Q(?P<quarter>[1-4])|H(?P<half>[12]))?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class UnknownPeriod(ValueError):
    """The text is no period; str() is the sentence for the reader."""

    def __init__(self, text: str) -> None:
        super().__init__(f"没有认出期间“{text[:20]}”，请写成“2026-11”“2026Q4”“2026H2”或“2026”。")


def days_of(text: str) -> tuple[date, date]:
    """First and last day of a month, quarter, half-year or year. Raises UnknownPeriod."""
    match = _WRITTEN.fullmatch(text.strip().upper())
    if not match:
        raise UnknownPeriod(text)
    first, months = 1, 12
    if match["month"]:
        first, months = int(match["month"]), 1
    elif match["quarter"]:
        first, months = int(match["quarter"]) * 3 - 2, 3
    elif match["half"]:
        first, months = int(match["half"]) * 6 - 5, 6
    try:
        start = Month.parse(f"{match['year']}-{first:02d}")
    except UnknownMonth:
        raise UnknownPeriod(text) from None
    return start.first, start.plus(months - 1).last


def day_of(text: str) -> date | None:
    """The day of “2026-11-13”; None when the text names none."""
    text = text.strip()
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found and FIRST_YEAR <= found.year <= LAST_YEAR else None
