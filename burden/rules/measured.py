"""What the portal itself can say of a measure: the shape, apart from who computes it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from periods.months import Month

if TYPE_CHECKING:
    from branches.models import Organisation


@dataclass(frozen=True)
class Measured:
    """A value in the unit of the measure; `evidence` says in words what was counted (at most 300
    characters); `url` opens the page where each number can be looked up, below /w/."""

    value: Decimal
    evidence: str
    url: str = ""


# (place, month, on) → the value of that month as it stands on `on`, or None where nothing can be said.
Meter = Callable[["Organisation", Month, date], Measured | None]
