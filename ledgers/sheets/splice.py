"""One more column in the XML of a sheet, every other byte as it was. Child side.

The part has been read once by the guarded reader before it comes here, so it is XML without a DTD.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers.expat import ParserCreate
from xml.sax.saxutils import escape

from ledgers.sheets.limits import letters_of
from ledgers.sheets.tidy import storable
from ledgers.sheets.worksheet import place_of
from ledgers.sheets.xml_events import local

WIDTH = 60
MOST = 2_000  # characters of one explanation
_SPANS = re.compile(rb'\sspans\s*=\s*("[^"]*"|\'[^\']*\')')
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class NewColumn:
    column: int  # 1-based
    heading_row: int
    texts: Mapping[int, str]  # by row, with the heading
    replace: bool  # whether cells of this column go everywhere from the heading on


def with_column(part: bytes, new: NewColumn) -> bytes:
    """Return the sheet with the cells of `new` in it; a cell that stood there before is gone."""
    if part.startswith(_WIDE_MARKS):
        part = _DECLARATION.sub("", part.decode("utf-16"), count=1).encode()
    return Splicer(part, new).spliced()


def _prefix(name: str) -> str:
    return name.removesuffix(local(name))


class Splicer:
    """Walks over the part once, notes where bytes go and come, then joins the pieces."""

    def __init__(self, part: bytes, new: NewColumn) -> None:
        self._part, self._new = part, new
        self._edits: list[tuple[int, int, bytes]] = []  # from, to, instead
        self._row = self._column = 0
        self._row_at = self._cell_at = self._dimension_at = -1
        self._cell_end: int | None = None  # where the first cell behind ours begins
        self._first_child: int | None = None
        self._style = b""
        self._last_col, self._has_cols = 0, False

    def spliced(self) -> bytes:
        parser = ParserCreate()
        parser.StartElementHandler = lambda name, attributes: self._opened(
            name, attributes, parser.CurrentByteIndex
        )
        parser.EndElementHandler = lambda name: self._closed(name, parser.CurrentByteIndex)
        parser.Parse(self._part, True)
        return self._joined()

    def _joined(self) -> bytes:
        pieces, done = [], 0
        for start, end, instead in sorted(self._edits):
            pieces += [self._part[done:start], instead]
            done = end
        return b"".join([*pieces, self._part[done:]])

    def _opened(self, name: str, attributes: dict[str, str], at: int) -> None:
        match local(name):
            case "row":
                self._open_row(attributes, at)
            case "c" if self._row_at >= 0:
                self._open_cell(attributes, at)
            case "dimension":
                self._dimension_at = at
            case "col":
                self._last_col = max(self._last_col, int(attributes.get("max", 0)))
            case "sheetData" if not self._has_cols:
                self._edits.append((at, at, self._element(name, "cols", self._col(name))))

    def _closed(self, name: str, at: int) -> None:
        match local(name):
            case "row" if self._row_at >= 0:
                self._close_row(name, at)
            case "c" if self._cell_at >= 0:
                self._close_cell(name, at)
            case "dimension":  # it would be wrong now, and nobody needs it
                self._edits.append((self._dimension_at, self._behind(name, at), b""))
            case "cols":
                self._has_cols = True
                if self._last_col < self._new.column and self._is_end_tag(name, at):
                    self._edits.append((at, at, self._col(name)))

    def _open_row(self, attributes: dict[str, str], at: int) -> None:
        self._row = int(float(attributes["r"])) if "r" in attributes else self._row + 1
        self._row_at, self._column = at, 0
        self._cell_end = self._first_child = None

    def _open_cell(self, attributes: dict[str, str], at: int) -> None:
        self._column = place_of(attributes["r"])[1] if "r" in attributes else self._column + 1
        if self._first_child is None:
            self._first_child = at
        if self._column > self._new.column and self._cell_end is None:
            self._cell_end = at
        if self._row == self._new.heading_row and self._column < self._new.column and "s" in attributes:
            self._style = b' s="%d"' % int(attributes["s"])
        self._cell_at = at if self._column == self._new.column else -1

    def _close_cell(self, name: str, at: int) -> None:
        ours = self._row in self._new.texts or (self._new.replace and self._row >= self._new.heading_row)
        if ours:
            self._edits.append((self._cell_at, self._behind(name, at), b""))
        self._cell_at = -1

    def _close_row(self, name: str, at: int) -> None:
        text, start = self._new.texts.get(self._row), self._row_at
        self._row_at = -1
        if text is None:
            return
        if spans := _SPANS.search(self._part, start, at if self._first_child is None else self._first_child):
            self._edits.append((*spans.span(), b""))
        cell = self._cell(name, text)
        if self._cell_end is not None:
            self._edits.append((self._cell_end, self._cell_end, cell))
        elif self._is_end_tag(name, at):
            self._edits.append((at, at, cell))
        else:  # <row …/> is opened for our cell
            self._edits.append((at - 2, at, b">" + cell + b"</" + name.encode() + b">"))

    def _is_end_tag(self, name: str, at: int) -> bool:
        """An element without content reports its end behind itself, where its end tag cannot stand."""
        return self._part.startswith(b"</" + name.encode(), at)

    def _behind(self, name: str, at: int) -> int:
        return self._part.index(b">", at) + 1 if self._is_end_tag(name, at) else at

    def _cell(self, like: str, text: str) -> bytes:
        """Text that stays text, whatever it begins with; characters as numbers suit every encoding."""
        place = f"{letters_of(self._new.column)}{self._row}"
        style = self._style.decode() if self._row == self._new.heading_row else ""
        words = escape(_CODED.sub("_x005F_", storable(text)[:MOST]))
        prefix = _prefix(like)
        return (
            f'<{prefix}c r="{place}"{style} t="inlineStr"><{prefix}is><{prefix}t xml:space="preserve">'
            f"{words}</{prefix}t></{prefix}is></{prefix}c>"
        ).encode("ascii", "xmlcharrefreplace")

    def _col(self, like: str) -> bytes:
        prefix = _prefix(like)
        at = self._new.column
        return f'<{prefix}col min="{at}" max="{at}" width="{WIDTH}" customWidth="1"/>'.encode()

    def _element(self, like: str, name: str, content: bytes) -> bytes:
        tag = (_prefix(like) + name).encode()
        return b"<" + tag + b">" + content + b"</" + tag + b">"
