"""What the portal itself can say of a measure: the shape, apart from who computes it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Measured:
    """A value in the unit of the measure; `evidence` says in words what was counted (at most 300
    characters); `url` opens the page where each number can be looked up, below /w/."""

    value: Decimal
    evidence: str
    url: str = ""
