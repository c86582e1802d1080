"""How much of a spreadsheet is read. One place, because the gate, the child and the table all ask."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


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
    seconds: float = 60.0
    cpu_seconds: int = 30


DEFAULT = SheetLimits()
