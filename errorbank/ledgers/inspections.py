"""Who looked at which branch, when, by which clauses, and what came of it (检查台账)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django import forms
from django.db.models import Q, QuerySet

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, asked_days, names_on_day
from branches.models import Organisation
from errorbank.models import Finding, Inspection
from errorbank.rules import Source
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

VIEW = "errorbank.view_finding"

COLUMNS = (
    Column("organisation", "检查对象", width=38),
    Column("since", "开始", ColumnKind.DATE, width=22),
    Column("until", "结束", ColumnKind.DATE, width=22),
    Column("title", "检查名称", width=31),
    Column("source", "来源", width=19),
    Column("inspectors", "检查人员（单位）", width=30),
    Column("clauses", "检查内容", width=31),
    Column("found", "发现问题", ColumnKind.INTEGER, width=18),
    Column("closed", "已销号", ColumnKind.INTEGER, width=16),
    Column("state", "整改情况", ColumnKind.STATE, width=31),
)


class InspectionLedgerForm(PeriodFilterForm):
    """Organisation, the period in which it took place, and where it came from."""

    permission = VIEW
    source = forms.ChoiceField(label="来源", required=False, choices=[*ANY, *Source.choices])

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


class Outcome(NamedTuple):
    found: int = 0
    closed: int = 0


def inspection_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """One row for each branch that was looked at, in tree order, then by day; five statements."""
    days = asked_days(cleaned, on)
    wanted = Inspection.objects.filter(since__lte=min(days.last, on), until__gte=days.first)
    if cleaned["source"]:
        wanted = wanted.filter(source=cleaned["source"])
    inspections = wanted.in_bulk()
    places = InspectionLedgerForm.chosen(user, cleaned, on)
    outcomes = _outcomes(wanted, places, on)
    shown = Organisation.objects.in_bulk({place for _, place in outcomes})
    names = names_on_day(on)

    def order(pair: tuple[int, int]) -> tuple[int, str, date, int]:
        place = shown[pair[1]]
        return place.level, place.code, inspections[pair[0]].since, pair[0]

    for pair in sorted(outcomes, key=order):
        inspection, outcome = inspections[pair[0]], outcomes[pair]
        yield (
            names.get(pair[1], shown[pair[1]].name),
            inspection.since,
            inspection.until,
            inspection.title,
            inspection.get_source_display(),
            inspection.inspectors,
            inspection.clauses,
            outcome.found,
            outcome.closed,
            outcome_cell(outcome),
        )


def _outcomes(
    inspections: QuerySet[Inspection], places: QuerySet[Organisation], on: date
) -> dict[tuple[int, int], Outcome]:
    """Inspection and place → what was found there and closed by that day; places without findings too."""
    within = Q(inspection__in=inspections, organisation__in=places)
    targets = Inspection.targets.through.objects.filter(within)
    counted: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for pair in targets.values_list("inspection", "organisation"):
        counted[pair] = []
    found = Finding.objects.filter(within, found_on__lte=on)
    for inspection, place, closed_on in found.values_list("inspection", "organisation", "closed_on"):
        counted[inspection, place].append(closed_on is not None and closed_on <= on)
    return {pair: Outcome(len(closed), sum(closed)) for pair, closed in counted.items()}


def outcome_cell(outcome: Outcome) -> Cell:
    if not outcome.found:
        return Cell("没有发现问题", Tone.OK)
    if outcome.closed == outcome.found:
        return Cell("全部销号", Tone.OK)
    return Cell(f"还有 {outcome.found - outcome.closed} 个未销号", Tone.SOON)


INSPECTIONS = register(
    Ledger(
        slug="inspections",
        title="检查台账",
        description="对各支部的每次检查：时间、来源、检查单位和内容，发现了几个问题、销号了几个；期间内有一天在检查的都列出。",
        columns=COLUMNS,
        filter_form=InspectionLedgerForm,
        rows=inspection_rows,
        heading=InspectionLedgerForm.heading,
        permission=VIEW,
        may_open=InspectionLedgerForm.may_open,
        order_note="按组织顺序、检查日期先后排列",
        group=LedgerGroup.MATTERS,
    )
)
