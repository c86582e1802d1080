"""How much of a spreadsheet is read. One place, because the gate, the child and the table all ask."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
ERROR_HEADING = "错误说明"  # our own column in a file that goes back


@dataclass(frozen=True)
class SheetLimits:
    file_bytes: int = 10 * MEGABYTE
    unpacked_bytes: int = 50 * MEGABYTE
    directory_bytes: int = MEGABYTE // 2
    entries: int = 1_000
    ratio: int = 200  # of one part that unpacks to more than a megabyte
    sheets: int = 20
    rows: int = 5_000  # with something typed in them, below the heading
    heading_area: int = 10
    columns: int = 100
    text: int = 2_000  # characters of one cell
    cells: int = 600_000  # of the whole file
    characters: int = 10_000_000  # of all cells together
    memory_mb: int = 300  # address space of the child
    output_mb: int = 200  # what the child may write
    seconds: float = 60.0
    cpu_seconds: int = 30


DEFAULT = SheetLimits()


def rows_sentence(sheet: str, most: int) -> str:
    return f"工作表“{sheet}”超过 {most} 行。请分成几个文件上传，每个不超过 {most} 行。"


def letters_of(column: int) -> str:
    """The name of a 1-based column: 1 → A, 27 → AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
