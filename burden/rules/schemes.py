"""How much of an assessment only counts traces; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol, TypeVar

from branches.rules import Refusal
from burden.rules.measures_vocabulary import ItemKind


class VersionRefused(Refusal):
    """The version, its day or its lines do not fit; str() says what to do."""


class HasSince(Protocol):
    @property
    def since(self) -> date: ...


V = TypeVar("V", bound=HasSince)


@dataclass(frozen=True)
class Share:
    """Points and items of a scheme, and those of them that only count traces."""

    points: Decimal
    items: int
    trace_points: Decimal
    trace_items: int

    @property
    def of_points(self) -> Decimal:
        """Per cent, one decimal."""
        return percent(self.trace_points, self.points)

    @property
    def of_items(self) -> Decimal:
        return percent(Decimal(self.trace_items), Decimal(self.items))

    def above(self, limit: Decimal | None) -> bool:
        return limit is not None and self.of_points > limit


def share_of(items: Iterable[tuple[Decimal, str]]) -> Share:
    """From (points, kind) of each item."""
    every = list(items)
    traces = [points for points, kind in every if kind == ItemKind.TRACE]
    return Share(
        points=sum((points for points, _ in every), Decimal(0)),
        items=len(every),
        trace_points=sum(traces, Decimal(0)),
        trace_items=len(traces),
    )


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """Nothing of nothing is nothing."""
    if not whole:
        return Decimal(0)
    return (part * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def in_force(versions: Sequence[V], *, on: date) -> V | None:
    """The version that holds on that day, of versions in any order."""
    return max((v for v in versions if v.since <= on), key=lambda v: v.since, default=None)
