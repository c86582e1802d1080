"""The bonus sheet of a year: reckoned once more, judged against the budget, frozen."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from incentives.models import AnnualRecord, BonusSheet
from incentives.queries.policies import policy_of
from incentives.queries.records import last_day
from incentives.queries.sheets import sheet_records, total_of
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.sheets import check_budget

# A year is settled once its last month has begun.
LAST_MONTH = 12


@dataclass(frozen=True)
class SheetData:
    """`budget`: what the wage total leaves for it; `note`: why this version."""

    year: int
    budget: Decimal
    note: str


@transaction.atomic
def issue_sheet(place: Organisation, *, data: SheetData, by: User, on: date) -> BonusSheet:
    """A new version; an earlier one stays. Raises IncentiveRefused."""
    row = Organisation.objects.select_for_update().get(pk=place.pk)
    if on < date(data.year, LAST_MONTH, 1):
        raise IncentiveRefused(f"{data.year} 年的绩效奖金表最早 12 月出，现在可以先测算。")
    records = sheet_records(row, data.year, on=on)
    if not records:
        raise IncentiveRefused("这一年没有党务工作者，不用出表。")
    total = total_of(records)
    check_budget(total, data.budget)
    earlier = BonusSheet.objects.filter(organisation=row, year=data.year).aggregate(last=Max("version"))
    sheet = BonusSheet.objects.create(
        organisation=row,
        year=data.year,
        version=(earlier["last"] or 0) + 1,
        policy=policy_of(row, on=last_day(data.year, on)).row,
        budget=data.budget,
        total=total,
        note=data.note,
        issued_on=on,
        issued_by=by,
    )
    AnnualRecord.objects.bulk_create(
        AnnualRecord(
            sheet=sheet,
            user=record.worker.user,
            organisation=record.worker.organisation,
            factors=[factor.kept() for factor in record.factors],
            product=record.result.product,
            effective=record.result.effective,
            bonus=record.result.bonus,
        )
        for record in records
    )
    detail = {"year": data.year, "version": sheet.version, "total": total}
    audit.record("incentives.sheet_issued", by=by, target=row, detail=detail)
    return sheet
