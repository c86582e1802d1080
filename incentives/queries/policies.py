"""Which version of the policy holds for an organisation on a day; without any, the shipped suggestion."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from accounts.models import User
from branches.models import Organisation
from incentives.models import WeightPolicy
from incentives.models.contributions import VIEW_POLICY
from incentives.rules.contributions import EntryKind
from incentives.rules.policies import (
    OUTCOMES,
    PROCESS,
    SCALE_LABELS,
    SCALES,
    Numbers,
    PolicyState,
    Scale,
    numbers_of,
    shipped,
)


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

    def of_year(self, path: str, year: int, *, until: date) -> Policy:
        """The one that a whole year is graded by: what was known on its first day, or else the first since.

        Rules that change under way would judge months by numbers nobody could know; a unit's first own
        version counts at once, since nothing was promised before.
        """
        first = date(year, 1, 1)
        known = self.of(path, on=first)
        if known.row:
            return known
        begun = [row for row in self._rows if path.startswith(row[0]) and first < row[1] <= until]
        return min(begun, key=lambda row: (-len(row[0]), row[1]), default=("", until, SHIPPED))[2]


def policy_of(place: Organisation, *, on: date) -> Policy:
    """One statement."""
    return Policies.read().of(place.path, on=on)


@dataclass(frozen=True)
class Shown:
    """One version with every number in words; `state` as of the day asked for."""

    policy: Policy
    state: PolicyState

    @property
    def weights(self) -> list[tuple[str, Decimal]]:
        return [(kind.label, self.policy.numbers.weight(kind)) for kind in EntryKind]

    @property
    def shares(self) -> list[tuple[str, Decimal]]:
        return [(SCALE_LABELS[part], self.policy.numbers.shares[part]) for part in (PROCESS, *OUTCOMES)]

    @property
    def scales(self) -> list[tuple[str, Scale]]:
        return [(SCALE_LABELS[name], self.policy.numbers.scales[name]) for name in SCALES]


def policies_for(user: User, *, on: date) -> list[Shown]:
    """Versions that hold or held for places this person belongs to, newest first, the suggestion last."""
    places = Organisation.objects.permitted_to(user, VIEW_POLICY, on=on)
    paths = list(places.values_list("path", flat=True))
    every = WeightPolicy.objects.select_related("organisation", "made_by").order_by("-since", "-pk")
    rows = [row for row in every if any(path.startswith(row.organisation.path) for path in paths)]
    held = Policies(rows)
    now = {held.of(path, on=on).row for path in paths}
    return [
        *(Shown(Policy(row), _state(row, held=row in now, on=on)) for row in rows),
        Shown(SHIPPED, PolicyState.IN_FORCE if None in now else PolicyState.REPLACED),
    ]


def _state(row: WeightPolicy, *, held: bool, on: date) -> PolicyState:
    if row.since > on:
        return PolicyState.COMING
    return PolicyState.IN_FORCE if held else PolicyState.REPLACED
