"""What may be shown of the ratings of one office's visits in one year.

Only closed quarters count. Quarters are put together until five branches at least have spoken; such a batch
is shown as `suppression.published` allows and never changes again, since a rating cannot be changed once its
quarter has ended. What is shown later is what was shown before plus whole batches: a difference between two
days is a batch, never less. Ratings left over at the end of a year are never shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from burden.rules.suppression import LEAST, Group, published
from burden.rules.visit_vocabulary import Extra, Grade

Rating = tuple[Grade, Extra]
_QUARTERS = ("一", "二", "三", "四")


@dataclass(frozen=True)
class Batch:
    quarters: tuple[int, ...]
    grades: tuple[Group, ...]
    extras: tuple[Group, ...]

    @property
    def label(self) -> str:
        return "、".join(_QUARTERS[quarter - 1] for quarter in self.quarters) + "季度"


def batches(ratings: Mapping[int, Sequence[Rating]], *, closed: int) -> list[Batch]:
    """`ratings` by quarter (1 to 4); `closed`: how many quarters of that year have ended."""
    found: list[Batch] = []
    quarters: list[int] = []
    waiting: list[Rating] = []
    for quarter in range(1, closed + 1):
        quarters.append(quarter)
        waiting += ratings.get(quarter, ())
        if len(waiting) >= LEAST:
            found.append(_batch(quarters, waiting))
            quarters, waiting = [], []
    return found


def _batch(quarters: Sequence[int], ratings: Sequence[Rating]) -> Batch:
    grades = {grade.value: sum(said is grade for said, _ in ratings) for grade in Grade}
    extras = {extra.value: sum(said is extra for _, said in ratings) for extra in Extra}
    return Batch(tuple(quarters), published(grades, ordered=True), published(extras, ordered=False))
