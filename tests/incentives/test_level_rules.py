"""Criteria, terms and lowering as pure rules."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.rules.honours import Verdict
from incentives.rules.levels import (
    LevelCheck,
    LevelCode,
    Number,
    PanelChoice,
    check_line,
    last_term_day,
    levels_of,
    lower_code,
    met_for_year,
    missed_in_a_row,
    next_code,
    says_rank,
    shipped,
    years_held,
)
from periods.months import add_years

LEVELS = levels_of(shipped()["levels"])
YEARS = st.sets(st.integers(2020, 2040), max_size=8)


@given(missed=YEARS, met=YEARS)
def test_a_level_is_lowered_only_after_two_missed_years_in_a_row(missed: set[int], met: set[int]) -> None:
    met -= missed
    found = missed_in_a_row(missed, met)
    last = max(missed | met, default=0)
    assert found == ((last - 1, last) if {last - 1, last} <= missed else ())


@given(since=st.dates(date(2020, 1, 1), date(2040, 12, 31)), years=st.integers(1, 5))
def test_a_term_runs_whole_years_and_the_next_begins_the_day_after(since: date, years: int) -> None:
    until = last_term_day(since, years)
    assert until + timedelta(days=1) == add_years(since, years)
    assert since < until


def test_a_term_from_the_29th_of_february_ends_on_the_27th() -> None:
    assert last_term_day(date(2024, 2, 29), 2) == date(2026, 2, 27)


@given(
    spans=st.lists(st.tuples(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 900)), max_size=5)
)
def test_posts_at_the_same_time_count_once(spans: list[tuple[date, int]]) -> None:
    found = [(first, first + timedelta(days=length)) for first, length in spans]
    days = {first + timedelta(days=n) for first, length in spans for n in range(length + 1)}
    assert years_held(found) == (Decimal(len(days)) / Decimal("365.25")).quantize(Decimal("0.1"))


@pytest.mark.parametrize(
    ("check", "value", "verdict", "missing"),
    [
        (LevelCheck.ON_TIME, None, Verdict.NO_DATA, ""),
        (LevelCheck.ON_TIME, "91.9", Verdict.UNMET, "现在 91.9%，达到 92% 就够"),
        (LevelCheck.ON_TIME, "92", Verdict.MET, ""),
        (LevelCheck.HOURS, "24.5", Verdict.UNMET, "还差 15.5 学时"),
        (LevelCheck.MENTORING, None, Verdict.UNMET, "还差 1 人次"),
    ],
)
def test_a_line_says_what_lacks(check: LevelCheck, value: str | None, verdict: Verdict, missing: str) -> None:
    one = next(each for each in LEVELS[LevelCode.SUPERVISOR].criteria if each.check == check)
    number = Number(Decimal(value) if value else None, "")
    line = check_line(one, {(check, one.years): number})
    assert (line.verdict, line.missing) == (verdict, missing)


def test_a_finished_year_is_missed_by_what_data_show_and_not_by_what_nobody_stored() -> None:
    one = next(each for each in LEVELS[LevelCode.SUPERVISOR].criteria if each.check == LevelCheck.HOURS)
    nothing = check_line(one, {(one.check, one.years): Number(Decimal(0), "")})
    some = check_line(one, {(one.check, one.years): Number(Decimal(8), "")})
    assert [met_for_year([nothing]), met_for_year([some])] == [True, False]


def test_another_check_may_satisfy_a_criterion() -> None:
    one = next(each for each in LEVELS[LevelCode.EXPERT].criteria if each.either)
    numbers = {(one.check, 0): Number(Decimal(0), ""), (LevelCheck.AWARD, 0): Number(Decimal(1), "")}
    assert check_line(one, numbers).verdict == Verdict.MET
    numbers[LevelCheck.AWARD, 0] = Number(Decimal(0), "")
    assert check_line(one, numbers).missing == "还差 2 项，或有一项市级以上奖项"


def test_levels_go_one_step_at_a_time() -> None:
    assert [next_code(held) for held in ("", *LevelCode)] == [*LevelCode, None]
    assert [lower_code(held) for held in LevelCode] == [None, LevelCode.SPECIALIST, LevelCode.SUPERVISOR]
    assert {code: (str(one.coefficient), one.term_years) for code, one in LEVELS.items()} == {
        LevelCode.SPECIALIST: ("1.0", 2),
        LevelCode.SUPERVISOR: ("1.3", 2),
        LevelCode.EXPERT: ("1.6", 3),
    }
    assert len(PanelChoice) == 4


def test_a_rank_is_recognised() -> None:
    assert [says_rank(text) for text in ("全县排名第二", "按期完成换届")] == [True, False]
