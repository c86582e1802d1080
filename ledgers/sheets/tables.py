"""The table on a sheet: its heading row wherever it stands, columns in any order."""

import re
import unicodedata
from collections.abc import Sequence

from ledgers.sheets.cells import FoundTable, RawRow, RawSheet, SheetColumn, TableRefused, TableRow
from ledgers.sheets.limits import DEFAULT

ERROR_HEADING = "错误说明"


def find_table(
    sheet: RawSheet, columns: Sequence[SheetColumn], *, within: int = 10, most: int = DEFAULT.rows
) -> FoundTable:
    """Return the table of `sheet` whose heading stands in its first `within` rows.

    Raises TableRefused with one sentence a cause: no heading, missing required columns, the same
    column twice, a heading that cannot be read, more than `most` rows.
    """
    best: dict[str, int] = {}
    heading: RawRow | None = None
    for row in sheet.rows:
        if row.number > within:
            break
        found = _positions(row, columns)
        if len(found) > len(best):
            best, heading = found, row
    missing = [c.title for c in columns if c.required and c.key not in best]
    if heading is None or missing:
        raise TableRefused((f"“{sheet.name}”缺少列：{'、'.join(missing)}。",))
    rows = [
        TableRow(row.number, {key: row.cells[at] for key, at in best.items() if at in row.cells})
        for row in sheet.rows
        if row.number > heading.number
    ]
    known = set(best.values())
    return FoundTable(
        sheet=sheet.name,
        heading_row=heading.number,
        positions=best,
        headings={key: heading.cells[at].written for key, at in best.items()},
        rows=tuple(row for row in rows if row.cells),
        dropped=tuple(cell.written for at, cell in heading.cells.items() if at not in known),
        absent=tuple(c.title for c in columns if c.key not in best),
        date_1904=sheet.date_1904,
    )


def _positions(row: RawRow, columns: Sequence[SheetColumn]) -> dict[str, int]:
    names = {_plain(name): c.key for c in columns for name in (c.title, *c.synonyms)}
    return {names[plain]: at for at, cell in row.cells.items() if (plain := _plain(cell.written)) in names}


def _plain(heading: str) -> str:
    folded = unicodedata.normalize("NFKC", heading)
    return re.sub(r"\(.*?\)|[\s*]", "", folded).casefold()
