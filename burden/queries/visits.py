"""The plan of a year as its readers see it: by month, what stands around a visit, what was never filed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from branches.models import BusySeason, Organisation
from branches.queries.policy import rules_for
from burden.models import PlannedVisit
from burden.models.visits import FILE_VISIT, VIEW_VISIT
from burden.rules.visit_vocabulary import VisitState
from burden.rules.visits import Limits, Look
from errorbank.models import Inspection
from errorbank.rules import Source
from periods.labels import span_label
from periods.months import Month
from periods.occurrences import BusySeason as Season
from reminders.queries.catalogue import line_paths

# A branch's own look at itself, and what the rotation plan sends, are no visits of an office.
OWN_LOOKS = (Source.SELF_CHECK, Source.ROTATION)
MONTHS = 12
# What carried a plan out lies so near to it; more than these are no help.
NEAR_DAYS, MOST_OFFERED = 60, 5


def day_span(since: date, until: date) -> str:
    """“3 月 2 日”, “3 月 2 日—4 日”."""
    return f"{since.month} 月 {since.day} 日" if since == until else span_label(since, until)


# --- the year by month ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthRow:
    month: Month
    visits: Sequence[PlannedVisit]
    seasons: Sequence[str]

    @property
    def quarter(self) -> int:
        return (self.month.number + 2) // 3


@dataclass(frozen=True)
class Stat:
    state: str
    label: str
    count: int
    tone: str = ""


@dataclass(frozen=True)
class YearPage:
    year: int
    months: Sequence[MonthRow]
    stats: Sequence[Stat]
    drafts: int

    @property
    def is_empty(self) -> bool:
        return not any(row.visits for row in self.months)


def visits_of_year(user: User, year: int, *, on: date) -> QuerySet[PlannedVisit]:
    places = Organisation.objects.permitted_to(user, VIEW_VISIT, on=on).branches()
    met = Count("targets", filter=Q(targets__in=places), distinct=True)
    rows = PlannedVisit.objects.visible_to(user, on=on).filter(year=year)
    return rows.annotate(branches=met).select_related("organisation").in_order()


def year_page(user: User, year: int, state: str, *, on: date) -> YearPage:
    """The calendar of a year, narrowed to one state; three statements."""
    every = list(visits_of_year(user, year, on=on))
    seasons = _seasons_of(user, on)
    wanted = [visit for visit in every if visit.state == state] if state else every
    by_month: dict[int, list[PlannedVisit]] = defaultdict(list)
    for visit in wanted:
        by_month[visit.since.month].append(visit)
    months = [
        MonthRow(month, by_month[month.number], _seasonal(month, seasons))
        for month in (Month(year, number) for number in range(1, MONTHS + 1))
    ]
    counts = {state: sum(visit.state == state for visit in every) for state in VisitState}
    shown = (VisitState.FILED, VisitState.DONE, VisitState.MERGED, VisitState.CANCELLED)
    stats = [Stat(state.value, str(state.label), counts[state]) for state in shown]
    return YearPage(year, months, stats, counts[VisitState.DRAFT])


def _seasons_of(user: User, on: date) -> list[BusySeason]:
    """Busy seasons of the organisations the reader sees and of those above; each span once."""
    places = Organisation.objects.permitted_to(user, VIEW_VISIT, on=on)
    paths = {path for place in places for path in line_paths(place)}
    rows = BusySeason.objects.filter(organisation__path__in=paths).order_by("starts", "pk")
    return list({(row.name, row.starts, row.ends): row for row in rows}.values())


def _seasonal(month: Month, seasons: Iterable[BusySeason]) -> list[str]:
    days = [month.first.replace(day=day) for day in range(1, month.last.day + 1)]
    return [row.name for row in seasons if any(Season(row.starts, row.ends).covers(day) for day in days)]


# --- what stands around visits -------------------------------------------------------------------------


@dataclass(frozen=True)
class Surroundings:
    """Every visit and unplanned inspection that met or will meet some branches, as the rules see them."""

    visits: Mapping[str, PlannedVisit]
    looks: Sequence[Look]
    titles: Mapping[str, str]
    places: Mapping[int, Organisation]
    limits: Limits
    named_seasons: Mapping[int, Sequence[BusySeason]]

    @cached_property
    def seasons(self) -> dict[int, list[Season]]:
        return {
            place: [Season(row.starts, row.ends) for row in rows]
            for place, rows in self.named_seasons.items()
        }

    def names(self, keys: Sequence[int], most: int = 3) -> str:
        """“甲、乙、丙等 5 个支部”."""
        said = "、".join(self.places[key].name for key in keys[:most])
        return f"{said}等 {len(keys)} 个支部" if len(keys) > most else said


def key_of(visit: PlannedVisit) -> str:
    return f"v{visit.pk}"


def surroundings(
    branches: Iterable[Organisation], place: Organisation, *, year: int, on: date
) -> Surroundings:
    """Around these branches in that year and near it; `place` says which limits hold. Six statements."""
    places = {branch.pk: branch for branch in branches}
    visits = PlannedVisit.objects.standing().filter(year__range=(year - 1, year + 1))
    visits = visits.filter(_visit_meets(places))
    shown = list(visits.select_related("inspection").in_order())
    unplanned = list(unfiled(year - 1, year + 1).filter(_look_meets(places)))
    met = _met_places(shown, unplanned, places)
    looks = [look_of(visit, met[key_of(visit)]) for visit in shown]
    looks += [_looked(inspection, met[f"i{inspection.pk}"]) for inspection in unplanned]
    titles = {key_of(v): f"{v.title}（{v.department}，{day_span(v.since, v.until)}）" for v in shown}
    titles |= {f"i{i.pk}": f"{i.title}（计划外，{day_span(i.since, i.until)}）" for i in unplanned}
    return Surroundings(
        visits={key_of(visit): visit for visit in shown},
        looks=looks,
        titles=titles,
        places=places,
        limits=limits_for(place, on=on),
        named_seasons=seasons_by_branch(places.values()),
    )


_LOOKED = Inspection.targets.through


def _visit_meets(places: Iterable[int]) -> Exists:
    rows = PlannedVisit.targets.through.objects.filter(plannedvisit=OuterRef("pk"))
    return Exists(rows.filter(organisation__in=list(places)))


def _look_meets(places: Iterable[int]) -> Exists:
    return Exists(_LOOKED.objects.filter(inspection=OuterRef("pk"), organisation__in=list(places)))


def _met_places(
    visits: Sequence[PlannedVisit], unplanned: Sequence[Inspection], places: Iterable[int]
) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    pairs = PlannedVisit.targets.through.objects.filter(
        plannedvisit__in=visits, organisation__in=list(places)
    )
    for visit, place in pairs.values_list("plannedvisit", "organisation"):
        found[f"v{visit}"].add(place)
    looked = _LOOKED.objects.filter(inspection__in=unplanned, organisation__in=list(places))
    for inspection, place in looked.values_list("inspection", "organisation"):
        found[f"i{inspection}"].add(place)
    return found


def look_of(visit: PlannedVisit, places: Iterable[int]) -> Look:
    """What was done counts on the days on which it was done."""
    days = visit.inspection or visit
    return Look(
        key_of(visit),
        days.since,
        days.until,
        frozenset(places),
        frozenset(visit.clause_names),
        visit.minutes,
    )


def _looked(inspection: Inspection, places: Iterable[int]) -> Look:
    return Look(f"i{inspection.pk}", inspection.since, inspection.until, frozenset(places))


def limits_for(place: Organisation, *, on: date) -> Limits:
    rules = rules_for(place, on=on)
    return Limits(
        gap_days=rules["visit_gap_days"].number,
        per_quarter=rules["visits_per_quarter"].number,
        same_clause=rules["same_clause_per_quarter"].number,
        notice=rules["demand_notice_workdays"].number,
    )


def seasons_by_branch(branches: Iterable[Organisation]) -> dict[int, list[BusySeason]]:
    """The busy seasons that hold for each: its own, else those of the nearest organisation above."""
    every = list(branches)
    above = {path for branch in every for path in line_paths(branch)}
    rows: dict[str, list[BusySeason]] = defaultdict(list)
    for row in BusySeason.objects.filter(organisation__path__in=above).select_related("organisation"):
        rows[row.organisation.path].append(row)
    holding = {
        branch.pk: max((path for path in line_paths(branch) if path in rows), key=len, default="")
        for branch in every
    }
    return {pk: rows[path] for pk, path in holding.items() if path}


# --- what was never filed ------------------------------------------------------------------------------


def unfiled(first_year: int, last_year: int) -> QuerySet[Inspection]:
    """Inspections of offices that carry out no filed visit."""
    planned = PlannedVisit.objects.filter(inspection=OuterRef("pk"))
    rows = office_looks().filter(since__year__range=(first_year, last_year))
    return rows.filter(~Exists(planned)).order_by("since", "pk")


def office_looks() -> QuerySet[Inspection]:
    return Inspection.objects.exclude(source__in=[source.value for source in OWN_LOOKS])


@dataclass(frozen=True)
class Unfiled:
    """Unplanned among all inspections of a year that the reader sees."""

    rows: Sequence[Inspection]
    whole: int

    @property
    def share(self) -> int:
        """Percent, rounded."""
        return round(100 * len(self.rows) / self.whole) if self.whole else 0


def unfiled_of(user: User, year: int, *, on: date) -> Unfiled:
    """Two statements."""
    mine = Inspection.objects.permitted_to(user, VIEW_VISIT, on=on).values("pk")
    rows = unfiled(year, year).filter(pk__in=mine).select_related("organisation").order_by("-since", "-pk")
    whole = office_looks().filter(pk__in=mine, since__year=year).count()
    return Unfiled(list(rows), whole)


# --- one visit and the inspection that carries it out ---------------------------------------------------


def inspections_for(visit: PlannedVisit) -> list[Inspection]:
    """Unlinked inspections of the year that looked at a branch of the visit, the nearest in time first."""
    targets = list(visit.targets.values_list("pk", flat=True))
    rows = unfiled(visit.year, visit.year).filter(_look_meets(targets))
    return _nearest(rows, visit.since)


def visits_for(inspection: Inspection, user: User, *, on: date) -> list[PlannedVisit]:
    """Filed visits that this inspection may have carried out, the nearest in time first."""
    targets = list(inspection.targets.values_list("pk", flat=True))
    filed = PlannedVisit.objects.permitted_to(user, FILE_VISIT, on=on).filter(state=VisitState.FILED)
    rows = filed.filter(_visit_meets(targets))
    rows = rows.filter(year=inspection.since.year)
    return _nearest(rows, inspection.since)


class _Dated(Protocol):
    since: date
    pk: int


D = TypeVar("D", bound=_Dated)


def _nearest(rows: Iterable[D], day: date) -> list[D]:
    near = [row for row in rows if abs((row.since - day).days) <= NEAR_DAYS]
    return sorted(near, key=lambda row: (abs((row.since - day).days), row.pk))[:MOST_OFFERED]
