"""The two example calculations, and what must hold whatever the numbers."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.rules.coefficients import (
    CODES,
    NOTHING,
    Measured,
    hardship,
    level_factor,
    performance,
    rate,
    result_of,
    scaled,
)
from incentives.rules.contributions import CONTRIBUTION_KINDS, WORK_KINDS, EntryKind, IncentiveRefused
from incentives.rules.policies import ONE, SCALES, numbers_of, shipped

NUMBERS = numbers_of(shipped()["numbers"])
coefficients = st.decimals("0.50", "2.00", places=2)
amounts = st.decimals("0", "500", places=2)


def values(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("factors", "product", "effective", "bonus"),
    [
        (("1.3", "1.10", "1.05", "1.08", "1.20", "1.06"), "2.0627", "2.0000", "1200.00"),
        (("1.0", "0.92", "1.00", "0.95", "1.00", "1.05"), "0.9177", "0.9177", "550.62"),
        (("1.0", "0.60", "0.60"), "0.3600", "0.6000", "360.00"),
        ((), "1.0000", "1.0000", "600.00"),
    ],
)
def test_examples(factors: tuple[str, ...], product: str, effective: str, bonus: str) -> None:
    found = result_of(values(*factors), NUMBERS)
    assert (str(found.product), str(found.effective), str(found.bonus)) == (product, effective, bonus)


@given(st.permutations(values("1.3", "1.13", "0.97", "1.08", "1.21", "1.06")))
def test_the_order_of_factors_changes_nothing(factors: list[Decimal]) -> None:
    assert result_of(factors, NUMBERS) == result_of(sorted(factors), NUMBERS)


@given(st.lists(coefficients, max_size=6))
def test_a_missing_factor_changes_nothing(factors: list[Decimal]) -> None:
    assert result_of([*factors, ONE], NUMBERS) == result_of(factors, NUMBERS)


@given(st.lists(coefficients, max_size=6))
def test_a_bonus_lies_between_floor_and_cap(factors: list[Decimal]) -> None:
    assert Decimal(360) <= result_of(factors, NUMBERS).bonus <= Decimal(1200)


@given(st.sampled_from(SCALES), amounts, amounts)
def test_more_never_counts_less_and_stays_in_range(name: str, one: Decimal, other: Decimal) -> None:
    scale = NUMBERS.scales[name]
    less, more = sorted((one, other))
    assert scale.low <= scale.of(less) <= scale.of(more) <= scale.high


@pytest.mark.parametrize(
    ("name", "measured", "value"),
    [
        ("on_time", "0.85", "1.00"),
        ("on_time", "1", "1.30"),
        ("on_time", "0", "0.80"),
        ("contribution", "7", "1.15"),
        ("drive", "75", "1.15"),
        ("workload", "13", "1.10"),
    ],
)
def test_scales_by_the_table(name: str, measured: str, value: str) -> None:
    assert str(NUMBERS.scales[name].of(Decimal(measured))) == value


def test_whatever_has_no_data_counts_one() -> None:
    found = [
        level_factor(None, ""),
        performance({}, NUMBERS),
        scaled("complexity", NOTHING, NUMBERS),
        scaled("contribution", NOTHING, NUMBERS),
        hardship(NOTHING, NOTHING, NUMBERS),
        scaled("workload", NOTHING, NUMBERS),
    ]
    assert [factor.code for factor in found] == list(CODES)
    assert [(str(factor.value), factor.missing) for factor in found] == [("1.00", True)] * 6


def test_performance_weighs_the_outcome_at_least_as_much_as_the_process() -> None:
    on_time, failed = Measured(ONE, "全部按时"), Measured(Decimal(0), "都没有通过")
    found = performance({"on_time": on_time, "recheck_rate": failed}, NUMBERS)
    # 0.40 × 1.30 + 0.30 × 0.80 + 0.30 × 1.00: a part without data counts one, its share is not given away.
    assert (str(found.value), found.missing) == ("1.06", False)


def test_remoteness_is_counted_once() -> None:
    drive, altitude = Measured(Decimal(75), "车程 75 分钟"), Measured(Decimal(2500), "海拔 2500 米")
    assert [str(hardship(d, a, NUMBERS).value) for d, a in ((drive, altitude), (drive, NOTHING))] == [
        "1.15",
        "1.15",
    ]


def test_rates() -> None:
    assert (rate(0, 0), str(rate(2, 3)), str(rate(3, 3))) == (None, "0.6667", "1.0000")


def test_every_kind_feeds_one_thing() -> None:
    assert WORK_KINDS | CONTRIBUTION_KINDS | {EntryKind.RECHECK} == frozenset(EntryKind)
    assert not WORK_KINDS & CONTRIBUTION_KINDS


def changed(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    said: dict[str, Any] = deepcopy(shipped()["numbers"])
    inner = said
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return said


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("base",), "很多", "填成数字"),
        (("base",), "NaN", "填成数字"),
        (("weights", "item"), "-1", "填成数字"),
        (("floor",), "0", "下限"),
        (("cap",), "0.90", "上限"),
        (("shares", "on_time"), "0.50", "合计要为 1"),
        (("shares",), {"on_time": "0.60", "recheck_rate": "0.20", "satisfaction": "0.20"}, "看结果"),
        (("scales", "workload", "range"), ["1.10", "1.20"], "包含 1.00"),
        (("scales", "workload", "points"), [["2", "1.00"]], "两个对照点"),
        (("scales", "workload", "points"), [["2", "1.00"], ["2", "1.10"]], "从小到大"),
        (("scales", "workload", "points"), [["2", "1.10"], ["4", "1.00"]], "不能越小"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(path: tuple[str, ...], value: Any, words: str) -> None:
    with pytest.raises(IncentiveRefused, match=words):
        numbers_of(changed(path, value))
