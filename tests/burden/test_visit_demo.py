"""The demo's plan of visits: this year runs into itself, one was never filed, next year waits."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from accounts.models import User
from branches.models import Organisation
from burden.models import PlannedVisit
from burden.queries.visit_frequency import generals_of, proposals
from burden.queries.visit_overlaps import overlap_page
from burden.queries.visit_ratings import published_ratings, shown_rows
from burden.queries.visits import unfiled_of
from burden.rules.visit_vocabulary import VisitState
from burden.rules.visits import ClashKind
from tests.database import LoadedDemo

AS_OF = date(2026, 11, 20)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture(scope="module")
def demo(loaded_demo: LoadedDemo) -> Iterator[None]:
    with loaded_demo(AS_OF):
        yield


def staff() -> User:
    return User.objects.get(username="staff")


def test_every_state_is_there() -> None:
    states = PlannedVisit.objects.filter(year=2026).values_list("state", flat=True)
    assert Counter(states) == {
        VisitState.FILED: 3,
        VisitState.DONE: 5,
        VisitState.MERGED: 1,
        VisitState.CANCELLED: 1,
    }
    drafts = PlannedVisit.objects.filter(year=2027)
    assert (drafts.count(), set(drafts.values_list("state", flat=True))) == (8, {VisitState.DRAFT})


def test_what_lies_ahead_runs_into_each_other_and_could_be_one() -> None:
    page = overlap_page(staff(), 2026, on=AS_OF)
    ahead = {row.kind for row in page.clashes if row.upcoming}
    assert ahead == {ClashKind.SAME_CLAUSE.label, ClashKind.GAP.label, ClashKind.TOO_MANY.label}
    (merge,) = page.merges
    assert [visit.department for visit in merge.visits] == ["党建工作部", "纪检部门", "财务部"]
    assert (page.saved_visits, page.saved_hours) == (19, "27 小时")


def test_the_tour_was_never_filed() -> None:
    unfiled = unfiled_of(staff(), 2026, on=AS_OF)
    assert ([row.title for row in unfiled.rows], unfiled.whole) == (["上级巡察反馈"], 6)


def test_three_clean_checks_of_dues_propose_less() -> None:
    rows = proposals(generals_of(staff(), on=AS_OF), 2027, on=AS_OF)
    assert [(row.department, row.clause_name, row.times, row.decision) for row in rows] == [
        ("财务部", "党费", 3, None)
    ]


def test_ratings_are_shown_by_office_only() -> None:
    (row,) = shown_rows(published_ratings(staff(), 2026, on=AS_OF))
    assert (row.department, [batch.label for batch in row.batches]) == (
        "财务部",
        ["一季度", "二季度", "三季度"],
    )
    assert all(batch.about == 10 for batch in row.batches)
    names = Organisation.objects.branches().values_list("name", flat=True)
    words = " ".join(words for batch in row.batches for words in (*batch.grades, *batch.extras))
    assert [name for name in names if name in words] == []
