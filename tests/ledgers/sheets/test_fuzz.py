"""Good workbooks damaged at random: refused or read, never a crash, and what is marked can be read again."""

import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers.sheets.cells import SheetRefused
from ledgers.sheets.child import Lines, guarded
from ledgers.sheets.gate import check_workbook
from ledgers.sheets.limits import DEFAULT
from tests.ledgers.sheets.books import DATE_STYLE, Book, Sheet, Value, error, formula, number, packed, shared
from tests.ledgers.sheets.hostile.packages import parts_of
from tests.ledgers.sheets.roster import HEADING, PERSON

ROWS: list[Sequence[Value]] = [
    HEADING,
    PERSON,
    [shared(0), formula("A1+1"), number("32905", DATE_STYLE), error("#N/A")],
]
COLS = '<cols><col min="1" max="3" width="9"/></cols>'
PARTS = parts_of(
    Book([Sheet(ROWS, merged=["A5:B6"], before=COLS), Sheet([["x"]], name="二")], texts=["共享"]).content()
)
PIECES = (
    *(
        b"<",
        b">",
        b"/>",
        b'"',
        b"&#0;",
        b"&amp;",
        b"&x;",
        b"<!DOCTYPE x>",
        b"\xff\xfe",
        b"\x00",
        b"-1",
        b"1e999",
    ),
    *(
        b"99999999999",
        b"<row>",
        b"</row>",
        b"<c>",
        b"</c>",
        b'<c r="ZZZ1">',
        b"<v>",
        b"<f>",
        b"<is>",
        b"<rPh>",
        b"</t>",
    ),
)
ORDERS = {"Sheet1": {"heading": 1, "texts": {"2": "错"}}}
places = st.floats(0, 1, exclude_max=True)
edits = st.lists(
    st.tuples(places, st.integers(0, 9), st.sampled_from(PIECES) | st.binary(max_size=3)),
    min_size=1,
    max_size=4,
)


def damaged(part: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """At each place some bytes go and others come."""
    for place, gone, instead in changes:
        at = int(place * len(part))
        part = part[:at] + instead + part[at + gone :]
    return part


def outcome(content: bytes, orders: dict[str, Any] | None = None) -> tuple[bytes, bool]:
    """What the child would write, and whether it refused."""
    target = BytesIO()
    guarded(content, DEFAULT, orders, Lines(target))
    last = target.getvalue().rstrip(b"\n").rpartition(b"\n")[2]
    return target.getvalue(), last.startswith(b'{"refused"')


@settings(deadline=None)
@given(st.integers(0, len(PARTS) - 1), edits)
def test_a_damaged_part_is_refused_or_read(index: int, changes: list[tuple[float, int, bytes]]) -> None:
    name, part = PARTS[index]
    assert isinstance(part, bytes)
    content = packed([*PARTS[:index], (name, damaged(part, changes)), *PARTS[index + 1 :]])
    lines, refused = outcome(content)
    if refused:
        return
    assert [json.loads(line) for line in lines.splitlines()][-1] == {"end": True}
    marked, refused = outcome(content, ORDERS)
    if not refused:
        assert outcome(marked)[1] is False


@settings(deadline=None)
@given(edits)
def test_a_damaged_file_is_refused_or_read(changes: list[tuple[float, int, bytes]]) -> None:
    content = damaged(packed(PARTS), changes)
    try:
        check_workbook(content, "a.xlsx")
    except SheetRefused as refused:
        assert str(refused).endswith("。")  # noqa: PT017 - either end is right
        return
    assert outcome(content)[0] != b""
