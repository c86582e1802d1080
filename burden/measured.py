"""Leaf: which measures the portal can count by itself, by the code of burden/data/measures.yaml.

Each subject adds its line. A function takes (place, month, on): the organisation of the list with everything
below it, the month, and the day of asking (a month that still runs is counted up to that day).
"""

from collections.abc import Callable, Mapping
from datetime import date

from branches.models import Organisation
from burden.queries.branch_measures import merge_branches
from burden.queries.demand_measures import (
    cut_summaries,
    form_catalogue,
    lead_time,
    no_checkin,
    time_guarantee,
)
from burden.queries.schemes import ledger_weight
from burden.queries.surveys import worker_satisfaction
from burden.queries.visit_measures import annual_plan_filing, merge_inspections, online_check_instead
from burden.rules.measured import Measured
from periods.months import Month

# (place, month, on) → the value of that month as it stands on `on`, or None where nothing can be said.
Meter = Callable[[Organisation, Month, date], Measured | None]

METERS: Mapping[str, Meter] = {
    "cut_summaries": cut_summaries,
    "form_catalogue": form_catalogue,
    "lead_time": lead_time,
    "no_checkin": no_checkin,
    "time_guarantee": time_guarantee,
    "annual_plan_filing": annual_plan_filing,
    "merge_inspections": merge_inspections,
    "online_check_instead": online_check_instead,
    "ledger_weight_30": ledger_weight,
    "merge_branches": merge_branches,
    "worker_satisfaction": worker_satisfaction,
}


def measured(code: str, place: Organisation, month: Month, *, on: date) -> Measured | None:
    """None where the portal cannot count it, has nothing to count, or the month has not begun."""
    meter = METERS.get(code)
    return meter(place, month, on) if meter and month.first <= on else None
