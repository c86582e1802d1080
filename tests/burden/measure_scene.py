"""An issued list of a general branch with one value a month, and a foreign one that must never appear."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.models import User
from branches.models import Organisation
from burden.actions.measure_values import ValueData, add_value
from burden.actions.measures import EntryData, add_entry, adopt_entries, draft_list, issue_list
from burden.actions.schemes import Edition, ItemLine, SchemeData, add_scheme
from burden.models import AssessmentScheme, Measure, MeasureEntry, MeasureList, MeasureValue
from burden.rules.measures_vocabulary import Cadence, Direction, ItemKind
from periods.months import Month
from tests.reminders.scene import ON, Scene, make_scene

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
YEAR = ON.year
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)


@dataclass
class House:
    """`list` is the issued one of this year; `measure` the case's own in it."""

    scene: Scene
    list: MeasureList

    @property
    def measure(self) -> Measure:
        return measure_of(self.scene.general)

    @property
    def entry(self) -> MeasureEntry:
        return MeasureEntry.objects.get(of_list=self.list, measure=self.measure)


def make_house(monkeypatch: pytest.MonkeyPatch) -> House:
    scene = make_scene(monkeypatch)
    return House(scene, make_issued(scene.general, by=scene.staff))


def make_issued(
    place: Organisation,
    *,
    by: User,
    year: int = YEAR,
    on: date = date(2026, 1, 15),
    only: EntryData | None = None,
) -> MeasureList:
    """What the template adopts; with `only` this one measure and no other."""
    draft = draft_list(place, year=year, by=by)
    if only is not None:
        adopt_entries(draft, adopted=[add_entry(draft, data=only, by=by).pk], by=by)
    return issue_list(draft, document_number="", by=by, on=on)


def measure_of(place: Organisation, code: str = "ledger_weight_30") -> Measure:
    return Measure.objects.get(organisation=place, code=code)


def make_value(
    measure: Measure, month: Month, value: str, *, by: User, evidence: str = "按通知统计。"
) -> MeasureValue:
    data = ValueData(Decimal(value), evidence)
    return add_value(measure, month=month, data=data, by=by, on=ON, now=NOW)


def entry_data(name: str = "少发报表", **changes: object) -> EntryData:
    given: dict[str, object] = {
        "name": name,
        "doing": "能导出的不再另填。",
        "owner": "党建办",
        "basis": ({"words": "本单位做法", "verified": True},),
        "indicator": "每月报表份数",
        "formula": "当月要求支部填报的报表份数",
        "unit": "份",
        "direction": Direction.AT_MOST,
        "baseline": Decimal(8),
        "baseline_counted": True,
        "target": Decimal(2),
        "deadline": date(2026, 12, 31),
        "cadence": Cadence.MONTHLY,
    }
    return EntryData(**{**given, **changes})  # type: ignore[arg-type]  # whatever a test changes


def lines(*items: tuple[str, str, ItemKind]) -> list[ItemLine]:
    return [ItemLine(text, Decimal(points), kind) for text, points, kind in items]


SIXTY = lines(("台账齐全", "60", ItemKind.TRACE), ("烟农满意", "40", ItemKind.RESULT))
THIRTY = lines(
    ("台账无缺项", "30", ItemKind.TRACE),
    ("烟农满意", "50", ItemKind.RESULT),
    ("值守", "20", ItemKind.PROCESS),
)


def make_scheme(
    place: Organisation,
    *,
    by: User,
    items: list[ItemLine] = SIXTY,
    since: date = date(2026, 1, 1),
    name: str = "烟叶台账考核办法",
    code: str = "ledger_weight_30",
) -> AssessmentScheme:
    data = SchemeData(name, "党总支对各支部，年终一次", code)
    return add_scheme(place, data=data, edition=Edition(since, "第一版", items), by=by, now=NOW)
