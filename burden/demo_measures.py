"""Measures of the demo: earlier lists, closed, and this year's with the story of the thirty per cent."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from accounts.models import User
from branches.demo import DemoTree
from burden.actions.measure_values import ValueData, add_value, adopt_measured, correct_value
from burden.actions.measures import adopt_entries, close_list, draft_list, issue_list
from burden.actions.schemes import Edition, ItemLine, SchemeData, add_scheme, change_scheme
from burden.models import AssessmentScheme, Measure, MeasureEntry, MeasureList, MeasureValue
from burden.rules.measures import FEATURED
from burden.rules.measures_vocabulary import ItemKind
from periods.months import Month, month_range

FILE = Path(__file__).parent / "data" / "demo_measures.yaml"
MORNING = time(9, 30)
ISSUED_DAY, CHANGED_MONTH, SAID_DAY = 15, 5, 6


@cache
def _told() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return told


def load(tree: DemoTree) -> None:
    """Schemes first: the value of the measure is read from them, month by month."""
    told, last = _told(), Month.of(tree.as_of).previous()
    _schemes(tree, told)
    first = Month.of(tree.as_of).plus(-told["scheme"]["versions"][0]["ago"])
    for year in range(first.year, tree.as_of.year + 1):
        issued = _issue(tree, year, told)
        months = [month for month in month_range(first, last) if month.year == year]
        _values(tree, months, told)
        if year < tree.as_of.year:
            day = date(year, 12, 28)
            close_list(issued, note=told["closing"], by=tree.staff, on=day)
    _correct(tree, told["correction"])


def _issue(tree: DemoTree, year: int, told: Mapping[str, Any]) -> MeasureList:
    """In January; what was taken up in May of this year made a second version."""
    on = min(Month(year, 1).day(ISSUED_DAY), tree.as_of)
    issued = _version(tree, year, on=on, codes=told["taken_up"][1:], told=told)
    changed = Month(year, CHANGED_MONTH).day(ISSUED_DAY)
    if year == tree.as_of.year and changed <= tree.as_of:
        issued = _version(tree, year, on=changed, codes=told["taken_up"], told=told, note=told["change"])
    return issued


def _version(
    tree: DemoTree, year: int, *, on: date, codes: Iterable[str], told: Mapping[str, Any], note: str = ""
) -> MeasureList:
    draft = draft_list(tree.general, year=year, by=tree.staff, note=note)
    MeasureEntry.objects.filter(of_list=draft, measure__code__in=told["counted"]).update(
        baseline_counted=True
    )
    kept = draft.entries.filter(adopted=True) | draft.entries.filter(measure__code__in=list(codes))
    adopt_entries(draft, adopted=list(kept.values_list("pk", flat=True)), by=tree.staff)
    number = f"党总支〔{year}〕{3 + draft.version * 2} 号"
    return issue_list(draft, document_number=number, by=tree.staff, on=on)


def _values(tree: DemoTree, months: Iterable[Month], told: Mapping[str, Any]) -> None:
    measures = {each.code: each for each in Measure.objects.filter(organisation=tree.general)}
    now = Month.of(tree.as_of)
    for month in months:
        said = month.next().day(SAID_DAY)
        moment = _moment(min(said, tree.as_of))
        adopt_measured(measures[FEATURED], month=month, by=tree.staff, on=tree.as_of, now=moment)
        for code, series in told["values"].items():
            value = next((value for ago, value in series.items() if now.plus(-ago) == month), None)
            if value is not None and _holds(measures[code], month.year):
                data = ValueData(Decimal(str(value)), told["evidence"])
                add_value(measures[code], month=month, data=data, by=tree.staff, on=tree.as_of, now=moment)


def _holds(measure: Measure, year: int) -> bool:
    return MeasureEntry.objects.filter(measure=measure, of_list__year=year, adopted=True).exists()


def _correct(tree: DemoTree, told: Mapping[str, Any]) -> None:
    """One value was counted wrong and corrected: both stay readable. A closed year keeps what it says."""
    month = Month.of(tree.as_of).plus(-told["ago"])
    wrong = MeasureValue.objects.filter(measure__code=told["code"], month=month.first).first()
    if wrong is not None and month.year == tree.as_of.year:
        data = ValueData(Decimal(str(told["value"])), wrong.evidence)
        correct_value(
            wrong,
            data=data,
            reason=told["reason"],
            by=tree.staff,
            on=tree.as_of,
            now=_moment(tree.as_of),
        )


def _schemes(tree: DemoTree, told: Mapping[str, Any]) -> None:
    one, scheme = told["scheme"], None
    data = SchemeData(one["name"], one["about"], FEATURED)
    for version in one["versions"]:
        scheme = _edition(tree, data, version, by=tree.staff, scheme=scheme)
    other = told["other_scheme"]
    _edition(tree, SchemeData(other["name"], other["about"]), other, by=tree.staff, scheme=None)


def _edition(
    tree: DemoTree,
    data: SchemeData,
    version: Mapping[str, Any],
    *,
    by: User,
    scheme: AssessmentScheme | None,
) -> AssessmentScheme:
    since = Month.of(tree.as_of).plus(-version["ago"]).first
    items = [ItemLine(text, Decimal(points), ItemKind(kind)) for text, points, kind in version["items"]]
    edition, now = Edition(since, version["note"], items), _moment(since)
    if scheme is None:
        return add_scheme(tree.general, data=data, edition=edition, by=by, now=now)
    return change_scheme(scheme, data=data, edition=edition, by=by, now=now)


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, MORNING))
