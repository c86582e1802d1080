"""Excel's day numbers and the formats that make a number a date. Pure; used on both sides of the child."""

import re
from datetime import datetime, time, timedelta

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock without a zone, as Excel has it
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - as above
# The 29 February 1900 that Excel believes in: before it the numbers lie one day lower.
_FALSE_LEAP_DAY = 60
# Built-in formats that are dates: 14–22 everywhere, 27–36 and 50–58 in East Asian editions, 45–47 times.
DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})
MONTH_FORMATS = frozenset({17, 27, 36, 50, 52, 57})
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.I)
_DURATION = re.compile(r"\[[hms]+\]", re.I)


def from_serial(value: float, *, date_1904: bool = False) -> datetime | None:
    """The moment of a serial number, to the second; None for a bare time and for what is out of range."""
    if not 1 <= value < 2_958_466:  # 9999-12-31
        return None
    if date_1904:
        return _moment(_EPOCH_1904, value)
    return _moment(_EPOCH, value + 1 if value < _FALSE_LEAP_DAY else value)


def _moment(epoch: datetime, days: float) -> datetime | None:
    try:
        return epoch + timedelta(days=int(days), seconds=round(days % 1 * 86_400))
    except OverflowError:
        return None


def is_date_format(code: str) -> bool:
    """Whether a number format shows a date or a time of day; a duration such as [h]:mm is no date."""
    shown = _shown(code)
    return not _DURATION.search(shown) and re.search("[dmyhs]", shown, re.I) is not None


def is_month_format(code: str) -> bool:
    """Whether a format shows a year and month and no day."""
    shown = _shown(code).lower()
    return "y" in shown and "m" in shown and re.search("[dhs]", shown) is None


def _shown(code: str) -> str:
    return _LITERAL.sub("", code.split(";")[0].replace("General", ""))


def is_whole_day(moment: datetime) -> bool:
    return moment.time() == time.min
