"""What may be said of a table about a few people: no cell under five, and nothing that gives one back.

`published` turns exact counts into groups of at least five people, each rounded to five. Every other
figure that is shown (a total, a share, a mean, a chart, a comparison with an earlier table) is worked out
from these groups and from nothing else, so it cannot say more than they do. An empty cell counts as a small
one: “nobody said so” speaks of everybody.

    groups = published({"bad": 2, "fair": 9, "good": 22}, ordered=True)
    # (Group(keys=("bad", "fair"), about=10), Group(keys=("good",), about=20))

Why it holds, also against somebody who knows this code and the exact number of people: each group holds
five people or more, and whatever part of a group is looked at may hold at least five different numbers of
people. On a scale, all cells of a run but its last share up to four people in any way; in the other
tables every cell of the rest but the last may hold none to four. tests/burden/test_suppression.py looks for
a counterexample among all small tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

LEAST = 5


class Group(NamedTuple):
    """Cells that are shown as one: their keys in the table's order, and about how many people."""

    keys: tuple[str, ...]
    about: int


class Mean(NamedTuple):
    """A mean of groups, to one decimal: in the middle, and how far merged cells may move it."""

    value: Decimal
    low: Decimal
    high: Decimal


def published(counts: Mapping[str, int], *, ordered: bool) -> tuple[Group, ...]:
    """What may be shown of one table; nothing at all where fewer than five people are in it.

    ordered: the cells are steps of a scale, so only neighbours are merged. Otherwise all small cells join
    the last one (其他), with the smallest of the others if they are too few still.
    """
    if sum(counts.values()) < LEAST:
        return ()
    merged = _neighbours(counts) if ordered else _small_together(counts)
    return tuple(Group(keys, about(sum(counts[key] for key in keys))) for keys in merged)


def about(number: int) -> int:
    """A number of people to the nearest five."""
    return LEAST * ((number + LEAST // 2) // LEAST)


def total(groups: Iterable[Group]) -> int:
    """The sum of what is shown; of the exact counts it says no more than the groups do."""
    return sum(group.about for group in groups)


def shares(groups: Sequence[Group]) -> tuple[int, ...]:
    """Whole percents of what is shown, one for each group; rounded, they add up to about 100."""
    whole = total(groups)
    return tuple((200 * group.about + whole) // (2 * whole) for group in groups)


def mean(groups: Sequence[Group], scores: Mapping[str, int]) -> Mean | None:
    """The mean score of what is shown; a merged group counts as the middle of its cells.

    None where everything is one group: its middle would only look like an answer.
    """
    if len(groups) < 2:
        return None
    spans = [[scores[key] for key in group.keys] for group in groups]
    low, high = (_weighted(groups, [end(span) for span in spans]) for end in (min, max))
    return Mean(_tenth((low + high) / 2), _tenth(low), _tenth(high))


def _weighted(groups: Sequence[Group], scores: Sequence[int]) -> Decimal:
    points = sum(group.about * score for group, score in zip(groups, scores, strict=True))
    return Decimal(points) / total(groups)


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _neighbours(counts: Mapping[str, int]) -> list[tuple[str, ...]]:
    """As many runs of neighbours as five people each allow; what is left over joins the last."""
    groups: list[tuple[str, ...]] = []
    open_keys: tuple[str, ...] = ()
    for key in counts:
        open_keys += (key,)
        if sum(counts[one] for one in open_keys) >= LEAST:
            groups.append(open_keys)
            open_keys = ()
    return [*groups[:-1], groups[-1] + open_keys]


def _small_together(counts: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Large cells one by one in the table's order, then the last cell with all the small ones.

    The last cell takes part whatever its size: else its mates would be known to be small, and two cells
    under five that are nine together are known to one.
    """
    *cells, last = counts
    rest = {last, *(key for key in cells if counts[key] < LEAST)}
    large = [key for key in cells if key not in rest]
    if sum(counts[key] for key in rest) < LEAST:
        joining = min(large, key=lambda key: counts[key])
        rest.add(joining)
        large.remove(joining)
    return [*((key,) for key in large), tuple(key for key in counts if key in rest)]
