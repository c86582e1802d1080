"""The same file back with one more column that says what is wrong in each row."""

from collections.abc import Mapping
from io import BytesIO

from openpyxl import load_workbook

from ledgers.sheets.limits import DEFAULT, SheetLimits
from ledgers.sheets.tables import ERROR_HEADING


def with_error_column(
    content: bytes,
    problems: Mapping[str, Mapping[int, str]],
    *,
    heading_rows: Mapping[str, int] | None = None,
    limits: SheetLimits = DEFAULT,
) -> bytes:
    """Return `content` with a column “错误说明” behind the last filled one; everything else stays as it was.

    `problems` is sheet name → 1-based row → text. `heading_rows` says where the heading of the column goes
    (`FoundTable.heading_row`); without it row 1. A column of ours from the last time is replaced. Raises
    WorkbookRefused.
    """
    book = load_workbook(BytesIO(content))
    for name, lines in problems.items():
        sheet = book[name]
        at = sheet.max_column + 1
        sheet.cell((heading_rows or {}).get(name, 1), at, ERROR_HEADING)
        for row, text in lines.items():
            sheet.cell(row, at, text).data_type = "s"
    target = BytesIO()
    book.save(target)
    return target.getvalue()
