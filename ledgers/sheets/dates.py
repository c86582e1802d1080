"""Dates as offices write them: real dates, serial numbers, digits, Chinese numerals."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ledgers.sheets.cells import CellKind, ParsedDate, RawCell, ValueProblem
from ledgers.sheets.serials import from_serial
from ledgers.sheets.tidy import one_line
from ledgers.sheets.values import exact_digits, refuse_unreadable, says_nothing

ADVICE = "请写成 1990-02-03 这样的日期"
FIRST_YEAR, LAST_YEAR = 1900, 2199
# Five digits in a cell that is no date are a day number (1908–2173); below lie years with months.
_SERIALS = range(3_000, 100_000)

_S = r"[-./\\,、。_~‐–—−]"
_PARTS = re.compile(
    rf"(?P<year>\d{{1,4}})(?:年{_S}?|{_S})(?P<month>\d{{1,2}})"
    rf"(?:(?:月份?{_S}?|{_S})(?P<day>\d{{1,2}})[日号]?|月份?)?{_S}?"
)
_SOLID = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})?")
_YEAR_ONLY = re.compile(r"(?:19|20|21)\d{2}年?")
_TIME = re.compile(r"[T ]*(?<=[T 日号])\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?$")
_DIGITS = str.maketrans("〇零○◯Oo一二三四五六七八九", "000000123456789")
_TEN = re.compile(r"(\d?)十(\d?)")


def parse_date(cell: RawCell | None, *, date_1904: bool = False) -> ParsedDate | None:
    """Return the day a cell names, None for an empty one. Raises ValueProblem.

    `date_1904` comes from the sheet or table and only matters for serial numbers in cells that are not
    formatted as dates. A month without a day becomes its 1st, `precise` false and `note` saying so. Whether
    the future is allowed is for the caller to say.
    """
    if cell is None:
        return None
    refuse_unreadable(cell)
    if cell.moment is not None:
        return _in_range(cell, cell.moment.date(), precise=not cell.month_only)
    if cell.kind is CellKind.BOOLEAN:
        raise ValueProblem(cell.shown, "这不是日期", ADVICE)
    if cell.kind is CellKind.NUMBER:
        return _from_number(cell, date_1904)
    text = _normalised(cell.written)
    return None if says_nothing(text) else _spelled(cell, text)


def _normalised(written: str) -> str:
    """Arabic digits, one width, no time of day, no blanks (between digits a blank is a hyphen)."""
    text = _TIME.sub("", unicodedata.normalize("NFKC", one_line(written)))
    text = re.sub(r"(?<=\d) (?=\d)", "-", text).replace(" ", "").replace("元月", "1月")
    text = text.translate(_DIGITS).replace("廿", "2十").replace("卅", "3十")
    return _TEN.sub(lambda match: f"{match[1] or 1}{match[2] or 0}", text)


def _spelled(cell: RawCell, text: str) -> ParsedDate:
    match = _PARTS.fullmatch(text) or _SOLID.fullmatch(text)
    if match:
        return _from_parts(cell, match.groupdict())
    if _YEAR_ONLY.fullmatch(text):
        raise ValueProblem(cell.shown, "只有年份，没有月份", "请至少写到月，如 1990-02")
    if re.fullmatch(r"\d{5}", text):
        raise ValueProblem(
            cell.shown, "这是 Excel 的日期序号，不是日期", f"请把单元格设为日期格式，或{ADVICE[1:]}"
        )
    raise ValueProblem(cell.shown, "看不懂这个日期", ADVICE)


def _from_parts(cell: RawCell, parts: Mapping[str, str | None]) -> ParsedDate:
    year, month, day = (int(parts[name] or 0) for name in ("year", "month", "day"))
    if len(parts["year"] or "") < 4:
        raise ValueProblem(cell.shown, "年份要写四位", ADVICE)
    _check_year(cell, year)
    if not 1 <= month <= 12:
        raise ValueProblem(cell.shown, f"没有 {month} 月", f"请核对后{ADVICE[1:]}")
    precise = parts["day"] is not None
    if precise and not 1 <= day <= monthrange(year, month)[1]:
        raise ValueProblem(cell.shown, f"{year} 年 {month} 月没有 {day} 日", f"请核对后{ADVICE[1:]}")
    return _in_range(cell, date(year, month, day if precise else 1), precise=precise)


def _check_year(cell: RawCell, year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueProblem(
            cell.shown, f"年份 {year} 不在 {FIRST_YEAR}—{LAST_YEAR} 之间", f"请核对后{ADVICE[1:]}"
        )


def _in_range(cell: RawCell, day: date, *, precise: bool) -> ParsedDate:
    _check_year(cell, day.year)
    return ParsedDate(day, precise, "" if precise else f"“{cell.shown}”没有写日，按 {day} 计")


def _from_number(cell: RawCell, date_1904: bool) -> ParsedDate:
    digits = exact_digits(cell)
    whole, _, places = digits.partition(".")
    if places and FIRST_YEAR <= Decimal(digits) <= LAST_YEAR + 1:
        return _year_and_places(cell, whole, places)
    if Decimal(digits) >= _SERIALS.start and int(Decimal(digits)) in _SERIALS:
        return _from_serial(cell, Decimal(digits), date_1904)
    return _spelled(cell, digits)


def _year_and_places(cell: RawCell, year: str, places: str) -> ParsedDate:
    """1990.2 typed into a plain cell is a number; of 1990.10 it keeps 1990.1, so that one cannot be told."""
    if places == "1":
        raise ValueProblem(
            cell.shown, "存成了数字，分不清是 1 月还是 10 月", f"请写成 {year}-01 或 {year}-10"
        )
    return _spelled(cell, f"{year}.{places}")


def _from_serial(cell: RawCell, number: Decimal, date_1904: bool) -> ParsedDate:
    moment = from_serial(float(number), date_1904=date_1904)
    if moment is None:
        raise ValueProblem(cell.shown, "看不懂这个日期", ADVICE)
    day = moment.date()
    _check_year(cell, day.year)
    return ParsedDate(day, note=f"“{cell.shown}”是 Excel 的日期序号，读作 {day}")
