"""The ledger of planned visits, and what the portal counts of three measures."""

from datetime import date
from decimal import Decimal

import pytest

from burden.actions.visit_merging import merge_visits
from burden.ledgers.visits import VISITS
from burden.measured import METERS, measured
from burden.rules.visit_vocabulary import VisitMode
from ledgers.ledger import Cell, Tone
from periods.months import Month
from tests.burden.visit_scene import DAY, done, filed, foreign_visit, looked
from tests.ledgers.opened import document_of, excel_rows, in_excel
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def test_a_row_for_each_branch_of_each_visit_and_of_what_nobody_filed(scene: Scene) -> None:
    filed(scene, title=HOSTILE, materials="党员名册\n一页说明", clauses="党务经费")
    looked(scene, targets=[scene.first])
    foreign_visit(scene)
    found = document_of(VISITS, "", scene.staff, on=ON)
    planned = (
        "党建工作部", HOSTILE, DAY, DAY, "三会一课、党务经费", 2, 60, "党员名册；一页说明", Cell("已备案"),
    )  # fmt: skip
    unplanned = ("党建工作部", "突击检查", ON, ON, "", None, None, "", Cell("计划外", Tone.SOON))
    assert list(found.rows) == [
        (1, scene.first.name, *unplanned),
        (2, scene.first.name, *planned),
        (3, scene.second.name, *planned),
    ]
    assert excel_rows(found) == [tuple(in_excel(value) for value in row) for row in found.rows]
    assert [row[1] for row in document_of(VISITS, "", scene.worker, on=ON).rows] == [scene.first.name] * 2


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("state=unfiled", ["突击检查"]),
        ("state=filed", ["四季度党建检查"]),
        ("state=done", []),
        ("period=2026-11", ["突击检查"]),
        ("period=2025", []),
    ],
)
def test_filters(scene: Scene, query: str, titles: list[str]) -> None:
    filed(scene, targets=[scene.first])
    looked(scene, targets=[scene.first])
    assert [row[3] for row in document_of(VISITS, query, scene.staff, on=ON).rows] == titles


# --- measured ------------------------------------------------------------------------------------------

NOVEMBER = Month(2026, 11)


def value(scene: Scene, code: str, month: Month = NOVEMBER) -> tuple[Decimal, str] | None:
    found = measured(code, scene.general, month, on=ON)
    return (found.value, found.url) if found else None


def test_the_measures_the_plan_answers() -> None:
    assert {"annual_plan_filing", "merge_inspections", "online_check_instead"} <= set(METERS)


def test_unplanned_inspections_of_the_quarter(scene: Scene) -> None:
    done(scene, day=date(2026, 10, 13), title="有计划的")
    looked(scene)
    looked(scene, title="九月的", day=date(2026, 9, 30))
    url = "/w/burden/visits/unfiled/?year=2026"
    assert value(scene, "annual_plan_filing") == (Decimal(1), url)
    assert value(scene, "annual_plan_filing", Month(2026, 10)) == (Decimal(0), url)
    found = measured("annual_plan_filing", scene.general, NOVEMBER, on=ON)
    assert found is not None
    assert found.evidence == "2026-10-01 至 2026-11-18 登记检查 2 次，其中 1 次没有备案的计划。"
    foreign = measured("annual_plan_filing", scene.foreign_general, NOVEMBER, on=ON)
    assert foreign is not None
    assert foreign.value == 0


def test_the_same_clause_at_one_branch_in_a_quarter(scene: Scene) -> None:
    assert value(scene, "merge_inspections") is None
    done(scene, day=date(2026, 10, 13), title="一", targets=[scene.first])
    done(scene, day=date(2026, 11, 3), title="二", targets=[scene.second])
    found = value(scene, "merge_inspections")
    assert found == (Decimal(1), "/w/burden/visits/?year=2026&state=done")
    done(scene, day=date(2026, 11, 4), title="三", targets=[scene.second])
    found = value(scene, "merge_inspections")
    assert (found and found[0], value(scene, "merge_inspections", Month(2026, 9))) == (Decimal(2), None)


def test_merged_visits_come_once(scene: Scene) -> None:
    one = filed(scene, title="一")
    merge_visits([one, filed(scene, title="二")], since=DAY, until=DAY, by=scene.staff, on=ON)
    rows = document_of(VISITS, "state=merged", scene.staff, on=ON).rows
    assert [row[10] for row in rows] == [Cell("已合并")] * 2


def test_how_much_is_looked_at_online(scene: Scene) -> None:
    assert value(scene, "online_check_instead") is None
    done(scene, day=date(2026, 11, 3), title="线上", mode=VisitMode.ONLINE.value)
    done(scene, day=date(2026, 11, 4), title="进场")
    done(scene, day=date(2026, 11, 5), title="也进场")
    found = value(scene, "online_check_instead")
    assert (found and found[0], value(scene, "online_check_instead", Month(2026, 10))) == (
        Decimal("33.3"),
        None,
    )
