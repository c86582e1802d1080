"""Every look after closing (复查台账): when it is due, who looks, what came of it."""

from collections.abc import Iterator
from datetime import date

from django import forms
from django.db.models import Q

from accounts.models import User
from branches.ledger_scope import PeriodFilterForm, asked_days, names_on_day
from errorbank.models import Finding, Recheck
from errorbank.rules import RecheckMode, RecheckState
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

VIEW = "errorbank.view_finding"

COLUMNS = (
    Column("organisation", "党组织", width=37),
    Column("problem", "问题", width=50),
    Column("closed_on", "销号日期", ColumnKind.DATE, width=22),
    Column("stage", "第几次", ColumnKind.INTEGER, width=15),
    Column("due_on", "应复查日期", ColumnKind.DATE, width=24),
    Column("mode", "方式", width=19),
    Column("verifier", "复查人", width=19),
    Column("done_on", "复查日期", ColumnKind.DATE, width=22),
    Column("state", "结果", ColumnKind.STATE, width=19),
    Column("result", "结果说明", width=31),
)
_TONES = {RecheckState.PASSED: Tone.OK, RecheckState.FAILED: Tone.SOON}


class RecheckLedgerForm(PeriodFilterForm):
    """Organisation, the period in which it is due or was answered, and the result."""

    permission = VIEW
    state = forms.MultipleChoiceField(
        label="结果", required=False, choices=RecheckState.choices, help_text="不选则列出全部。"
    )

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def recheck_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, then by the day they are due. Two statements, whatever the number."""
    days, names = asked_days(cleaned, on), names_on_day(on)
    span = (days.first, days.last)
    seen = Finding.objects.filter(RecheckLedgerForm.rows_of(user, cleaned, on), closed_on__lte=on)
    rows = Recheck.objects.filter(Q(due_on__range=span) | Q(done_on__range=span), finding__in=seen)
    rows = rows.select_related("finding__organisation").order_by(
        "finding__organisation__level", "finding__organisation__code", "due_on", "finding", "stage"
    )
    for recheck in rows.iterator(chunk_size=2000):
        finding = recheck.finding
        answered = recheck.done_on is None or recheck.done_on <= on
        state = RecheckState(recheck.state) if answered else RecheckState.WAITING
        if cleaned["state"] and state not in cleaned["state"]:
            continue
        yield (
            names.get(finding.organisation_id, finding.organisation.name),
            finding.problem,
            finding.closed_on,
            recheck.stage,
            recheck.due_on,
            recheck.get_mode_display(),
            recheck.verifier_name,
            recheck.done_on if answered else None,
            recheck_cell(state, RecheckMode(recheck.mode), recheck.due_on, on),
            recheck.result if answered else "",
        )


def recheck_cell(state: RecheckState, mode: RecheckMode, due_on: date, on: date) -> Cell:
    """Only a person is late: what the portal checks or draws by itself waits for nobody."""
    if state is RecheckState.WAITING and mode is RecheckMode.VERIFIER and due_on < on:
        return Cell("已过复查日期", Tone.LATE)
    return Cell(state.label, _TONES.get(state, Tone.NONE))


RECHECKS = register(
    Ledger(
        slug="rechecks",
        title="复查台账",
        description="已销号问题的历次复查：应复查日期、方式、复查人、复查日期和结果；期间按应复查日期或复查日期计算。",
        columns=COLUMNS,
        filter_form=RecheckLedgerForm,
        rows=recheck_rows,
        heading=RecheckLedgerForm.heading,
        permission=VIEW,
        may_open=RecheckLedgerForm.may_open,
        order_note="按组织顺序、应复查日期先后排列",
        group=LedgerGroup.MATTERS,
    )
)
