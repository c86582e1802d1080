"""Honours of a period (荣誉台账), by organisation and day; nobody is put in an order."""

from collections.abc import Iterator
from datetime import date

from django import forms

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, asked_days
from incentives.models import HonourCase
from incentives.models.contributions import VIEW_RECORD
from incentives.rules.honours import DROPPED_CASES, CaseState
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

COLUMNS = (
    Column("organisation", "支部", width=40),
    Column("subject", "个人或集体", width=26),
    Column("honour", "荣誉", width=40),
    Column("proposed_on", "提名日期", ColumnKind.DATE, width=23),
    Column("proposed_by", "提名人", width=22),
    Column("vote", "评议", width=34),
    Column("state", "状态", ColumnKind.STATE, width=28),
    Column("ended_on", "结束日期", ColumnKind.DATE, width=23),
    Column("number", "证书编号", width=22),
)


class HonourLedgerForm(PeriodFilterForm):
    """Organisation, period and state."""

    permission = VIEW_RECORD
    state = forms.ChoiceField(label="状态", required=False, choices=[*ANY, *CaseState.choices])

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def honour_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """By organisation, day and name; one statement."""
    days = asked_days(cleaned, on)
    found = HonourCase.objects.filter(
        HonourLedgerForm.rows_of(user, cleaned, on), proposed_on__range=(days.first, days.last)
    )
    if cleaned["state"]:
        found = found.filter(state=cleaned["state"])
    order = ("organisation__level", "organisation__code", "proposed_on", "nominee__name", "pk")
    for case in found.select_related("organisation", "nominee", "call", "proposed_by").order_by(*order):
        yield (
            case.organisation.name,
            case.subject_name,
            str(case.call),
            case.proposed_on,
            case.proposed_by.name,
            _vote(case),
            _state(case),
            case.ended_on,
            case.number,
        )


def _vote(case: HonourCase) -> str:
    vote = case.vote
    return f"应到 {vote.eligible}，实到 {vote.present}，赞成 {vote.yes}" if vote else ""


def _state(case: HonourCase) -> Cell:
    if case.state == CaseState.AWARDED:
        return Cell(case.get_state_display(), Tone.OK)
    return (
        Cell(case.get_state_display())
        if case.state in DROPPED_CASES
        else Cell(case.get_state_display(), Tone.SOON)
    )


HONOURS = register(
    Ledger(
        slug="honours",
        title="荣誉台账",
        description="荣誉的提名、评议、公示结果和证书编号；按组织和日期排列，不排名。",
        columns=COLUMNS,
        filter_form=HonourLedgerForm,
        rows=honour_rows,
        heading=HonourLedgerForm.heading,
        permission=VIEW_RECORD,
        may_open=HonourLedgerForm.may_open,
        order_note="按组织顺序、提名日期排列",
        group=LedgerGroup.OTHER,
    )
)
