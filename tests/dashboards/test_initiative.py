"""The initiative index by the table, and what always holds of it."""

from decimal import Decimal
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.rules.initiative import Share, initiative, median_of

histograms = st.dictionaries(st.integers(-400, 400), st.integers(0, 50), max_size=12)
shares = st.integers(0, 500).flatmap(lambda whole: st.builds(Share, st.integers(0, whole), st.just(whole)))


@pytest.mark.parametrize(
    ("lead", "own", "repeats", "scores", "value"),
    [
        ({10: 3}, Share(5, 10), Share(0, 4), ["100", "100", "100"], 100),
        ({0: 3}, Share(0, 10), Share(4, 4), ["0", "0", "0"], 0),
        ({-6: 3}, Share(0, 10), Share(1, 1), ["0", "0", "0"], 0),
        ({5: 1}, Share(1, 4), Share(1, 2), ["50", "50", "50"], 50),
        ({400: 1}, Share(10, 10), Share(0, 1), ["100", "100", "100"], 100),
        # The median lies between 3 and 4; 12.5 is rounded up, as is the mean of 35, 12.5 and 50.
        ({3: 1, 4: 1}, Share(1, 16), Share(1, 2), ["35", "13", "50"], 33),
        ({}, Share(), Share(), ["暂无", "暂无", "暂无"], None),
        ({7: 1}, Share(), Share(), ["70", "暂无", "暂无"], 70),
        ({}, Share(1, 4), Share(1, 4), ["暂无", "50", "75"], 63),
    ],
)
def test_the_index_by_the_table(
    lead: dict[int, int], own: Share, repeats: Share, scores: list[str], value: int | None
) -> None:
    index = initiative(lead, own=own, repeats=repeats)
    assert ([part.shown for part in index.parts], index.value) == (scores, value)


@pytest.mark.parametrize(
    ("lead", "words"),
    [
        ({}, "暂无"),
        ({0: 1}, "当天"),
        ({3: 1, 4: 1}, "早 3.5 天"),
        ({-2: 5}, "晚 2 天"),
        ({10: 1}, "早 10 天"),
    ],
)
def test_the_raw_number_is_said_in_words(lead: dict[int, int], words: str) -> None:
    parts = initiative(lead, own=Share(1, 3), repeats=Share()).parts
    assert [part.raw for part in parts] == [words, "1 / 3", "暂无"]


def test_parts_without_data_are_left_out_and_named() -> None:
    assert initiative({1: 1}, own=Share(), repeats=Share(0, 2)).missing == ("自主开展",)


@given(histograms)
def test_the_median_is_that_of_the_values_written_out(lead: dict[int, int]) -> None:
    values = [days for days, items in lead.items() for _ in range(items)]
    assert median_of(lead) == (Decimal(str(median(values))) if values else None)


@given(histograms, shares, shares)
def test_every_part_and_the_index_lie_between_0_and_100(
    lead: dict[int, int], own: Share, repeats: Share
) -> None:
    index = initiative(lead, own=own, repeats=repeats)
    scores = [part.score for part in index.parts if part.score is not None]
    assert all(0 <= score <= 100 for score in scores)
    if scores:
        assert index.value is not None
        assert min(scores) - 1 < index.value < max(scores) + 1
    assert len(index.missing) == 3 - len(scores)
