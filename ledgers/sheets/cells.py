"""What a spreadsheet holds once it is read, and what can be wrong with it. Plain data, no Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from ledgers.sheets.serials import is_whole_day
from ledgers.sheets.tidy import one_line

SHOWN = 40  # characters of a value repeated in a sentence


class CellKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    FORMULA = "formula"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class RawCell:
    """One filled cell. `written` is what the file says: the digits of a number, the formula, the error name.

    A number keeps its spelling because a long one has lost its last digits as a float; a formula is
    never computed and its stored result never used.
    """

    kind: CellKind
    written: str
    moment: datetime | None = None  # only where kind is DATE
    month_only: bool = False  # a date whose format shows year and month

    @property
    def shown(self) -> str:
        """The value as a sentence repeats it: short, on one line."""
        if self.moment is not None:
            return self.moment.strftime("%Y-%m-%d" if is_whole_day(self.moment) else "%Y-%m-%d %H:%M")
        words = one_line(self.written)
        return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"


@dataclass(frozen=True, slots=True)
class RawRow:
    number: int  # 1-based, as Excel shows it
    cells: Mapping[int, RawCell]  # by 1-based column; empty cells are left out


class Skipped(StrEnum):
    """Why a sheet has no rows here although it may have some in the file."""

    NO = ""
    HIDDEN = "隐藏的工作表"
    CHART = "图表，不是表格"


@dataclass(frozen=True)
class RawSheet:
    """One sheet in the order of the file. Empty rows are left out, so numbers may jump."""

    name: str
    rows: tuple[RawRow, ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()  # top row, left column, bottom row, right column
    skipped: Skipped = Skipped.NO
    date_1904: bool = False


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One refused cell, or row where the column is empty; the words in it are Chinese and ready to show."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str
    advice: str

    @property
    def sentence(self) -> str:
        """Without place: what the error column of the row says."""
        value = f"“{self.value}”" if self.value else ""
        return (
            f"{self.column}{value}：{self.reason}。{self.advice}。"
            if self.column
            else f"{self.reason}。{self.advice}。"
        )


class SheetRefused(Exception):
    """The file or a table of it cannot be used; the message is a Chinese sentence saying what to do."""


class WorkbookRefused(SheetRefused):
    """The whole file is refused. `code` names the cause for tests and the audit log."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class TableRefused(SheetRefused):
    """No usable table on this sheet; `problems` holds one Chinese sentence a cause."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("".join(problems))
        self.problems = problems


class ValueProblem(Exception):
    """A cell cannot be taken: `reason` says why, `advice` what to write instead (no full stop at the end)."""

    def __init__(self, value: str, reason: str, advice: str) -> None:
        super().__init__(f"{reason}。{advice}。")
        self.value, self.reason, self.advice = value, reason, advice

    def at(self, sheet: str, row: int, column: str) -> CellProblem:
        return CellProblem(sheet, row, column, self.value, self.reason, self.advice)


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """`precise` is false where the cell named no day and the 1st was taken; `note` says it in Chinese."""

    day: date
    precise: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column we know. Headings are compared without blanks, width, asterisks and bracketed hints."""

    key: str
    title: str
    synonyms: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    number: int  # 1-based, as Excel shows it
    cells: Mapping[str, RawCell]  # by key of the column; empty cells are left out

    def cell(self, key: str) -> RawCell | None:
        return self.cells.get(key)


@dataclass(frozen=True)
class FoundTable:
    sheet: str
    heading_row: int  # the last row of the heading; records follow
    positions: Mapping[str, int]  # key of a found column → its 1-based column
    headings: Mapping[str, str]  # key of a found column → the heading as the file writes it
    rows: tuple[TableRow, ...]
    dropped: tuple[str, ...] = ()  # headings of columns we do not know
    absent: tuple[str, ...] = ()  # titles of columns that are not required and not there
    skipped_rows: tuple[int, ...] = field(default=())  # notes and the example row of our own template
    date_1904: bool = False

    def problem(self, found: ValueProblem, row: TableRow, key: str) -> CellProblem:
        return found.at(self.sheet, row.number, self.headings.get(key, ""))
