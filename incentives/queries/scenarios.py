"""What another policy would have made of a past year, before anybody adopts it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from branches.models import Organisation
from incentives.models import WeightPolicy
from incentives.queries.policies import Policy, policy_of
from incentives.queries.records import YearRecord, last_day, workers_of, year_records
from incentives.queries.sheets import total_of


@dataclass(frozen=True)
class Scenario:
    """The same people and data under two policies; by organisation and name."""

    year: int
    budget: Decimal | None
    rows: Sequence[tuple[YearRecord, YearRecord]]

    @property
    def before(self) -> Decimal:
        return total_of(old for old, _ in self.rows)

    @property
    def after(self) -> Decimal:
        return total_of(new for _, new in self.rows)

    @property
    def over(self) -> Decimal:
        """By how much the trial exceeds the budget; nothing without one."""
        return max(self.after - self.budget, Decimal(0)) if self.budget is not None else Decimal(0)


def try_policy(
    place: Organisation, numbers: Mapping[str, Any], *, year: int, budget: Decimal | None, on: date
) -> Scenario:
    """Entries keep the weights they were written with; scales, shares, base and bounds are tried."""
    tried = Policy(WeightPolicy(organisation=place, since=on, numbers=dict(numbers)))
    held = policy_of(place, on=last_day(year, on))
    workers = workers_of(Organisation.objects.within(place), year, on=on)
    old = year_records(workers, year, on=on, policy=held)
    new = year_records(workers, year, on=on, policy=tried)
    return Scenario(year, budget, list(zip(old, new, strict=True)))
