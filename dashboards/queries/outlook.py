"""How many members the branches of a scope will have, as far as is known today."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from branches.queries.outlook import outlook_of
from branches.rules.outlook import BranchOutlook, OutlookLevel
from dashboards.queries.scope import Scope


@dataclass(frozen=True)
class StripRow:
    """One branch whose number needs a thought."""

    outlook: BranchOutlook
    url: str

    @property
    def is_late(self) -> bool:
        return self.outlook.level is OutlookLevel.BREACH


@dataclass(frozen=True)
class Strip:
    """How many branches stand how; `rows` those that are not simply well, in tree order."""

    branches: int
    counts: Sequence[tuple[OutlookLevel, int]]
    rows: Sequence[StripRow]


def outlook_strip(scope: Scope, *, on: date) -> Strip:
    """Nine statements for any number of branches."""
    places = list(scope.branches(on=on).in_tree_order())
    outlooks = outlook_of(places, on=on)
    found = Counter(outlooks[place.pk].level for place in places)
    rows = [
        StripRow(outlooks[place.pk], reverse("branches:organisation_outlook", args=[place.pk]))
        for place in places
        if scope.is_branch or outlooks[place.pk].level is not OutlookLevel.OK
    ]
    return Strip(len(places), [(level, found[level]) for level in OutlookLevel], rows)
