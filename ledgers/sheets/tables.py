"""The table on a sheet: its heading wherever it stands, columns in any order."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from ledgers.sheets.cells import (
    CellKind,
    FoundTable,
    RawCell,
    RawRow,
    RawSheet,
    SheetColumn,
    TableRefused,
    TableRow,
)
from ledgers.sheets.headings import Head, Names, heads, names_of, spellings
from ledgers.sheets.limits import DEFAULT, ERROR_HEADING, letters_of, rows_sentence
from ledgers.sheets.tidy import one_line

EXAMPLE_MARK = "示例"  # a row whose first filled cell begins with it is the example of our template
LOOK_FURTHER = 30
MERGED_CELLS = 50_000  # that a value merged over rows is given to
NAMED = 12  # headings listed in one sentence
_NOTE = re.compile(
    r"[(\[【]?(示例|样例)"
    r"|((填表|填写|导入)?(说明|须知)|注|备注|提示|注意|注意事项)[:\d]"
    r"|(必填|选填|可不填)$"
    r"|(合计|总计|小计|共计)($|[:\d])"
    r"|(填表|制表|审核|填报|负责|经办|复核)(人|单位|时间|日期)(签字|签名)?:"
)


def find_table(
    sheet: RawSheet, columns: Sequence[SheetColumn], *, within: int = 10, most: int = DEFAULT.rows
) -> FoundTable:
    """Return the table of `sheet` whose heading starts in its first `within` rows.

    A heading may take two rows, joined where cells are merged. Rows of notes, totals and signatures, the
    example row of our template and repeated headings are left out and listed in `skipped_rows`. Raises
    TableRefused with one sentence a cause: no heading, missing required columns, the same column twice,
    a merged heading over several filled columns, no rows, more than `most` rows.
    """
    if sheet.skipped:
        raise TableRefused((f"工作表“{sheet.name}”是{sheet.skipped}，没有读取。",))
    if not sheet.rows:
        raise TableRefused((f"工作表“{sheet.name}”是空的。",))
    names = names_of(columns)
    head = _best(heads(sheet, names, first=1, last=within))
    if head is None:
        raise TableRefused((_no_heading(sheet, columns, names, within),))
    below = list(_filled_down(sheet, head))
    problems = (
        *_missing(sheet, columns, head),
        *_twice(sheet, columns, head),
        *_merged(sheet, head, below),
    )
    if problems:
        raise TableRefused(problems)
    return _table(sheet, columns, head, below, names, most)


def _filled_down(sheet: RawSheet, head: Head) -> Iterator[RawRow]:
    """The rows below the heading; a value merged over several rows belongs to each of them."""
    rows = {row.number: row for row in sheet.rows if row.number > head.last_row}
    last = max(rows, default=0)
    given: dict[int, dict[int, RawCell]] = {}
    room = MERGED_CELLS
    for top, left, bottom, _ in sheet.merged:
        if left in head.keys and top in rows and left in rows[top].cells:
            for number in range(top + 1, min(bottom, last, top + room) + 1):
                given.setdefault(number, {})[left] = rows[top].cells[left]
                room -= 1
    for number, row in rows.items():
        known = any(column in head.keys for column in row.cells)
        yield RawRow(number, {**given.get(number, {}), **row.cells}) if known and number in given else row


def _best(found: Iterator[Head]) -> Head | None:
    """The reading that knows most columns; of equals the one on a single row, and of those the first."""
    best = max(found, key=lambda head: (head.score, head.first_row == head.last_row), default=None)
    return best if best is not None and best.score else None


def _no_heading(sheet: RawSheet, columns: Sequence[SheetColumn], names: Names, within: int) -> str:
    lower = _best(heads(sheet, names, first=within + 1, last=LOOK_FURTHER))
    if lower is not None and lower.score > 1:
        return (
            f"工作表“{sheet.name}”的表头在第 {lower.first_row} 行，要在前 {within} 行以内。"
            "请删去表头上面多余的行。"
        )
    wanted = "、".join(column.title for column in columns[:NAMED])
    return f"工作表“{sheet.name}”的前 {within} 行里没有找到表头（{wanted}等列名）。请对照模板补上表头。"


def _missing(sheet: RawSheet, columns: Sequence[SheetColumn], head: Head) -> Iterator[str]:
    found = set(head.keys.values())
    lost = [f"“{column.title}”" for column in columns if column.required and column.key not in found]
    if lost:
        words = "、".join(lost)
        yield f"工作表“{sheet.name}”第 {head.last_row} 行的表头里缺少列：{words}。请补上这些列。"


def _twice(sheet: RawSheet, columns: Sequence[SheetColumn], head: Head) -> Iterator[str]:
    counts = Counter(head.keys.values())
    for column in columns:
        if counts[column.key] > 1:
            at = [place for place, key in head.keys.items() if key == column.key]
            places = "、".join(f"{letters_of(place)} 列“{head.titles[place]}”" for place in at)
            yield f"工作表“{sheet.name}”里“{column.title}”有 {len(at)} 列：{places}。请只保留一列。"


def _merged(sheet: RawSheet, head: Head, below: Sequence[RawRow]) -> Iterator[str]:
    """A known heading over several filled columns says not which of them is meant."""
    for top, left, _, right in sheet.merged:
        if not (head.first_row <= top <= head.last_row and left < right and left in head.keys):
            continue
        title = head.titles[left]
        filled = {column for row in below for column in row.cells if left <= column <= right}
        if sum(head.titles.get(column, title) == title for column in filled) > 1:
            span = f"{letters_of(left)} 到 {letters_of(right)} 列"
            yield (
                f"工作表“{sheet.name}”的表头“{title}”合并了 {span}，分不清是哪一列。"
                "请取消合并，让每一列有自己的列名。"
            )


def _table(
    sheet: RawSheet,
    columns: Sequence[SheetColumn],
    head: Head,
    below: Sequence[RawRow],
    names: Names,
    most: int,
) -> FoundTable:
    filled = [row for row in below if any(column in row.cells for column in head.keys)]
    skipped = {row.number for row in filled if _is_note(row) or _is_heading(row, head, names)}
    rows = tuple(_row(row, head.keys) for row in filled if row.number not in skipped)
    if len(rows) > most:
        raise TableRefused((rows_sentence(sheet.name, most),))
    if not rows:
        raise TableRefused((f"工作表“{sheet.name}”只有表头，没有内容。请填好后再上传。",))
    positions = {key: at for at, key in head.keys.items()}
    return FoundTable(
        sheet=sheet.name,
        heading_row=head.last_row,
        positions=positions,
        headings={key: head.titles[at] for key, at in positions.items()},
        rows=rows,
        dropped=tuple(_dropped(head, below)),
        absent=tuple(column.title for column in columns if column.key not in positions),
        skipped_rows=tuple(sorted(skipped)),
        date_1904=sheet.date_1904,
    )


def _row(row: RawRow, keys: Mapping[int, str]) -> TableRow:
    return TableRow(row.number, {keys[at]: cell for at, cell in row.cells.items() if at in keys})


def _dropped(head: Head, below: Sequence[RawRow]) -> Iterator[str]:
    """Headings we do not know, and filled columns without any; our own error column is neither."""
    filled = {column for row in below for column in row.cells}
    for column in sorted(head.titles.keys() | filled):
        title = head.titles.get(column, "")
        if column not in head.keys and title != ERROR_HEADING:
            yield title[:40] if title else f"{letters_of(column)} 列（没有列名）"


def _is_note(row: RawRow) -> bool:
    first = row.cells[min(row.cells)]
    text = unicodedata.normalize("NFKC", one_line(first.written)).replace(" ", "")
    return first.kind is CellKind.TEXT and _NOTE.match(text) is not None


def _is_heading(row: RawRow, head: Head, names: Names) -> bool:
    """The heading once more, as on every printed page."""
    known = [(at, row.cells[at]) for at in head.keys if at in row.cells]
    return len(known) > 1 and all(_names_column(cell, head.keys[at], names) for at, cell in known)


def _names_column(cell: RawCell, key: str, names: Names) -> bool:
    return cell.kind is CellKind.TEXT and key in _keys(cell.written, names)


def _keys(text: str, names: Names) -> Collection[str]:
    return {names[spelling] for spelling in spellings(text) if spelling in names}
