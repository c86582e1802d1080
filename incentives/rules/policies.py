"""The numbers of one version of the policy, read and judged; pure and in Decimal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.db.models import TextChoices

from incentives.rules.contributions import EntryKind, IncentiveRefused

FILE = Path(__file__).parent.parent / "data" / "policy.yaml"
SCALES = (
    "on_time",
    "recheck_rate",
    "satisfaction",
    "complexity",
    "contribution",
    "drive",
    "altitude",
    "workload",
)
SCALE_LABELS = {
    "on_time": "按时率",
    "recheck_rate": "复查合格率",
    "satisfaction": "党员满意度",
    "complexity": "任务复杂度",
    "contribution": "贡献度",
    "drive": "车程（分钟）",
    "altitude": "海拔（米）",
    "workload": "每月小时",
}
PROCESS, OUTCOMES = "on_time", ("recheck_rate", "satisfaction")
CENT = Decimal("0.01")
ONE = Decimal("1.00")
LARGEST = Decimal(99999)


class PolicyState(TextChoices):
    COMING = "coming", "尚未执行"
    IN_FORCE = "in_force", "执行中"
    REPLACED = "replaced", "已由新的一版代替"


class Point(NamedTuple):
    measured: Decimal
    coefficient: Decimal


@dataclass(frozen=True)
class Scale:
    """From what was measured to a coefficient: straight between two points, level outside them."""

    low: Decimal
    high: Decimal
    points: Sequence[Point]

    def of(self, measured: Decimal) -> Decimal:
        """Two decimals, half up, within the range."""
        return max(self.low, min(self.high, self._exact(measured))).quantize(CENT, ROUND_HALF_UP)

    def _exact(self, measured: Decimal) -> Decimal:
        if measured <= self.points[0].measured:
            return self.points[0].coefficient
        for left, right in pairwise(self.points):
            if measured <= right.measured:
                way = (measured - left.measured) / (right.measured - left.measured)
                return left.coefficient + way * (right.coefficient - left.coefficient)
        return self.points[-1].coefficient


@dataclass(frozen=True)
class Numbers:
    """One version of the policy. `shares` are those of the parts of performance; they add up to one."""

    base: Decimal
    floor: Decimal
    cap: Decimal
    weights: Mapping[str, Decimal]
    shares: Mapping[str, Decimal]
    scales: Mapping[str, Scale]

    def weight(self, kind: str) -> Decimal:
        return self.weights[kind]


def shipped() -> Mapping[str, Any]:
    """document, article, note and numbers of the shipped suggestion."""
    return _read()


@cache
def _read() -> Mapping[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return found


def numbers_of(said: Mapping[str, Any]) -> Numbers:
    """Numbers kept as texts. Raises IncentiveRefused with what is wrong in words."""
    try:
        found = Numbers(
            base=_number(said["base"]),
            floor=_number(said["floor"]),
            cap=_number(said["cap"]),
            weights={kind.value: _number(said["weights"][kind.value]) for kind in EntryKind},
            shares={part: _number(said["shares"][part]) for part in (PROCESS, *OUTCOMES)},
            scales={name: _scale(said["scales"][name]) for name in SCALES},
        )
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise IncentiveRefused("政策数值不完整，请把每一项都填成数字。") from None
    _judge(found)
    return found


def _number(text: Any) -> Decimal:
    found = Decimal(str(text))
    if not found.is_finite() or not 0 <= found <= LARGEST:
        raise ValueError
    return found


def _scale(said: Mapping[str, Any]) -> Scale:
    low, high = (_number(text) for text in said["range"])
    return Scale(low, high, tuple(Point(_number(m), _number(c)) for m, c in said["points"]))


def _judge(found: Numbers) -> None:
    if not 0 < found.floor <= ONE <= found.cap:
        raise IncentiveRefused("下限要大于 0、不超过 1，上限不低于 1。")
    if sum(found.shares.values()) != 1:
        raise IncentiveRefused("工作实绩各部分的占比合计要为 1。")
    if found.shares[PROCESS] > sum(found.shares[part] for part in OUTCOMES):
        raise IncentiveRefused("按时率的占比不能超过复查合格率与党员满意度的合计：看结果不少于看过程。")
    for scale in found.scales.values():
        _judge_scale(scale)


def _judge_scale(scale: Scale) -> None:
    if not scale.low <= ONE <= scale.high:
        raise IncentiveRefused("每个系数的范围要包含 1.00：没有数据的按 1.00 计。")
    if len(scale.points) < 2 or any(a.measured >= b.measured for a, b in pairwise(scale.points)):
        raise IncentiveRefused("每个系数至少两个对照点，并从小到大填写。")
    if any(a.coefficient > b.coefficient for a, b in pairwise(scale.points)):
        raise IncentiveRefused("数值越大，对应的系数不能越小。")
