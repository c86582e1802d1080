"""The initiative index (主动性指数): how early, how much unasked, how seldom the same error again.

One place for its definition. Each part is 0 to 100 and shown with its raw number; the index is the mean of
the parts that have data, rounded half up. It describes an organisation of several branches over time, or a
branch to itself, and never puts one beside another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# Half of the work done this many days before it is due is as early as it needs to be.
FULL_LEAD_DAYS = 10
# Half of everything done of one's own accord is as much as anybody can wish for.
FULL_OWN_SHARE = Decimal("0.5")
# Fewer branches together would be a person's figure.
LEAST_BRANCHES = 3
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Share:
    """A part of a whole; a whole of nothing has no share."""

    part: int = 0
    whole: int = 0

    @property
    def value(self) -> Decimal | None:
        return Decimal(self.part) / self.whole if self.whole else None

    @property
    def words(self) -> str:
        return f"{self.part} / {self.whole}" if self.whole else "暂无"


@dataclass(frozen=True)
class Part:
    """One third of the index: `raw` is its number in words, `score` None without data."""

    key: str
    name: str
    words: str
    raw: str
    score: Decimal | None

    @property
    def shown(self) -> str:
        return str(rounded(self.score)) if self.score is not None else "暂无"


@dataclass(frozen=True)
class Initiative:
    parts: tuple[Part, ...]

    @property
    def value(self) -> int | None:
        scores = [part.score for part in self.parts if part.score is not None]
        return rounded(sum(scores, Decimal()) / len(scores)) if scores else None

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.parts if part.score is None)


def initiative(lead: Mapping[int, int], *, own: Share, repeats: Share) -> Initiative:
    """`lead`: days before due → items; `own`: self-started of all; `repeats`: repeated of all findings."""
    days = median_of(lead)
    return Initiative(
        (
            Part("lead", "提前办结", "办结比截止日期早几天的中位数", _days(days), _lead_score(days)),
            Part("own", "自主开展", "提醒以前办结的和自行登记的占比", own.words, _own_score(own)),
            Part(
                "repeats", "不重复出错", "近 12 个月问题中再次出现的", repeats.words, _repeat_score(repeats)
            ),
        )
    )


def median_of(histogram: Mapping[int, int]) -> Decimal | None:
    """The exact median of value → how often; between two values their mean."""
    total = sum(histogram.values())
    if not total:
        return None
    low, high = _nth(histogram, (total - 1) // 2), _nth(histogram, total // 2)
    return Decimal(low + high) / 2


def _nth(histogram: Mapping[int, int], n: int) -> int:
    for value in sorted(histogram):
        n -= histogram[value]
        if n < 0:
            return value
    raise IndexError


def rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _days(days: Decimal | None) -> str:
    if days is None:
        return "暂无"
    size = f"{abs(days).normalize():f} 天"
    return f"晚 {size}" if days < 0 else f"早 {size}" if days else "当天"


def _within(value: Decimal) -> Decimal:
    return min(max(value, Decimal()), HUNDRED)


def _lead_score(days: Decimal | None) -> Decimal | None:
    return None if days is None else _within(HUNDRED * days / FULL_LEAD_DAYS)


def _own_score(own: Share) -> Decimal | None:
    return None if own.value is None else _within(HUNDRED * own.value / FULL_OWN_SHARE)


def _repeat_score(repeats: Share) -> Decimal | None:
    return None if repeats.value is None else _within(HUNDRED * (1 - repeats.value))
