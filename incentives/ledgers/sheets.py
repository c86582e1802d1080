"""The bonus sheet (绩效奖金表) for the signature: the latest version of each year, values alone."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.db.models import Exists, OuterRef

from accounts.models import User
from branches.ledger_scope import PeriodFilterForm, asked_days
from incentives.models import AnnualRecord, BonusSheet
from incentives.models.records import VIEW_BONUS
from incentives.rules.coefficients import LABELS
from ledgers.ledger import Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row
from ledgers.registry import register

# Nothing at all would be printed as a dash.
ROOM_TO_SIGN = "\u3000"
COLUMNS = (
    Column("number", "序号", ColumnKind.INTEGER, width=11),
    Column("organisation", "支部", width=36),
    Column("name", "姓名", width=18),
    Column("year", "年度", ColumnKind.INTEGER, width=13),
    *(Column(code, label, ColumnKind.DECIMAL, width=17) for code, label in LABELS.items()),
    Column("product", "乘积", ColumnKind.FOUR_PLACES, width=17),
    Column("effective", "计发系数", ColumnKind.FOUR_PLACES, width=20),
    Column("bonus", "奖金（元）", ColumnKind.DECIMAL, width=24),
    Column("signature", "本人签名", width=28),
)


class BonusLedgerForm(PeriodFilterForm):
    """Organisation and the years that end in the period."""

    permission = VIEW_BONUS

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def bonus_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """By year, organisation and name, each year with its sum; two statements."""
    days = asked_days(cleaned, on)
    later = BonusSheet.objects.filter(
        organisation=OuterRef("sheet__organisation"),
        year=OuterRef("sheet__year"),
        version__gt=OuterRef("sheet__version"),
    )
    found = AnnualRecord.objects.filter(
        ~Exists(later),
        BonusLedgerForm.rows_of(user, cleaned, on),
        sheet__year__gte=days.first.year,
        sheet__year__lte=days.last.year,
    )
    order = ("-sheet__year", "organisation__level", "organisation__code", "user__name", "pk")
    named = found.select_related("organisation", "user", "sheet")
    for year, records in groupby(named.order_by(*order).iterator(), key=lambda record: record.sheet.year):
        number, total = 0, Decimal(0)
        for number, record in enumerate(records, 1):
            total += record.bonus
            yield _row(number, record)
        empty = [None] * (len(LABELS) + 2)
        yield None, "合计", f"{number} 人", year, *empty, total, ""


def _row(number: int, record: AnnualRecord) -> Row:
    values = {factor["code"]: Decimal(factor["value"]) for factor in record.factors}
    return (
        number,
        record.organisation.name,
        record.user.name,
        record.sheet.year,
        *(values[code] for code in LABELS),
        record.product,
        record.effective,
        record.bonus,
        ROOM_TO_SIGN,
    )


BONUSES = register(
    Ledger(
        slug="bonuses",
        title="绩效奖金表",
        description="已出表的绩效奖金，各系数和金额都是数值；只有持“绩效奖金”授权的人能看。",
        columns=COLUMNS,
        filter_form=BonusLedgerForm,
        rows=bonus_rows,
        heading=BonusLedgerForm.heading,
        permission=VIEW_BONUS,
        may_open=BonusLedgerForm.may_open,
        order_note="按年度、组织顺序、姓名排列，每年末行为合计",
        version="2",
        numbered=False,
        group=LedgerGroup.OTHER,
    )
)
