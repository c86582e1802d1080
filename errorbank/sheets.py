"""Entries as a sheet: written for staff, and read back cell by cell. What it means, actions say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from errorbank.models import ErrorEntry
from errorbank.rules.sheet import BETWEEN, BY_KEY, COLUMNS, SHEET
from errorbank.rules.wording import basis_line
from ledgers.document import LedgerDocument
from ledgers.ledger import Column, Heading
from ledgers.renderers.xlsx import render_xlsx
from ledgers.sheets.cells import CellProblem, FoundTable, SheetColumn, TableRefused, ValueProblem
from ledgers.sheets.gate import check_workbook
from ledgers.sheets.limits import MEGABYTE, SheetLimits
from ledgers.sheets.reading import read_sheets
from ledgers.sheets.tables import find_table
from ledgers.sheets.values import parse_text
from ledgers.text import clean_text

LIMITS = SheetLimits(file_bytes=2 * MEGABYTE, rows=500, seconds=20.0, cpu_seconds=15)
_PAPER = tuple(Column(column.key, column.title, width=column.width) for column in COLUMNS)
_READ = tuple(SheetColumn(column.key, column.title, required=column.required) for column in COLUMNS)


@dataclass(frozen=True)
class SheetRow:
    """One row as typed; keys are those of COLUMNS, empty cells are missing."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class EntrySheet:
    name: str
    heading_row: int
    rows: tuple[SheetRow, ...]
    problems: tuple[CellProblem, ...]


def written(
    entries: Iterable[ErrorEntry], titles: Mapping[str, str], *, organisation: str, as_of: datetime
) -> bytes:
    """Published wordings as .xlsx, in the layout an import reads."""
    rows = [cells_of(entry, titles) for entry in entries]
    day = f"{timezone.localtime(as_of):%Y-%m-%d}"
    texts = [tuple(clean_text(row.get(column.key, "")) for column in COLUMNS) for row in rows]
    document = LedgerDocument(
        slug="error_entries",
        title=SHEET,
        heading=Heading(clean_text(organisation), day, day),
        as_of=as_of,
        filter_sentence="已发布、未停用的全部条目",
        order_note="按编号",
        version="1",
        columns=_PAPER,
        rows=texts,
    )
    return render_xlsx(document)


def cells_of(entry: ErrorEntry, titles: Mapping[str, str]) -> dict[str, str]:
    wording = entry.published
    assert wording is not None  # noqa: S101 - only published entries are written
    said = {name: str(getattr(wording, name)) for name in BY_KEY if hasattr(wording, name)}
    return {
        **said,
        "code": entry.code,
        "category": wording.get_category_display(),
        "source": wording.get_source_display(),
        "severity": wording.get_severity_display(),
        "basis": BETWEEN.join(basis_line(basis) for basis in wording.basis),
        "actions": BETWEEN.join(titles.get(code, code) for code in wording.action_codes),
        "place": entry.organisation.name if entry.organisation else "随系统提供",
    }


def read(content: bytes, name: str) -> EntrySheet:
    """Raises SheetRefused when there is no usable table in it."""
    check_workbook(content, name, limits=LIMITS)
    sheets = [sheet for sheet in read_sheets(content, limits=LIMITS) if sheet.rows]
    if len(sheets) > 1:
        raise TableRefused(("文件里有几张工作表，请只留下错题库这一张再上传。",))
    table = find_table(sheets[0], _READ, most=LIMITS.rows)
    problems: list[CellProblem] = []
    rows = tuple(SheetRow(number, cells) for number, cells in _rows(table, problems))
    return EntrySheet(table.sheet, table.heading_row, rows, tuple(problems))


def _rows(table: FoundTable, problems: list[CellProblem]) -> Iterator[tuple[int, dict[str, str]]]:
    for row in table.rows:
        # What stands below our own export: its version and checksum, in the first column alone.
        if row.cells.keys() == {"code"}:
            continue
        cells = {}
        for key in table.positions:
            try:
                if text := parse_text(row.cell(key), most=BY_KEY[key].most):
                    cells[key] = text
            except ValueProblem as found:
                problems.append(table.problem(found, row, key))
        yield row.number, cells
