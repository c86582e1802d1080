"""What everything on the board is asked for: the scope, the months, the two settings, the organisations."""

from dataclasses import dataclass
from datetime import date

from branches.models import Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.queries.policy import rules_for
from dashboards.addresses import Addresses
from dashboards.queries.scope import Scope
from dashboards.rules.asked import MONTHS, Asked
from periods.months import Month


def window(month: Month) -> list[Month]:
    """The twelve months that end with this one."""
    return [month.plus(n) for n in range(1 - MONTHS, 1)]


@dataclass(frozen=True)
class Frame:
    """`organisations`: who keeps a list in the scope or ever kept one, in tree order."""

    scope: Scope
    asked: Asked
    on: date
    places: OrganisationQuerySet
    organisations: tuple[Organisation, ...]
    target: int
    budget: int

    @property
    def month(self) -> Month:
        return self.asked.month

    @property
    def day(self) -> date:
        """The last day of the month that has come."""
        return min(self.month.last, self.on)

    @property
    def months(self) -> list[Month]:
        return window(self.month)

    @property
    def addresses(self) -> Addresses:
        return Addresses(self.scope.code, self.month)

    @property
    def shown(self) -> list[Organisation]:
        """Those that stood at some time within the twelve months."""
        first = self.months[0].first
        return [o for o in self.organisations if o.dissolved_on is None or o.dissolved_on > first]

    @property
    def branches(self) -> list[Organisation]:
        """Those that stand at the end of the month looked at."""
        return [place for place in self.organisations if place.is_branch and stands(place, self.day)]


def stands(place: Organisation, day: date) -> bool:
    founded = place.established_on is None or place.established_on <= day
    return founded and (place.dissolved_on is None or place.dissolved_on > day)


def frame_of(scope: Scope, asked: Asked, *, on: date) -> Frame:
    """Two statements."""
    rules = rules_for(scope.place, on=on)
    return Frame(
        scope,
        asked,
        on,
        scope.places,
        organisations=tuple(scope.places.in_tree_order()),
        target=rules["completion_target_percent"].number,
        budget=rules["branch_minutes_budget"].number,
    )
