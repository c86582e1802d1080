"""Templates made and papers read in tests."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document
from docx.document import Document as WordDocument
from openpyxl import Workbook, load_workbook


def document(*lines: str, rows: Iterable[Sequence[str]] = (), header: str = "", footer: str = "") -> bytes:
    """A Word file with these paragraphs and one table."""
    made = Document()
    for line in lines:
        made.add_paragraph(line)
    if found := list(rows):
        table = made.add_table(rows=0, cols=len(found[0]))
        for row in found:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    made.sections[0].header.paragraphs[0].text = header
    made.sections[0].footer.paragraphs[0].text = footer
    return saved(made)


def saved(made: Any) -> bytes:
    target = BytesIO()
    made.save(target)
    return target.getvalue()


def workbook(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    return saved(book)


def opened(content: bytes) -> WordDocument:
    return Document(BytesIO(content))


def lines_of(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in opened(content).paragraphs]


def rows_of(content: bytes, table: int = 0) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in opened(content).tables[table].rows]


def sheet_of(content: bytes) -> Any:
    return load_workbook(BytesIO(content)).worksheets[0]


def cells_of(content: bytes) -> list[list[Any]]:
    """Dates as days: a cell always has a time."""
    rows = sheet_of(content).iter_rows(values_only=True)
    return [[cell.date() if isinstance(cell, datetime) else cell for cell in row] for row in rows]


def with_part(
    content: bytes, name: str, part: bytes | None = None, *, old: bytes = b"", new: bytes = b""
) -> bytes:
    """The same zip with one part added, or some of its bytes exchanged."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as made:
        for entry in source.infolist():
            if entry.filename != name:
                made.writestr(entry.filename, source.read(entry))
        made.writestr(name, source.read(name).replace(old, new) if part is None else part)
    return target.getvalue()
