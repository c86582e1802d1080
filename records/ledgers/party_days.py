"""Themed Party days (主题党日台账)."""

from collections.abc import Iterator
from datetime import date

from accounts.models import User
from branches.ledger_scope import PeriodFilterForm, names_on_day
from ledgers.ledger import Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row
from ledgers.registry import register
from records.ledgers.held import VIEW, in_ledger_order, records_held, subject_of
from records.rules import PARTY_DAY

COLUMNS = (
    Column("organisation", "党支部", width=34),
    Column("held_on", "日期", ColumnKind.DATE, width=22),
    Column("subject", "主题和内容", width=51),
    Column("place", "地点", width=24),
    Column("host", "主持", width=19),
    Column("eligible", "应到", ColumnKind.INTEGER, width=14),
    Column("present", "实到", ColumnKind.INTEGER, width=14),
    Column("hours", "学时", ColumnKind.HOURS, width=14),
    Column("decided", "议定事项", width=44),
    Column("entered_on", "登记日期", ColumnKind.DATE, width=22),
)


class PartyDayLedgerForm(PeriodFilterForm):
    """Organisation and the period in which it was held."""

    permission = VIEW


def party_day_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, then by day. Two statements, whatever the number."""
    records = records_held(PartyDayLedgerForm, user, cleaned, on, codes=[PARTY_DAY])
    names = names_on_day(on)
    for record in in_ledger_order(records).iterator(chunk_size=2000):
        yield (
            names.get(record.organisation_id, record.organisation.name),
            record.held_on,
            subject_of(record),
            record.place,
            record.host,
            record.eligible_count,
            record.present_count,
            record.hours,
            record.resolutions,
            record.entered_on,
        )


PARTY_DAYS = register(
    Ledger(
        slug="party-days",
        title="主题党日台账",
        description="每次主题党日的日期、主题、地点、人数、学时和议定事项。期间按开展日期；补登的写明登记日期。",
        columns=COLUMNS,
        filter_form=PartyDayLedgerForm,
        rows=party_day_rows,
        heading=PartyDayLedgerForm.heading,
        permission=VIEW,
        may_open=PartyDayLedgerForm.may_open,
        order_note="按组织顺序、开展日期先后排列",
        group=LedgerGroup.LIFE,
    )
)
