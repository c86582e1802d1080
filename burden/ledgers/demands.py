"""The register of what is asked of branches (要求登记台账), as it stood on a day."""

from collections.abc import Iterator
from datetime import date

from django import forms

from accounts.models import User
from branches.ledger_scope import ANY, DayFilterForm, asked_days
from burden.queries.demand_scope import VIEW_DEMAND
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register
from reminders.demand_rules import DemandKind, Nature
from reminders.queries.demands import DemandLine
from reminders.queries.demands import register as register_of

COLUMNS = (
    Column("name", "要求", width=42),
    Column("asker", "由谁提出", width=24),
    Column("organisation", "承担组织", width=31),
    Column("kind", "类别", width=19),
    Column("nature", "性质", ColumnKind.STATE, width=19),
    Column("frequency", "多久一次", width=33),
    Column("minutes", "每次分钟", ColumnKind.INTEGER, width=17),
    Column("monthly", "每月平均分钟", ColumnKind.DECIMAL, width=19),
    Column("basis", "依据", width=34),
    Column("source", "登记来源", width=20),
)


class DemandLedgerForm(DayFilterForm):
    """Organisation, the day, the kind and whether it is the work itself."""

    permission = VIEW_DEMAND
    kind = forms.ChoiceField(label="类别", required=False, choices=[*ANY, *DemandKind.choices])
    nature = forms.ChoiceField(label="性质", required=False, choices=[*ANY, *Nature.choices])


def demand_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Of the organisation chosen, else of the highest one the reader may choose. Five statements."""
    place = DemandLedgerForm.chosen(user, cleaned, on).in_tree_order().first()
    if place is None:
        return
    for line in register_of(place, on=asked_days(cleaned, on).day):
        if cleaned["kind"] in ("", line.kind) and cleaned["nature"] in ("", line.nature):
            yield _row(line)


def _row(line: DemandLine) -> Row:
    tone = Tone.NONE if line.nature is Nature.CORE else Tone.SOON
    by_events = line.times_a_year is None and not line.minutes_a_month
    return (
        line.name,
        line.asker,
        line.place,
        line.kind.label,
        Cell(line.nature.label, tone),
        line.frequency,
        line.minutes,
        None if by_events else line.minutes_a_month,
        line.basis_words,
        line.source.label,
    )


DEMANDS = register(
    Ledger(
        slug="demands",
        title="要求登记台账",
        description="某一天经常要求支部做的事：由谁提出、多久一次、要几分钟、有没有依据；含系统外登记的要求。",
        columns=COLUMNS,
        filter_form=DemandLedgerForm,
        rows=demand_rows,
        heading=DemandLedgerForm.heading,
        permission=VIEW_DEMAND,
        may_open=DemandLedgerForm.may_open,
        order_note="先事项库，再专项工作，再系统外登记的要求；按事件办理的不折算每月平均",
        group=LedgerGroup.OTHER,
    )
)
