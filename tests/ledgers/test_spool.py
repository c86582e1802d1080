"""The spool gives back what was put in, in any order, and its memory does not grow with the rows."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers.ledger import Cell, Row, Tone
from ledgers.spool import BLOCK, LongText, Spool, checksum
from ledgers.text import CELL_LIMIT
from tests.ledgers.sample import document_of, make_ledger, topic_row

VALUES = st.one_of(
    st.none(),
    st.integers(),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace").decode()),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.builds(Cell, st.text("完成", max_size=5), st.sampled_from(Tone)),
)
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=20)


def many(count: int) -> Iterator[Row]:
    for number in range(count):
        topic = f"第{number}次学习，结合岗位实际开展专题研讨"
        yield (number, topic, date(2026, 11, 13), Decimal("1.5"), Cell("已逾期", Tone.LATE))


@given(rows=ROWS, block=st.integers(1, 4))
def test_what_goes_in_comes_out(rows: list[Row], block: int) -> None:
    spool = Spool(iter(rows), block=block)
    assert list(spool) == rows
    assert spool == rows
    assert [spool[number] for number in reversed(range(len(rows)))] == rows[::-1]
    assert (spool[1:3], spool[-2:]) == (rows[1:3], rows[-2:])
    assert (len(spool), spool.checksum) == (len(rows), checksum(rows))


def test_two_readers_at_once_do_not_disturb_each_other() -> None:
    spool = Spool(many(3 * BLOCK))
    pairs = [(mine, other) for mine, other in zip(spool, spool, strict=True)]
    assert [mine == other for mine, other in pairs] == [True] * (3 * BLOCK)


def test_outside_there_is_nothing() -> None:
    spool = Spool(many(3))
    for number in (3, -4):
        with pytest.raises(IndexError):
            spool[number]
    assert (spool == list(many(2)), spool == "abc") == (False, False)


def test_the_first_text_too_long_is_told() -> None:
    rows: list[Row] = [(1, "短"), (2, Cell("长" * (CELL_LIMIT + 1))), (3, "长" * 40000)]
    assert Spool(rows).too_long == LongText(1, 1, CELL_LIMIT + 1)
    assert Spool(rows[:1]).too_long is None


def test_a_value_of_no_kind_is_a_mistake_in_the_code() -> None:
    with pytest.raises(TypeError, match=r"^A ledger cannot hold"):
        Spool([(object(),)])  # type: ignore[list-item]  # what the types already refuse


def peak_of(count: int) -> int:
    tracemalloc.start()
    try:
        spool = Spool(many(count))
        assert sum(1 for _ in spool) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows() -> None:
    # What is short stays in memory; both of these lie on disk.
    assert peak_of(40_000) < 1.2 * peak_of(20_000)


@pytest.mark.parametrize("sort", ["topic", "-topic", "held", "-present"])
def test_a_sort_over_many_blocks_is_that_of_a_list(sort: str) -> None:
    rows = [topic_row(f"第{n * 37 % 200}次") for n in range(200)]
    index = {"topic": 2, "held": 1, "present": 3}[sort.lstrip("-")]
    expected = sorted(rows, key=lambda row: str(row[index]), reverse=sort.startswith("-"))
    document = document_of(make_ledger(rows), sort=sort)
    assert document.rows == [(number, *row) for number, row in enumerate(expected, start=1)]


def test_the_checksum_is_that_of_the_rows_as_shown() -> None:
    moment = datetime(2026, 11, 13, tzinfo=UTC)
    assert Spool([("a", moment)]).checksum == checksum([("a", moment)])
