"""Whose data leaves, and when: the pure rule."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periods.months import add_months
from personal.rules import (
    LEAVER_MONTHS,
    CorrectionRefused,
    Fate,
    Leaver,
    checked_words,
    fate_of,
    left_before,
)

LEFT = date(2024, 11, 20)
DUE = date(2026, 11, 20)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("leaver", "on", "fate"),
    [
        (Leaver(None), DUE, Fate.STAYS),
        (Leaver(DUE + DAY), DUE, Fate.STAYS),
        (Leaver(LEFT), DUE - DAY, Fate.WAITS),
        (Leaver(LEFT), DUE, Fate.ANONYMOUS),
        (Leaver(LEFT, ledgers=("任职台账",)), DUE, Fate.NAME_KEPT),
        (Leaver(LEFT, holds_post=True), DUE, Fate.HOLDS_POST),
        (Leaver(LEFT, holds_post=True, ledgers=("任职台账",)), DUE - DAY, Fate.WAITS),
        (Leaver(date(2024, 2, 29)), date(2026, 2, 27), Fate.WAITS),
        (Leaver(date(2024, 2, 29)), date(2026, 2, 28), Fate.ANONYMOUS),
    ],
)
def test_the_fate_of_a_leaver(leaver: Leaver, on: date, fate: Fate) -> None:
    assert fate_of(leaver, on=on) == fate


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(-3, 3))
def test_the_day_asked_of_the_database_is_the_day_of_the_rule(on: date, shift: int) -> None:
    """Nobody is found too early; who is found a day late at a month's end is found the next night."""
    left = left_before(on) + timedelta(days=shift)
    if shift <= 0:
        assert fate_of(Leaver(left), on=on) == Fate.ANONYMOUS
    if fate_of(Leaver(left), on=on) == Fate.ANONYMOUS:
        assert left <= left_before(on + 3 * DAY)


def test_the_time_is_two_years() -> None:
    assert add_months(LEFT, LEAVER_MONTHS) == DUE


@pytest.mark.parametrize(
    "text", ["", "  ", "应为532501199001011239", "532501 19900101 1239", "53250119900101123X"]
)
def test_words_with_nothing_or_an_id_number_are_refused(text: str) -> None:
    with pytest.raises(CorrectionRefused):
        checked_words(text)


def test_words_are_kept_as_typed() -> None:
    assert checked_words(" 入党日期应为 2015-07-01 ") == "入党日期应为 2015-07-01"
