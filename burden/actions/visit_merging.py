"""Several filed visits become one."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from burden.actions.visits import VisitRefused, refuse_twice
from burden.models import PlannedVisit, VisitRevision
from burden.models.visits import said_of
from burden.rules.visit_vocabulary import VisitMode, VisitState


@transaction.atomic
def merge_visits(
    visits: Sequence[PlannedVisit], *, since: date, until: date, by: User, on: date
) -> PlannedVisit:
    """One takes in the others, on these days: of the highest office, the first. Raises VisitRefused."""
    found = PlannedVisit.objects.select_for_update(of=("self",)).select_related("organisation")
    rows = list(found.filter(pk__in=[visit.pk for visit in visits]).in_order())
    rows.sort(key=lambda row: row.organisation.level)
    if len(rows) < 2:
        raise VisitRefused("请选择至少两项计划。")
    if not all(row.is_filed for row in rows):
        raise VisitRefused("其中有的计划已经开展、合并或取消，请重新打开此页。")
    if since < on or until < since or until.year != since.year:
        raise VisitRefused("合并后的日期已过或不对，请重新打开此页。")
    kept, taken = rows[0], rows[1:]
    for row in taken:
        row.state, row.merged_into = VisitState.MERGED, kept
        row.save(update_fields=["state", "merged_into"])
        audit.record("burden.visit_merged", by=by, target=row, detail={"into": kept.pk})
    _take_in(kept, taken, since, until)
    _keep(kept, taken, by=by, on=on)
    audit.record("burden.visit_took_in", by=by, target=kept, detail={"visits": [row.pk for row in taken]})
    return kept


def _take_in(kept: PlannedVisit, taken: Sequence[PlannedVisit], since: date, until: date) -> None:
    """Everything that was to be looked at or asked, once each; the longest time and the most people."""
    every = [kept, *taken]
    kept.year, kept.since, kept.until = since.year, since, until
    kept.categories = list(dict.fromkeys(key for row in every for key in row.categories))
    kept.clauses = "\n".join(dict.fromkeys(line for row in every for line in row.clause_lines))
    kept.materials = "\n".join(dict.fromkeys(line for row in every for line in row.material_lines))
    kept.people = max(row.people for row in every)
    kept.minutes = max(row.minutes for row in every)
    online = all(row.mode == VisitMode.ONLINE for row in every)
    kept.mode = VisitMode.ONLINE if online else VisitMode.ON_SITE
    refuse_twice(kept)
    kept.save()
    places = Organisation.objects.filter(planned_visits_to__in=every)
    kept.targets.set(places.distinct())


def _keep(kept: PlannedVisit, taken: Sequence[PlannedVisit], *, by: User, on: date) -> None:
    named = "、".join(f"{row.department}“{row.title}”" for row in taken)
    VisitRevision.objects.create(
        visit=kept,
        number=kept.revisions.count() + 1,
        said=said_of(kept, list(kept.targets.in_tree_order())),
        why=f"合并：{named}"[:200],
        by=by,
        on=on,
    )
