"""The load of a month as a page shows it, and the hours agreed for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.urls import reverse

from branches.models import Post
from branches.rules import Role
from burden.queries.demand_scope import DemandScope
from burden.queries.demands import address_of
from periods.months import Month
from reminders.models import AgreedTime
from reminders.queries.demand_load import (
    LEAST_BRANCHES,
    LoadLine,
    MonthLoad,
    item_lines,
    load_of,
)


@dataclass(frozen=True)
class AskerPart:
    """Everything one asker asks, line by line; `lines` with the address of each."""

    asker: str
    minutes: Decimal
    percent: int
    lines: Sequence[tuple[LoadLine, str]]


@dataclass(frozen=True)
class LoadPage:
    load: MonthLoad
    askers: Sequence[AskerPart]

    @property
    def is_over(self) -> bool:
        return self.load.minutes > self.load.budget_minutes

    @property
    def above(self) -> int:
        """By how many minutes more is asked than there is."""
        return max(round(self.load.minutes) - self.load.budget_minutes, 0)

    @property
    def share(self) -> int:
        """Per cent of the budget, for a bar that ends at it."""
        budget = self.load.budget_minutes
        return min(round(100 * self.load.minutes / budget), 100) if budget else 0

    @property
    def core_percent(self) -> int:
        return 100 - self.load.formality_percent if self.load.minutes else 0

    @property
    def kinds(self) -> list[tuple[str, Decimal, int]]:
        total = self.load.minutes
        return [(kind, minutes, _percent(minutes, total)) for kind, minutes in self.load.by_kind]


def load_page(scope: DemandScope, month: Month, *, on: date) -> LoadPage | None:
    """Seven statements; None where too few branches stand together to show what they are asked."""
    load = month_load(scope, month, on=on)
    if load is None:
        return None
    lines = [*item_lines(scope.places, month, on=on), *load.outside]
    return LoadPage(load, [_asker(scope, load, lines, asker, m) for asker, m in load.by_asker])


def month_load(scope: DemandScope, month: Month, *, on: date) -> MonthLoad | None:
    load = load_of(scope.places, month, on=on)
    return load if scope.is_branch or load.branches >= LEAST_BRANCHES else None


def _asker(
    scope: DemandScope, load: MonthLoad, lines: Sequence[LoadLine], asker: str, minutes: Decimal
) -> AskerPart:
    own = [(line, _url(scope, load.month, line)) for line in lines if line.asker == asker]
    own.sort(key=lambda pair: (-pair[0].minutes, pair[0].name))
    return AskerPart(asker, minutes, _percent(minutes, load.minutes), own)


def _url(scope: DemandScope, month: Month, line: LoadLine) -> str:
    """The items themselves where there are any; else the demand."""
    if line.action is None:
        return address_of(line.source, line.ref)
    asked = {"figure": "asked", "scope": scope.place.code, "month": str(month), "branches": 1}
    return f"{reverse('dashboards:dashboard_list')}?{urlencode({**asked, 'action': line.action})}"


def _percent(part: Decimal, whole: Decimal) -> int:
    return round(100 * part / whole) if whole else 0


@dataclass(frozen=True)
class AgreedRow:
    """A worker with the agreement that holds, and those of the past."""

    post: Post
    current: AgreedTime | None
    earlier: Sequence[AgreedTime]


def agreed_rows(scope: DemandScope, *, on: date) -> list[AgreedRow]:
    """Every worker of the branches in tree order. Two statements."""
    times = AgreedTime.objects.select_related("made_by").order_by("-since", "-pk")
    posts = (
        Post.objects.at(on)
        .filter(role=Role.WORKER, organisation__in=scope.places.branches().active(on=on))
        .select_related("organisation", "member", "user")
        .prefetch_related(Prefetch("agreed_times", queryset=times))
        .order_by("organisation__level", "organisation__code", "pk")
    )
    return [_agreed_row(post, on) for post in posts]


def _agreed_row(post: Post, on: date) -> AgreedRow:
    times = list(post.agreed_times.all())
    current = next((t for t in times if t.since <= on and (t.until is None or t.until >= on)), None)
    return AgreedRow(post, current, [each for each in times if each is not current])
