"""How much of a spreadsheet is read. One place, because the gate, the child and the table all ask."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class SheetLimits:
    file_bytes: int = 10 * MEGABYTE
    unpacked_bytes: int = 50 * MEGABYTE
    directory_bytes: int = MEGABYTE // 2
    entries: int = 1_000
    ratio: int = 200
    sheets: int = 20
    rows: int = 5_000
    heading_area: int = 10
    columns: int = 100
    text: int = 2_000
    cells: int = 600_000
    characters: int = 20_000_000
    memory_mb: int = 300
    seconds: float = 60.0
    cpu_seconds: int = 30


DEFAULT = SheetLimits()
