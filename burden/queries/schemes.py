"""Assessment schemes with their versions, and how much of each only counts traces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from branches.models import Organisation
from branches.queries.policy import Rules, rules_of
from branches.rules.policy import plain
from burden.models import AssessmentScheme, SchemeItem, SchemeVersion
from burden.rules.measured import Measured
from burden.rules.measures import FEATURED
from burden.rules.schemes import Share, in_force, percent, share_of
from periods.months import Month, month_range

LIMIT_RULE = "trace_share_percent"


@dataclass(frozen=True)
class VersionLine:
    """One version with its items in order."""

    version: SchemeVersion
    items: Sequence[SchemeItem]

    @property
    def since(self) -> date:
        return self.version.since

    @cached_property
    def share(self) -> Share:
        return share_of((item.points, item.kind) for item in self.items)


@dataclass(frozen=True)
class SchemeLine:
    """A scheme as it stands on a day; versions newest first. `limit`: above it the page warns."""

    scheme: AssessmentScheme
    versions: Sequence[VersionLine]
    limit: Decimal | None
    on: date

    @property
    def current(self) -> VersionLine | None:
        return in_force(self.versions, on=self.on)

    @property
    def shown(self) -> VersionLine:
        """The one in force; before any is, the one to come."""
        return self.current or self.versions[-1]

    @property
    def coming(self) -> VersionLine | None:
        return next((line for line in reversed(self.versions) if line.since > self.on), None)

    @property
    def is_above(self) -> bool:
        return self.shown.share.above(self.limit)

    @property
    def first(self) -> VersionLine:
        return self.versions[-1]

    def points(self) -> dict[Month, Decimal]:
        """The share of points by month, as it stood at its end or stands today."""
        return {month: line.share.of_points for month, line in self._by_month()}

    def _by_month(self) -> list[tuple[Month, VersionLine]]:
        months = month_range(Month.of(self.first.since), Month.of(self.on))
        lines = ((month, in_force(self.versions, on=min(month.last, self.on))) for month in months)
        return [(month, line) for month, line in lines if line is not None]


def scheme_lines(user: User, *, on: date) -> list[SchemeLine]:
    """Those in use by name, in tree order. Four statements, whatever their number."""
    schemes = AssessmentScheme.objects.visible_to(user, on=on).in_use()
    return lines_of(schemes.order_by("organisation__level", "organisation__code", "name"), on=on)


def lines_of(schemes: QuerySet[AssessmentScheme], *, on: date) -> list[SchemeLine]:
    found = list(schemes.select_related("organisation").prefetch_related(_standing()))
    rules = rules_of({each.organisation_id: each.organisation for each in found}.values(), on=on)
    return [_line(each, rules[each.organisation_id], on) for each in found]


def _standing() -> "Prefetch[str, QuerySet[SchemeVersion], str]":
    items = Prefetch("items", SchemeItem.objects.order_by("position"))
    versions = SchemeVersion.objects.filter(replaced_at=None).select_related("made_by")
    return Prefetch("versions", versions.order_by("-since").prefetch_related(items), to_attr="standing")


def _line(scheme: AssessmentScheme, rules: Rules, on: date) -> SchemeLine:
    rule = rules.get(LIMIT_RULE)
    versions = [VersionLine(version, list(version.items.all())) for version in scheme.standing]  # type: ignore[attr-defined]  # to_attr
    return SchemeLine(scheme, versions, rule.high if rule and rule.enabled else None, on)


def ledger_weight(place: Organisation, month: Month, on: date) -> Measured | None:
    """Trace points of all points, in the schemes of this organisation that feed the measure."""
    end = min(month.last, on)
    fed = AssessmentScheme.objects.filter(
        Q(retired_on=None) | Q(retired_on__gt=end), organisation=place, measure_code=FEATURED
    )
    held = [(line.scheme.name, line.current) for line in lines_of(fed.order_by("name"), on=end)]
    shares = [(name, line.share) for name, line in held if line is not None]
    whole = sum((share.points for _, share in shares), Decimal(0))
    if not whole:
        return None
    traces = sum((share.trace_points for _, share in shares), Decimal(0))
    names = "、".join(f"《{name}》" for name, _ in shares)
    said = (
        f"{names}共 {plain(whole)} 分，其中只看留痕的项目 {plain(traces)} 分（{end:%Y-%m-%d} 在执行的版本）。"
    )
    return Measured(percent(traces, whole), said[:300], "/w/burden/schemes/")
