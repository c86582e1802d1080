"""Values of measures: entered once a month, corrected by another row, never changed."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from burden.measured import measured
from burden.models import Measure, MeasureEntry, MeasureList, MeasureValue
from burden.rules.measures import LARGEST, MeasureRefused
from burden.rules.measures_vocabulary import ListState, ValueSource
from periods.months import Month


@dataclass(frozen=True)
class ValueData:
    """One value with its evidence in words, and the page behind it, if any."""

    value: Decimal
    evidence: str
    url: str = ""
    source: ValueSource = ValueSource.TYPED

    def columns(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "evidence": self.evidence,
            "evidence_url": self.url,
            "source": self.source,
        }


@transaction.atomic
def add_value(
    measure: Measure, *, month: Month, data: ValueData, by: User, on: date, now: datetime
) -> MeasureValue:
    """The first value of a month. Raises MeasureRefused."""
    row = _open(measure, month, on=on)
    if row.measured_values.filter(month=month.first).exists():
        raise MeasureRefused(f"{month.label}已经填过数值。要改的，请用“更正”，原来的数会保留。")
    made = MeasureValue.objects.create(
        measure=row, month=month.first, made_by=by, made_at=now, **data.columns()
    )
    audit.record("burden.measure_value_added", by=by, target=row, detail=_detail(made))
    return made


@transaction.atomic
def correct_value(
    value: MeasureValue, *, data: ValueData, reason: str, by: User, on: date, now: datetime
) -> MeasureValue:
    """Another row in place of a value, with the reason. Raises MeasureRefused."""
    if not reason.strip():
        raise MeasureRefused("请写明为什么更正。")
    row = _open(value.measure, value.of, on=on)
    if MeasureValue.objects.filter(corrects=value).exists():
        raise MeasureRefused("这个数值刚刚已经更正过，请刷新页面，看清最新的数值再改。")
    if (value.value, value.evidence) == (data.value, data.evidence):
        raise MeasureRefused("数值和佐证与原来相同，没有需要更正的地方。")
    made = MeasureValue.objects.create(
        measure=row,
        month=value.month,
        corrects=value,
        reason=reason.strip(),
        made_by=by,
        made_at=now,
        **data.columns(),
    )
    audit.record("burden.measure_value_corrected", by=by, target=row, detail=_detail(made))
    return made


def adopt_measured(measure: Measure, *, month: Month, by: User, on: date, now: datetime) -> MeasureValue:
    """What the portal counts, with its evidence, as the value of the month. Raises MeasureRefused."""
    found = measured(measure.code, measure.organisation, month, on=on)
    if found is None or not 0 <= found.value <= LARGEST:
        raise MeasureRefused(f"系统现在统计不出{month.label}的数值，请手工填写。")
    value = found.value.quantize(Decimal("0.01"))
    data = ValueData(value, found.evidence[:300], found.url, ValueSource.MEASURED)
    return add_value(measure, month=month, data=data, by=by, on=on, now=now)


def _open(measure: Measure, month: Month, *, on: date) -> Measure:
    """The measure under its lock while that year's list takes values. Raises MeasureRefused."""
    row = Measure.objects.select_for_update().get(pk=measure.pk)
    if month.first > on:
        raise MeasureRefused(f"{month.label}还没有开始，到时候再填。")
    lists = MeasureList.objects.filter(organisation=row.organisation_id, year=month.year)
    held = MeasureEntry.objects.filter(measure=row, adopted=True)
    if held.filter(of_list__in=lists.filter(state=ListState.ISSUED)).exists():
        return row
    if lists.filter(state=ListState.CLOSED).exists():
        raise MeasureRefused(f"{month.year} 年的清单已经收尾，数值不再改动。")
    raise MeasureRefused(f"{month.year} 年现行的清单里没有这条措施，不能填数值。")


def _detail(made: MeasureValue) -> dict[str, Any]:
    return {"month": str(made.of), "value": made.value, "value_id": made.pk}
