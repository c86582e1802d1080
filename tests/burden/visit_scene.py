"""Planned visits in the scene of two branches, filed in words of a test."""

from datetime import date
from typing import Any

from accounts.models import User
from branches.models import Organisation
from burden.actions.visits import carry_out, file_visit
from burden.models import PlannedVisit
from burden.queries.visit_warnings import VisitData
from burden.rules.visit_vocabulary import VisitState
from errorbank.actions.inspections import InspectionData, register_inspection
from errorbank.models import Inspection
from errorbank.rules import Source
from tests.reminders.scene import ON, Scene

# A month after the scene's day: far enough for every notice, within the quarter.
DAY = date(2026, 12, 18)


def visit_data(scene: Scene, **fields: Any) -> VisitData:
    given: dict[str, Any] = {
        "department": "党建工作部",
        "title": "四季度党建检查",
        "basis": "年度工作要点",
        "since": DAY,
        "until": DAY,
        "people": 2,
        "minutes": 60,
        "targets": [scene.first, scene.second],
        "categories": ["meetings"],
    }
    return VisitData(**{**given, **fields})


def filed(
    scene: Scene,
    *,
    place: Organisation | None = None,
    by: User | None = None,
    on: date = ON,
    **fields: Any,
) -> PlannedVisit:
    """A filed visit, over whatever warning there is."""
    return file_visit(
        place or scene.general,
        data=visit_data(scene, **fields),
        by=by or scene.staff,
        on=on,
        over_reason="已与支部商定",
        replaces="月度小结",
    )


def make_visit(scene: Scene, **fields: Any) -> PlannedVisit:
    """A filed row as it stands in the table, looked at by nothing."""
    data = visit_data(scene, **fields)
    row = PlannedVisit(
        organisation=scene.general, made_by=scene.staff, state=VisitState.FILED, filed_on=data.since
    )
    data.fill(row).save()
    row.targets.set(data.targets)
    return row


def foreign_visit(scene: Scene, **fields: Any) -> PlannedVisit:
    return filed(
        scene,
        place=scene.foreign_general,
        by=scene.foreign_staff,
        targets=[scene.foreign_branch],
        title="外单位检查",
        **fields,
    )


def looked(scene: Scene, *, title: str = "突击检查", day: date = ON, **fields: Any) -> Inspection:
    """An inspection of an office that nobody has linked yet."""
    given: dict[str, Any] = {
        "source": Source.PARTY_BUILDING_CHECK,
        "targets": [scene.first, scene.second],
        "inspectors": "党建工作部",
    }
    data = InspectionData(title=title, since=day, until=day, **{**given, **fields})
    return register_inspection(scene.general, data=data, by=scene.staff, on=max(day, ON))


def done(scene: Scene, *, day: date, title: str, **fields: Any) -> PlannedVisit:
    """Filed a month before, carried out on that day."""
    visit = filed(scene, on=date(day.year - 1, 12, 1), since=day, until=day, title=title, **fields)
    targets = fields.get("targets", [scene.first, scene.second])
    return carry_out(visit, looked(scene, title=title, day=day, targets=targets), by=scene.staff)
