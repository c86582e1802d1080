"""What holds for every registered ledger: a year of one organisation, and the same rows everywhere."""

from datetime import date
from decimal import Decimal

import pytest

from branches.rules import Role
from burden.actions.surveys import BaselineData, enter_baseline
from errorbank.models import Inspection
from errorbank.rules import Severity, Source
from ledgers.document import LedgerDocument
from ledgers.ledger import ColumnKind
from ledgers.registry import find_ledger, slugs
from records.rules import GENERAL_MEETING, PARTY_DAY, RecordKind
from tests.burden.measure_scene import entry_data, make_issued, make_scheme
from tests.burden.visit_scene import make_visit
from tests.factories.branches import make_member, make_post
from tests.factories.development import make_case
from tests.factories.errorbank import make_closed, make_entry
from tests.factories.records import make_held, make_talk
from tests.factories.reminders import make_action
from tests.ledgers.opened import document_of, excel_rows, in_excel, on_paper, page_texts, paper_texts
from tests.reminders.scene import HOSTILE, Scene, central_action, make_item, make_scene

DAY = date(2026, 8, 5)
LATER = date(2027, 1, 9)
A4_WIDTH, DATE_WIDTH = 269, 21
# Of people and their records: who reads them and what stands in them, tests/incentives holds.
INCENTIVES = ["bonuses", "contributions", "honours", "levels", "reserve"]
TRAINING = ["contests", "outputs", "rotation", "sessions"]
SLUGS = [
    "demands",
    "errors",
    "hours",
    "inspections",
    "measures",
    "meetings",
    "members",
    "party-days",
    "posts",
    "rechecks",
    "recruiting",
    "rectification",
    "reminders",
    "schemes",
    "surveys",
    "talks",
    "visits",
]
# Ledgers whose rows belong to no organisation, or to one above that holds for all below.
UNPLACED = {"errors", "measures", "schemes", "surveys"}
# Ledgers without a free text in the rows of the scene, and those with more than one row.
PLAIN = {"party-days"}
COUNTS = {"demands": 2, "members": 2, "hours": 2, "posts": 3}


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """One row for each ledger, all of the first branch, with a text that wants to be more than text."""
    scene = make_scene(monkeypatch)
    branch, staff, worker = scene.first, scene.staff, scene.worker
    people = [make_member(branch, name=f"甲{HOSTILE}", birth_on=date(1990, 1, 1)), make_member(branch)]
    make_post(branch, Role.SECRETARY, member=people[0])
    make_held(branch, GENERAL_MEETING, on=DAY, title=HOSTILE, topics="第一项\n第二项")
    make_held(branch, PARTY_DAY, on=DAY, kind=RecordKind.ACTIVITY, hours=Decimal("1.5"), present=(people[0],))
    make_talk(people[0], people[1], branch, on=DAY)
    made = Inspection.objects.create(
        organisation=scene.general,
        source=Source.SELF_CHECK,
        title=HOSTILE,
        since=DAY,
        until=DAY,
        made_by=staff,
    )
    made.targets.set([branch])
    make_visit(scene, title=HOSTILE, since=DAY, until=DAY, targets=[branch])
    entry = make_entry("EB900", severity=Severity.SERIOUS, problem=HOSTILE)
    make_closed(branch, fixer=worker, closer=staff, on=DAY, entry=entry, inspection=made)
    window = {"kind": "yearly_window", "start": "01-01", "end": "12-31"}
    asked = {**window, "min_hours": 32, "checkpoints": {"06-30": 16}}
    make_action("hours", due_rule=asked, record_kind=RecordKind.HOURS, applies_when=["all"])
    make_item(branch, central_action(name=HOSTILE), due_on=DAY)
    survey = BaselineData("旧调查", HOSTILE, 9, {"load": {"5": 9}})
    enter_baseline(scene.general, data=survey, by=staff, on=DAY)
    make_issued(scene.general, by=staff, only=entry_data(HOSTILE))
    make_scheme(scene.general, by=staff, name=HOSTILE)
    make_case(branch, upto=3, committee=scene.committee, people=people, name=HOSTILE)
    return scene


def of_the_year(slug: str, scene: Scene) -> LedgerDocument:
    """As the archive of a year asks: an organisation with all below it, the year, nothing else."""
    query = f"organisation={scene.general.code}&period=2026"
    return document_of(find_ledger(slug), query, None, on=LATER)


def test_these_are_the_ledgers() -> None:
    assert slugs() == sorted([*SLUGS, *INCENTIVES, *TRAINING])


@pytest.mark.parametrize("slug", [*SLUGS, *INCENTIVES, *TRAINING])
def test_the_columns_fill_an_a4_landscape_page(slug: str) -> None:
    ledger = find_ledger(slug)
    columns = ledger.columns
    assert 11 * ledger.numbered + sum(column.width for column in columns) == A4_WIDTH
    # A narrower one breaks a date into two lines.
    assert [c.key for c in columns if c.kind is ColumnKind.DATE and c.width < DATE_WIDTH] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_year_has_the_same_rows_on_page_in_excel_and_on_paper(slug: str, scene: Scene) -> None:
    found = of_the_year(slug, scene)
    rows = list(found.rows)
    assert len(rows) == COUNTS.get(slug, 1)
    assert any(HOSTILE in value for row in rows for value in row if isinstance(value, str)) is (
        slug not in PLAIN
    )
    assert excel_rows(found) == [tuple(in_excel(value) for value in row) for row in rows]
    page = page_texts(found)
    assert paper_texts(found) == [[on_paper(text) for text in row] for row in page]


@pytest.mark.parametrize("slug", SLUGS)
def test_an_empty_year_says_so(slug: str, db: None) -> None:
    found = document_of(find_ledger(slug), "period=2020", None, on=LATER)
    assert (list(found.rows), excel_rows(found)) == ([], [])
    assert paper_texts(found) == [["本期没有记录"]]


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug not in UNPLACED])
def test_a_foreign_row_never_appears(slug: str, scene: Scene) -> None:
    ledger = find_ledger(slug)
    foreign = document_of(ledger, "period=2026", scene.foreign_staff, on=LATER)
    # Staff of the other general branch see their own post and nothing else.
    assert {row[foreign.place_column or 0] for row in foreign.rows} <= {scene.foreign_general.name}
    own = document_of(ledger, "period=2026", scene.worker, on=LATER)
    assert {row[own.place_column or 0] for row in own.rows} == {scene.first.name}


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug not in UNPLACED])
def test_the_heading_names_organisation_and_period(slug: str, scene: Scene) -> None:
    heading = of_the_year(slug, scene).heading
    assert (heading.organisation, heading.file_period[:4]) == (scene.general.name, "2026")
