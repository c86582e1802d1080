"""The same file back with one more column that says what is wrong in each row."""

from collections.abc import Mapping

from ledgers.sheets.limits import DEFAULT, SheetLimits
from ledgers.sheets.reading import ended_reader, ignore, stopped


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
    headings = heading_rows or {}
    mark = {
        name: {"heading": headings.get(name, 1), "texts": {str(row): text for row, text in texts.items()}}
        for name, texts in problems.items()
    }
    with ended_reader(content, limits, tick=ignore, mark=mark) as ended:
        made = ended.output.read()
    if not made.startswith(b"PK"):
        raise stopped(ended)
    return made
