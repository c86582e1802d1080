"""The measures in force for an organisation, with where they stand (减负措施台账)."""

from collections.abc import Iterator
from datetime import date

from django import forms
from django.db.models import Q

from accounts.models import User
from branches.ledger_scope import PeriodFilterForm, asked_days
from branches.models import Organisation
from burden.models import MeasureList
from burden.models.measures import VIEW
from burden.queries.measures import MeasureRow, list_rows
from burden.rules.measures_vocabulary import STANDING_STATES, MeasureStatus
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

COLUMNS = (
    Column("issuer", "印发单位", width=24),
    Column("name", "措施", width=37),
    Column("owner", "责任单位", width=22),
    Column("indicator", "指标", width=39),
    Column("baseline", "起点", width=18),
    Column("now", "现在", width=18),
    Column("target", "目标", width=25),
    Column("deadline", "时限", ColumnKind.DATE, width=23),
    Column("state", "情况", ColumnKind.STATE, width=19),
    Column("why", "说明", width=33),
)
_TONES = {
    MeasureStatus.MET: Tone.OK,
    MeasureStatus.UNDER_WAY: Tone.NONE,
    MeasureStatus.MISSED: Tone.LATE,
    MeasureStatus.EMPTY: Tone.SOON,
}


def holding_for(places: "list[Organisation]") -> Q:
    """Rows with an `organisation` that is one of these, or stands above one: those hold for it too."""
    paths = {place.path[: n + 1] for place in places for n, c in enumerate(place.path) if c == "/"}
    return Q(organisation__path__in=paths)


class MeasureLedgerForm(PeriodFilterForm):
    """Organisation, the years whose lists are shown, and how they stand."""

    permission = VIEW
    state = forms.MultipleChoiceField(
        label="情况", required=False, choices=MeasureStatus.choices, help_text="不选则列出全部。"
    )

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def measure_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """List by list, as they stood at the end of the period or stand today; two statements a list."""
    days = asked_days(cleaned, on)
    places = list(MeasureLedgerForm.chosen(user, cleaned, on))
    lists = MeasureList.objects.filter(holding_for(places), state__in=sorted(STANDING_STATES))
    lists = lists.filter(year__range=(days.first.year, days.last.year), issued_on__lte=days.day)
    ordered = lists.order_by("organisation__level", "organisation__code", "year")
    for shown in ordered.select_related("organisation"):
        for row in list_rows(shown, on=days.day):
            if not cleaned["state"] or row.standing.status in cleaned["state"]:
                yield _line(shown, row)


def _line(shown: MeasureList, row: MeasureRow) -> Row:
    entry = row.entry
    return (
        f"{shown.organisation.name} {shown.year} 年",
        entry.name,
        entry.owner,
        f"{entry.indicator}：{entry.formula}",
        entry.baseline_words + ("" if entry.baseline_counted else "（示例）"),
        row.now_words,
        entry.target_words,
        entry.deadline,
        Cell(row.standing.status.label, _TONES[row.standing.status]),
        row.standing.why,
    )


MEASURES = register(
    Ledger(
        slug="measures",
        title="减负措施台账",
        description="为基层减负措施清单：责任单位、指标、起点、现在、目标、时限和进展；支部看到的是对本支部有效的清单。",
        columns=COLUMNS,
        filter_form=MeasureLedgerForm,
        rows=measure_rows,
        heading=MeasureLedgerForm.heading,
        permission=VIEW,
        may_open=MeasureLedgerForm.may_open,
        order_note="按组织、年度和清单顺序排列",
        group=LedgerGroup.OTHER,
    )
)
