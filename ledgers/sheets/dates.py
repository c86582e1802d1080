"""Dates as offices write them."""

import re
from datetime import date

from ledgers.sheets.cells import ParsedDate, RawCell, ValueProblem


def parse_date(cell: RawCell | None, *, date_1904: bool = False) -> ParsedDate | None:
    """Return the day a cell names, None for an empty one. Raises ValueProblem.

    `date_1904` comes from the sheet or table and only matters for serial numbers in cells that are not
    formatted as dates. A month without a day becomes its 1st, `precise` false and `note` saying so. Whether
    the future is allowed is for the caller to say.
    """
    if cell is None:
        return None
    if cell.moment is not None:
        return ParsedDate(cell.moment.date())
    match = re.fullmatch(r"(\d{4})[-./](\d{1,2})(?:[-./](\d{1,2}))?", cell.written.strip())
    if not match:
        raise ValueProblem(cell.shown, "看不懂这个日期", "请写成 1990-02-03 这样的日期")
    year, month, day = match.groups()
    return ParsedDate(date(int(year), int(month), int(day or 1)), precise=day is not None)
