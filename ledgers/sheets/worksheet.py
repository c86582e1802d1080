"""The rows of one sheet as they stream by; memory does not grow with the sheet. Child side."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from ledgers.sheets.cells import CellKind, WorkbookRefused
from ledgers.sheets.limits import SheetLimits, letters_of, rows_sentence
from ledgers.sheets.package import Book, BrokenPart, LimitedText, too_much
from ledgers.sheets.serials import from_serial
from ledgers.sheets.tidy import decoded, one_line
from ledgers.sheets.xml_events import Attributes, Events

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MERGED_KEPT = 20_000
REPORT_EVERY = 500
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_FORMULA_SHOWN = 200

# column, kind, written, moment in ISO spelling ("" for none), month only
Item = tuple[int, str, str, str, bool]
Emit = Callable[[int, Sequence[Item]], None]
Area = tuple[int, int, int, int]


def place_of(reference: str) -> tuple[int, int]:
    """Row and column of a reference such as B12. Raises BrokenPart for one no sheet has."""
    match = _PLACE.fullmatch(reference)
    if match is None:
        raise BrokenPart(f"cell reference {reference[:20]!r}")
    row, column = int(match[2]), 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    if not (1 <= row <= LAST_ROW and column <= LAST_COLUMN):
        raise BrokenPart(f"cell reference {reference[:20]!r}")
    return row, column


class Budget:
    """What the whole file may still hold, and how far the work is."""

    def __init__(self, limits: SheetLimits, report: Callable[[int], None]) -> None:
        self.limits = limits
        self._cells, self._characters, self._rows = limits.cells, limits.characters, 0
        self._report = report

    def spend(self, items: Sequence[Item]) -> None:
        self._cells -= len(items)
        self._characters -= sum(len(item[2]) for item in items)
        if self._cells < 0 or self._characters < 0:
            raise too_much(self.limits)
        self._rows += 1
        if self._rows % REPORT_EVERY == 0:
            self._report(self._rows)


class SheetEvents(Events):
    """Calls `emit` for every row with something in it; rows and cells that only carry a style are nothing.

    The dimension the sheet claims is never read. Rows and columns must go upwards, as Excel writes them.
    """

    def __init__(self, sheet: str, book: Book, budget: Budget, emit: Emit) -> None:
        super().__init__()
        self.merged: list[Area] = []
        self._sheet, self._book, self._budget, self._emit = sheet, book, budget, emit
        self._row = self._column = self._typed_rows = 0
        self._items: list[Item] = []
        self._in_row = self._in_cell = self._typed = self._is_formula = False
        self._kind, self._style, self._hidden = "n", 0, 0
        self._value, self._formula = LimitedText(budget.limits.text), LimitedText(_FORMULA_SHOWN)
        self._taking: LimitedText | None = None

    def opened(self, name: str, attributes: Attributes) -> None:
        if self._in_cell:
            self._open_inside(name)
        elif name == "c" and self._in_row:
            self._open_cell(attributes)
        elif name == "row":
            self._open_row(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _open_inside(self, name: str) -> None:
        if name == "rPh":
            self._hidden += 1
        elif name == "v" or name == "t":
            self._taking = None if self._hidden else self._value
        elif name == "f":
            self._is_formula, self._taking = True, self._formula

    def _open_row(self, attributes: Attributes) -> None:
        number = int(float(attributes["r"])) if "r" in attributes else self._row + 1
        if not self._row < number <= LAST_ROW:
            raise BrokenPart(f"row {number} after row {self._row}")
        self._row, self._column = number, 0
        self._in_row, self._typed, self._items = True, False, []

    def _open_cell(self, attributes: Attributes) -> None:
        row, column = place_of(attributes["r"]) if "r" in attributes else (self._row, self._column + 1)
        if row != self._row or not self._column < column <= LAST_COLUMN:
            raise BrokenPart(f"column {column} of row {row} in row {self._row}")
        self._column = column
        self._in_cell, self._is_formula = True, False
        self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s") or 0)

    def characters(self, content: str) -> None:
        if self._taking is not None:
            self._taking.add(content)

    def closed(self, name: str) -> None:
        if name == "c" and self._in_cell:
            self._close_cell()
        elif self._in_cell:
            self._close_inside(name)
        elif name == "row" and self._in_row:
            self._close_row()

    def _close_inside(self, name: str) -> None:
        self._taking = None
        if name == "rPh":
            self._hidden -= 1

    def _close_cell(self) -> None:
        self._in_cell, written = False, self._value.take()
        if self._is_formula:
            self._add(CellKind.FORMULA, f"={decoded(self._formula.take())}")
        elif written:
            self._read(written)

    def _read(self, written: str) -> None:
        if self._kind == "s":
            self._add(CellKind.TEXT, self._shared(written))
        elif self._kind == "n" and _NUMBER.fullmatch(written.strip()):
            self._number(written.strip())
        elif self._kind == "b":
            self._add(CellKind.BOOLEAN, "FALSE" if written.strip() in ("0", "false") else "TRUE")
        elif self._kind == "d":
            self._iso(written.strip())
        else:
            self._add(CellKind.ERROR if self._kind == "e" else CellKind.TEXT, decoded(written))

    def _shared(self, written: str) -> str:
        index = int(written)
        if not 0 <= index < len(self._book.texts):
            raise BrokenPart(f"shared text {index}")
        return self._book.texts[index]

    def _number(self, written: str) -> None:
        moment = None
        if self._style in self._book.dates:
            moment = from_serial(float(written), date_1904=self._book.date_1904)
        if moment is None:
            return self._add(CellKind.NUMBER, written)
        first = moment.day == 1 and self._style in self._book.months
        return self._add(CellKind.DATE, written, moment.isoformat(), first)

    def _iso(self, written: str) -> None:
        try:
            moment = datetime.fromisoformat(written).replace(tzinfo=None)
        except ValueError:
            return self._add(CellKind.TEXT, decoded(written))
        return self._add(CellKind.DATE, written, moment.isoformat())

    def _add(self, kind: CellKind, written: str, moment: str = "", month_only: bool = False) -> None:
        if not written.isalnum() and not one_line(written):
            return
        most = self._budget.limits.columns
        if self._column > most:
            raise WorkbookRefused(
                "columns",
                f"工作表“{self._sheet}”第 {self._row} 行用到了 {letters_of(self._column)} 列，"
                f"超过 {most} 列的上限。请删去右边用不到的列后再上传。",
            )
        self._typed = self._typed or kind is not CellKind.FORMULA
        self._items.append((self._column, kind.value, written, moment, month_only))

    def _close_row(self) -> None:
        self._in_row = False
        if not self._items:
            return
        limits = self._budget.limits
        self._typed_rows += self._typed
        if self._typed_rows > limits.rows + limits.heading_area:
            raise WorkbookRefused("rows", rows_sentence(self._sheet, limits.rows))
        self._budget.spend(self._items)
        self._emit(self._row, self._items)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        top, left = place_of(first)
        bottom, right = place_of(last or first)
        if len(self.merged) < MERGED_KEPT:
            self.merged.append((top, left, bottom, right))
