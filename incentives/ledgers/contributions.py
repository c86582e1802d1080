"""Contribution entries of a period (激励记录台账), counter-entries included: their weights add up."""

from collections.abc import Iterator
from datetime import date

from django import forms

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, asked_days
from incentives.models import ContributionEntry
from incentives.models.contributions import VIEW_RECORD
from incentives.rules.contributions import EntryKind
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

COLUMNS = (
    Column("organisation", "支部", width=40),
    Column("name", "姓名", width=22),
    Column("happened_on", "日期", ColumnKind.DATE, width=23),
    Column("kind", "类别", width=30),
    Column("words", "内容", width=71),
    Column("weight", "权重", ColumnKind.DECIMAL, width=16),
    Column("policy", "权重依据", width=36),
    Column("state", "情况", ColumnKind.STATE, width=20),
)


class ContributionLedgerForm(PeriodFilterForm):
    """Organisation, period and kind."""

    permission = VIEW_RECORD
    kind = forms.ChoiceField(label="类别", required=False, choices=[*ANY, *EntryKind.choices])

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def contribution_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """By organisation, name and day; two statements."""
    days = asked_days(cleaned, on)
    found = ContributionEntry.objects.filter(
        ContributionLedgerForm.rows_of(user, cleaned, on), happened_on__range=(days.first, days.last)
    )
    if cleaned["kind"]:
        found = found.filter(kind=cleaned["kind"])
    order = ("organisation__level", "organisation__code", "user__name", "happened_on", "pk")
    related = ("organisation", "user", "policy", "counter_row")
    for entry in found.select_related(*related).order_by(*order):
        yield (
            entry.organisation.name,
            entry.user.name,
            entry.happened_on,
            entry.get_kind_display(),
            entry.words,
            entry.weight,
            str(entry.policy) if entry.policy else "建议权重",
            _state(entry),
        )


def _state(entry: ContributionEntry) -> Cell:
    if entry.corrects_id is not None:
        return Cell("冲销", Tone.SOON)
    return Cell("已冲销") if hasattr(entry, "counter_row") else Cell("有效", Tone.OK)


CONTRIBUTIONS = register(
    Ledger(
        slug="contributions",
        title="激励记录台账",
        description="党务工作者的贡献记录，每条写明来源、权重和依据；按组织和姓名排列，不排名。",
        columns=COLUMNS,
        filter_form=ContributionLedgerForm,
        rows=contribution_rows,
        heading=ContributionLedgerForm.heading,
        permission=VIEW_RECORD,
        may_open=ContributionLedgerForm.may_open,
        order_note="按组织顺序、姓名、日期排列",
        group=LedgerGroup.OTHER,
    )
)
