"""Which version of the policy holds for an organisation on a day; without any, the shipped suggestion."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from branches.models import Organisation
from incentives.models import WeightPolicy
from incentives.rules.policies import Numbers, numbers_of, shipped


@dataclass(frozen=True)
class Policy:
    """A version with its numbers; `row` is empty for the shipped suggestion."""

    row: WeightPolicy | None

    @cached_property
    def numbers(self) -> Numbers:
        return numbers_of(self.row.numbers if self.row else shipped()["numbers"])

    @property
    def document(self) -> str:
        return f"《{self.row.document}》{self.row.article}" if self.row else str(shipped()["document"])

    @property
    def note(self) -> str:
        return self.row.note if self.row else str(shipped()["note"])


SHIPPED = Policy(None)


class Policies:
    """All versions at once, for many organisations and days; one statement."""

    def __init__(self, rows: Iterable[WeightPolicy]) -> None:
        self._rows = [(row.organisation.path, row.since, Policy(row)) for row in rows]

    @classmethod
    def read(cls) -> "Policies":
        return cls(WeightPolicy.objects.select_related("organisation").order_by("pk"))

    def of(self, path: str, *, on: date) -> Policy:
        """That of the nearest organisation at or above the path, its latest by that day."""
        held = [row for row in self._rows if path.startswith(row[0]) and row[1] <= on]
        return max(held, key=lambda row: (len(row[0]), row[1]), default=("", on, SHIPPED))[2]


def policy_of(place: Organisation, *, on: date) -> Policy:
    """One statement."""
    return Policies.read().of(place.path, on=on)
