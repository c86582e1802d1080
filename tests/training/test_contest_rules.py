"""Contests: the table of moves, ties between judges and authors, median and places."""

from decimal import Decimal
from statistics import median as plain_median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.rules.contests import (
    MOVES,
    Conflict,
    ContestPhase,
    JudgeTies,
    Standing,
    conflict_of,
    may_move,
    median,
    shown,
    standings,
    weighted,
    weights_fit,
)

WEIGHTS = {1: 50, 2: 30, 3: 20}
JUDGE = JudgeTies(1, frozenset({10}), frozenset({2}), frozenset({3}))


def points(*given: int) -> dict[int, Decimal]:
    return {key: Decimal(value) for key, value in enumerate(given, start=1)}


def test_every_phase_has_its_moves() -> None:
    assert set(MOVES) == set(ContestPhase)
    assert [phase for phase in ContestPhase if not MOVES[phase]] == [
        ContestPhase.PUBLISHED,
        ContestPhase.CANCELLED,
    ]


def test_nothing_is_published_without_judging() -> None:
    before = {phase for phase in ContestPhase if may_move(phase, ContestPhase.PUBLISHED)}
    assert before == {ContestPhase.RESULT}
    assert {phase for phase in ContestPhase if may_move(phase, ContestPhase.RESULT)} == {ContestPhase.JUDGING}


@pytest.mark.parametrize(
    ("authors", "branches", "found"),
    [
        ({1, 2}, {10}, Conflict.AUTHOR),
        ({2}, {10, 11}, Conflict.BRANCH),
        ({2, 3}, {11}, Conflict.MENTOR),
        ({3, 4}, {11}, Conflict.CO_AUTHOR),
        ({4}, {11}, None),
    ],
)
def test_the_closest_tie_keeps_a_judge_away(
    authors: set[int], branches: set[int], found: Conflict | None
) -> None:
    assert conflict_of(JUDGE, authors=authors, branches=branches) == found


@pytest.mark.parametrize(
    ("weights", "fits"),
    [([50, 30, 20], True), ([100], True), ([50, 49], False), ([100, 0], False), ([], False)],
)
def test_weights_make_a_hundred(weights: list[int], fits: bool) -> None:
    assert weights_fit(weights) == fits


def test_one_judge_weighs_exactly() -> None:
    assert weighted(points(90, 85, 71), WEIGHTS) == Decimal("84.7")


def test_a_missing_criterion_is_no_nought() -> None:
    with pytest.raises(KeyError):
        weighted(points(90, 85), WEIGHTS)


@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=9))
def test_the_median_is_that_of_the_textbook(scores: list[Decimal]) -> None:
    assert median(scores) == plain_median(scores)


def test_no_scores_have_no_median() -> None:
    with pytest.raises(ValueError, match="no scores"):
        median([])


def test_one_generous_judge_moves_nothing() -> None:
    assert median([Decimal(80), Decimal(81), Decimal(100)]) == Decimal(81)


def test_halves_are_shown_upwards() -> None:
    assert shown(Decimal("84.705")) == Decimal("84.71")


def test_equal_scores_are_parted_by_the_heaviest_criterion() -> None:
    judged = {7: [points(80, 80, 80)], 8: [points(86, 70, 80)], 9: [points(80, 80, 81)]}
    assert standings(judged, WEIGHTS) == [
        Standing(9, 1, Decimal("80.2")),
        Standing(8, 2, Decimal(80)),
        Standing(7, 3, Decimal(80)),
    ]


def test_works_equal_in_all_share_the_place_and_the_next_is_left_out() -> None:
    judged = {1: [points(70, 70, 70)], 2: [points(90, 90, 90)], 3: [points(90, 90, 90)]}
    assert [(row.work, row.place) for row in standings(judged, WEIGHTS)] == [(2, 1), (3, 1), (1, 3)]
