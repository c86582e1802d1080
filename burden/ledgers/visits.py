"""The plan of visits (检查计划台账): who planned to look at whom, when, by what, and what became of it."""

from collections.abc import Iterator
from datetime import date

from django import forms

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, asked_days, names_on_day
from burden.models import PlannedVisit
from burden.models.visits import VIEW_VISIT
from burden.queries.visits import unfiled
from burden.rules.visit_vocabulary import PUBLIC_STATES, VisitState
from errorbank.models import Inspection
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

UNFILED = "unfiled"
COLUMNS = (
    Column("organisation", "检查对象", width=34),
    Column("department", "检查部门", width=26),
    Column("title", "检查事项", width=32),
    Column("since", "开始", ColumnKind.DATE, width=21),
    Column("until", "结束", ColumnKind.DATE, width=21),
    Column("clauses", "检查内容", width=36),
    Column("people", "人数", ColumnKind.INTEGER, width=13),
    Column("minutes", "用时（分钟）", ColumnKind.INTEGER, width=17),
    Column("materials", "要的材料", width=36),
    Column("state", "状态", ColumnKind.STATE, width=22),
)
_TONES = {VisitState.DONE: Tone.OK}


class VisitLedgerForm(PeriodFilterForm):
    """Organisation, the period in which it begins, and what became of it."""

    permission = VIEW_VISIT
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[
            *ANY,
            *((state.value, state.label) for state in VisitState if state in PUBLIC_STATES),
            (UNFILED, "计划外"),
        ],
    )

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def visit_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """One row for each branch of each filed visit, and of each inspection that nobody filed; in tree order.

    Five statements.
    """
    days = asked_days(cleaned, on)
    found = [*_planned(user, cleaned, on, days.first, days.last)]
    found += _unplanned(user, cleaned, on, days.first, min(days.last, on))
    names = names_on_day(on)
    for (_, _, _, _), place, row in sorted(found, key=lambda entry: entry[0]):
        yield names.get(place, str(row[0])), *row[1:]


Placed = tuple[tuple[int, str, date, str], int, Row]


def _planned(user: User | None, cleaned: Cleaned, on: date, first: date, last: date) -> list[Placed]:
    if cleaned["state"] == UNFILED:
        return []
    wanted = PlannedVisit.objects.filter(since__range=(first, last), filed_on__lte=on)
    wanted = wanted.filter(state=cleaned["state"]) if cleaned["state"] else wanted
    visits = wanted.exclude(state=VisitState.DRAFT).in_bulk()
    places = VisitLedgerForm.chosen(user, cleaned, on)
    pairs = PlannedVisit.targets.through.objects.filter(plannedvisit__in=visits, organisation__in=places)
    found = []
    for pair in pairs.select_related("organisation"):
        visit, place = visits[pair.plannedvisit_id], pair.organisation
        found.append(
            ((place.level, place.code, visit.since, visit.title), place.pk, _visit_row(visit, place.name))
        )
    return found


def _visit_row(visit: PlannedVisit, place: str) -> Row:
    state = VisitState(visit.state)
    return (
        place,
        visit.department,
        visit.title,
        visit.since,
        visit.until,
        "、".join(visit.clause_names.values()),
        visit.people,
        visit.minutes,
        "；".join(visit.material_lines),
        Cell(str(state.label), _TONES.get(state, Tone.NONE)),
    )


def _unplanned(user: User | None, cleaned: Cleaned, on: date, first: date, last: date) -> list[Placed]:
    if cleaned["state"] not in ("", UNFILED):
        return []
    looks = unfiled(first.year, last.year).filter(since__range=(first, last)).in_bulk()
    places = VisitLedgerForm.chosen(user, cleaned, on)
    pairs = Inspection.targets.through.objects.filter(inspection__in=looks, organisation__in=places)
    found = []
    for pair in pairs.select_related("organisation"):
        look, place = looks[pair.inspection_id], pair.organisation
        row: Row = (
            place.name,
            look.inspectors,
            look.title,
            look.since,
            look.until,
            look.clauses,
            None,
            None,
            "",
            Cell("计划外", Tone.SOON),
        )
        found.append(((place.level, place.code, look.since, look.title), place.pk, row))
    return found


VISITS = register(
    Ledger(
        slug="visits",
        title="检查计划台账",
        description="各部门备案的检查计划和计划外的检查：查哪个支部、查什么、几天几人、要什么材料、开展了没有；期间按开始日期计算。",
        columns=COLUMNS,
        filter_form=VisitLedgerForm,
        rows=visit_rows,
        heading=VisitLedgerForm.heading,
        permission=VIEW_VISIT,
        may_open=VisitLedgerForm.may_open,
        order_note="按组织顺序、开始日期先后排列；轮训检查和支部自查不在其中",
        group=LedgerGroup.OTHER,
    )
)
