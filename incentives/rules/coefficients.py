"""A person's year in coefficients, their product and the bonus; pure, in Decimal.

Rounded half up at three places and nowhere else: a coefficient to two decimals, the product and what counts
of it to four, the bonus to the cent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import mul
from typing import Any

from incentives.rules.policies import CENT, ONE, OUTCOMES, PROCESS, Numbers

FOUR = Decimal("0.0001")
NO_DATA = "没有数据，按 1.00 计"
LABELS = {
    "level": "等级",
    "performance": "工作实绩",
    "complexity": "任务复杂度",
    "contribution": "贡献度",
    "hardship": "基层艰苦程度",
    "workload": "工作负荷",
}
PART_LABELS = {"on_time": "规定动作按时率", "recheck_rate": "复查合格率", "satisfaction": "党员满意度"}
CODES = tuple(LABELS)


@dataclass(frozen=True)
class Measured:
    """What named data say of one thing; value is empty where there are none. `url`: the list behind it."""

    value: Decimal | None
    words: str
    url: str = ""


NOTHING = Measured(None, NO_DATA)


@dataclass(frozen=True)
class Part:
    """One part of performance, with its share of it."""

    code: str
    measured: Measured
    share: Decimal
    coefficient: Decimal

    @property
    def label(self) -> str:
        return PART_LABELS[self.code]


@dataclass(frozen=True)
class Factor:
    """One coefficient. `low` and `high` are its range; level has none."""

    code: str
    value: Decimal
    words: str
    missing: bool
    url: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    parts: Sequence[Part] = ()

    @property
    def label(self) -> str:
        return LABELS[self.code]

    def kept(self) -> dict[str, Any]:
        """As texts, for a row that freezes it."""
        return {
            "code": self.code,
            "label": self.label,
            "value": str(self.value),
            "words": self.words,
            "missing": self.missing,
        }


@dataclass(frozen=True)
class Result:
    """A product brought between floor and cap, and the bonus it makes."""

    product: Decimal
    effective: Decimal
    bonus: Decimal


def result_of(values: Iterable[Decimal], numbers: Numbers) -> Result:
    """Of the level and the five coefficients, in any order.

    Formula of the proposal: base × max(floor, min(cap, product)).
    """
    exact = reduce(mul, values, Decimal(1))
    product = exact.quantize(FOUR, ROUND_HALF_UP)
    effective = max(numbers.floor, min(numbers.cap, product)).quantize(FOUR, ROUND_HALF_UP)
    return Result(product, effective, (numbers.base * effective).quantize(CENT, ROUND_HALF_UP))


def level_factor(coefficient: Decimal | None, name: str) -> Factor:
    if coefficient is None:
        return Factor("level", ONE, "还没有认定等级，按 1.00 计", missing=True)
    return Factor("level", coefficient, name, missing=False)


def performance(parts: Mapping[str, Measured], numbers: Numbers) -> Factor:
    """The parts by their shares; a part without data counts 1.00."""
    found = [_part(code, parts.get(code, NOTHING), numbers) for code in (PROCESS, *OUTCOMES)]
    value = sum((part.share * part.coefficient for part in found), Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    words = "；".join(f"{part.label}：{part.measured.words}" for part in found)
    scale = numbers.scales[PROCESS]
    return Factor(
        "performance",
        value,
        words,
        missing=all(part.measured.value is None for part in found),
        low=scale.low,
        high=scale.high,
        parts=found,
    )


def _part(code: str, measured: Measured, numbers: Numbers) -> Part:
    known = measured.value
    value = ONE if known is None else numbers.scales[code].of(known)
    return Part(code, measured, numbers.shares[code], value)


def scaled(code: str, measured: Measured, numbers: Numbers) -> Factor:
    scale = numbers.scales[code]
    value = ONE if measured.value is None else scale.of(measured.value)
    missing = measured.value is None
    return Factor(code, value, measured.words, missing, measured.url, scale.low, scale.high)


def hardship(drive: Measured, altitude: Measured, numbers: Numbers) -> Factor:
    """The higher of the two, never both: the same remoteness is not counted twice."""
    known = [(name, m) for name, m in (("drive", drive), ("altitude", altitude)) if m.value is not None]
    low, high = numbers.scales["drive"].low, numbers.scales["drive"].high
    if not known:
        return Factor("hardship", ONE, NO_DATA, missing=True, low=low, high=high)
    value = max(numbers.scales[name].of(m.value) for name, m in known if m.value is not None)
    words = "；".join(m.words for _, m in known)
    if len(known) > 1:
        words += "（取较高的一项，不重复计算）"
    return Factor("hardship", value, words, missing=False, low=low, high=high)


def rate(part: int, whole: int) -> Decimal | None:
    """Four decimals; nothing of nothing is no data."""
    return (Decimal(part) / whole).quantize(FOUR, ROUND_HALF_UP) if whole else None


def mean(total: Decimal, count: int) -> Decimal | None:
    return (total / count).quantize(FOUR, ROUND_HALF_UP) if count else None
