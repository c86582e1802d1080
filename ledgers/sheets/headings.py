"""Headings of a table: how they are compared, one row of them or two with merged cells. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledgers.sheets.cells import CellKind, RawRow, RawSheet, SheetColumn
from ledgers.sheets.tidy import one_line

_HINT = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>|〔[^〔〕]*〕|〈[^〈〉]*〉|《[^《》]*》")
_ORNAMENT = re.compile(r"[\s*※★☆●▲#:;,、。_\-]+")

Names = Mapping[str, str]  # compared spelling → key of the column


@dataclass(frozen=True)
class Head:
    """One reading of the heading: which row it ends in, what each column is called, which we know."""

    first_row: int
    last_row: int
    titles: Mapping[int, str]  # column → heading as written
    keys: Mapping[int, str]  # column → key of the column it is

    @property
    def score(self) -> int:
        return len(set(self.keys.values()))


def spellings(heading: str) -> Iterator[str]:
    """The spellings a heading is tried under: whole, without bracketed hints, its first line alone."""
    folded = unicodedata.normalize("NFKC", heading)
    for text in (folded, _HINT.sub("", folded), _HINT.sub("", folded).strip().split("\n")[0]):
        if plain := _ORNAMENT.sub("", one_line(text)).casefold():
            yield plain


def names_of(columns: Sequence[SheetColumn]) -> Names:
    """Raises ValueError when two columns claim the same spelling: that is a mistake of the programmer."""
    names: dict[str, str] = {}
    for column in columns:
        for title in (column.title, *column.synonyms):
            if names.setdefault(next(spellings(title)), column.key) != column.key:
                raise ValueError(f"Two columns are called {title}.")
    return names


def heads(sheet: RawSheet, names: Names, *, first: int, last: int) -> Iterator[Head]:
    """Every reading of a heading that starts in the rows `first` to `last`, one row before two rows."""
    rows = {row.number: row for row in sheet.rows if first <= row.number <= last + 1}
    for number in range(first, last + 1):
        if number in rows:
            yield _head(rows[number], rows[number], {}, names)
            if number + 1 in rows:
                yield _head(rows[number], rows[number + 1], _spread(sheet, rows[number]), names)


def _head(top: RawRow, bottom: RawRow, spread: Mapping[int, str], names: Names) -> Head:
    upper = {**_texts(top), **spread} if top is not bottom else {}
    lower = _texts(bottom)
    titles, keys = {}, {}
    for column in sorted(upper.keys() | lower.keys()):
        parts = [part for part in (upper.get(column, ""), lower.get(column, "")) if part]
        titles[column] = " ".join(one_line(part) for part in parts)
        if key := _key(parts, names):
            keys[column] = key
    return Head(top.number, bottom.number, titles, keys)


def _key(parts: Sequence[str], names: Names) -> str | None:
    """Two parts are tried together, then the lower alone: “入党” over “时间”, “联系方式” over “电话”."""
    for text in ("".join(parts), parts[-1]):
        for spelling in spellings(text):
            if spelling in names:
                return names[spelling]
    return None


def _texts(row: RawRow) -> dict[int, str]:
    return {column: cell.written for column, cell in row.cells.items() if cell.kind is CellKind.TEXT}


def _spread(sheet: RawSheet, row: RawRow) -> dict[int, str]:
    """A heading merged over several columns belongs to each of them."""
    texts = _texts(row)
    return {
        column: texts[left]
        for top, left, _, right in sheet.merged
        if top == row.number and left in texts
        for column in range(left, min(right, left + 100) + 1)
    }
