"""What the portal itself can say of three measures: filing the plan, merging visits, looking online."""

from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Exists, OuterRef, QuerySet

from branches.models import Organisation
from burden.models import PlannedVisit
from burden.queries.visits import office_looks, unfiled
from burden.rules.measured import Measured
from burden.rules.visit_vocabulary import VisitMode, VisitState
from errorbank.models import Inspection
from periods.months import Month

_LIST, _UNFILED = "/w/burden/visits/", "/w/burden/visits/unfiled/"


def annual_plan_filing(place: Organisation, month: Month, on: date) -> Measured | None:
    """Unplanned inspections of the quarter, up to the end of the month."""
    first, last = _quarter_to(month, on)
    looks = _met(office_looks().filter(since__range=(first, last)), place)
    whole = looks.count()
    number = _met(unfiled(first.year, last.year).filter(since__range=(first, last)), place).count()
    words = f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d} 登记检查 {whole} 次，其中 {number} 次没有备案的计划。"
    return Measured(Decimal(number), words, f"{_UNFILED}?year={first.year}")


def merge_inspections(place: Organisation, month: Month, on: date) -> Measured | None:
    """How often one branch was visited for the same clause in the quarter, at most."""
    first, last = _quarter_to(month, on)
    done = PlannedVisit.objects.filter(state=VisitState.DONE, inspection__since__range=(first, last))
    pairs = PlannedVisit.targets.through.objects.filter(
        plannedvisit__in=done, organisation__path__startswith=place.path
    )
    visits = done.in_bulk()
    # One inspection that carried out two visits came once.
    met = {
        (branch, clause, visits[visit].inspection_id)
        for visit, branch in pairs.values_list("plannedvisit", "organisation")
        for clause in visits[visit].clause_names
    }
    if not met:
        return None
    most = max(Counter((branch, clause) for branch, clause, _ in met).values())
    words = (
        f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d} 按计划开展的检查中，同一支部同一内容最多查了 {most} 次；"
        "计划外的检查没有分列内容，不在其中。"
    )
    return Measured(Decimal(most), words, f"{_LIST}?year={first.year}&state={VisitState.DONE}")


def online_check_instead(place: Organisation, month: Month, on: date) -> Measured | None:
    """Percent of the planned visits carried out in the month that were made online."""
    done = PlannedVisit.objects.filter(
        state=VisitState.DONE, inspection__since__range=(month.first, min(month.last, on))
    )
    modes = list(_planned_for(done, place).values_list("mode", flat=True))
    if not modes:
        return None
    online = modes.count(VisitMode.ONLINE)
    share = (Decimal(100 * online) / len(modes)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    words = f"本月按计划开展 {len(modes)} 次，线上 {online} 次；计划外的检查没有登记方式，不在其中。"
    return Measured(share, words, f"{_LIST}?year={month.year}&state={VisitState.DONE}")


def _quarter_to(month: Month, on: date) -> tuple[date, date]:
    """First day of the month's quarter; last day of the month, or the day of asking while it runs."""
    return Month(month.year, (month.number - 1) // 3 * 3 + 1).first, min(month.last, on)


def _met(looks: QuerySet[Inspection], place: Organisation) -> QuerySet[Inspection]:
    targets = Inspection.targets.through.objects.filter(
        inspection=OuterRef("pk"), organisation__path__startswith=place.path
    )
    return looks.filter(Exists(targets))


def _planned_for(visits: QuerySet[PlannedVisit], place: Organisation) -> QuerySet[PlannedVisit]:
    targets = PlannedVisit.targets.through.objects.filter(
        plannedvisit=OuterRef("pk"), organisation__path__startswith=place.path
    )
    return visits.filter(Exists(targets))
