"""What branches say of visits: once a branch, while the quarter runs, and shown so that nobody is found."""

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import AuditEvent
from branches.models import Organisation
from burden.actions.visit_ratings import rate_visit
from burden.actions.visits import VisitRefused, carry_out
from burden.models import VisitRating
from burden.queries.visit_ratings import closed_quarters, open_looks, published_ratings, shown_rows
from burden.rules.suppression import LEAST
from burden.rules.visit_ratings import Batch, Rating, batches
from burden.rules.visit_vocabulary import Extra, Grade
from errorbank.models import Inspection
from tests.branches.conftest import signed_in
from tests.burden.visit_scene import filed, looked
from tests.clock import stop_clock
from tests.effort import tries
from tests.factories.branches import make_organisation
from tests.reminders.scene import ON, Scene, make_scene

JULY, OCTOBER = date(2026, 7, 8), date(2026, 10, 8)
GOOD, POOR = (Grade.HELPFUL, Extra.NO), (Grade.BURDEN, Extra.YES)


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def say(scene: Scene, inspection: Inspection, branch: Organisation, rating: Rating, on: date) -> VisitRating:
    return rate_visit(inspection, branch, grade=rating[0], extra=rating[1], by=scene.worker, on=on)


def test_a_branch_says_it_once_and_may_change_it_until_the_quarter_ends(scene: Scene) -> None:
    inspection = looked(scene, day=JULY)
    first = say(scene, inspection, scene.first, GOOD, JULY)
    again = say(scene, inspection, scene.first, POOR, date(2026, 9, 30))
    assert (first.pk, again.grade, again.extra) == (again.pk, Grade.BURDEN, Extra.YES)
    with pytest.raises(VisitRefused, match="季度已经结束"):
        say(scene, inspection, scene.first, GOOD, date(2026, 10, 1))
    assert VisitRating.objects.get().grade == Grade.BURDEN


def test_the_log_keeps_that_it_was_said_and_not_what(scene: Scene) -> None:
    say(scene, looked(scene, day=JULY), scene.first, POOR, JULY)
    event = AuditEvent.objects.get(event="burden.visit_rated")
    assert event.detail == {"branch": scene.first.pk}


def test_only_the_visited_and_only_in_time(scene: Scene) -> None:
    inspection = looked(scene, day=JULY, targets=[scene.first])
    with pytest.raises(VisitRefused, match="没有到本支部"):
        say(scene, inspection, scene.second, GOOD, JULY)
    with pytest.raises(VisitRefused, match="不在这段时间内"):
        say(scene, inspection, scene.first, GOOD, date(2027, 1, 2))
    assert say(scene, inspection, scene.first, GOOD, date(2026, 12, 31)).quarter == 4


def test_what_a_branch_may_rate_today(scene: Scene) -> None:
    old, fresh = looked(scene, title="早的", day=date(2026, 6, 30)), looked(scene, title="新的", day=JULY)
    looked(scene, title="自查", day=JULY, source="self_check")
    assert [row.inspection for row in open_looks(scene.worker, on=ON)] == [fresh]
    assert [row.inspection for row in open_looks(scene.worker, on=JULY)] == [fresh, old]
    say(scene, fresh, scene.first, GOOD, JULY)
    assert [row.rating is not None for row in open_looks(scene.worker, on=JULY)] == [True, False]
    assert open_looks(scene.worker, on=ON) == []


def test_a_rating_stays_with_the_office_it_was_given_to(scene: Scene) -> None:
    visit = filed(scene, department="财务部 一科")
    inspection = looked(scene, inspectors="别的写法")
    carry_out(visit, inspection, by=scene.staff)
    assert say(scene, inspection, scene.first, GOOD, ON).department == "财务部一科"
    assert (
        say(scene, looked(scene, title="无名", inspectors=""), scene.first, GOOD, ON).department
        == "未写明部门"
    )


# --- what may be shown ---------------------------------------------------------------------------------


def rated(scene: Scene, inspection: Inspection, rating: Rating, count: int, on: date) -> None:
    for _ in range(count):
        branch = make_organisation(parent=scene.general)
        inspection.targets.add(branch)
        say(scene, inspection, branch, rating, on)


def test_nothing_is_shown_of_an_open_quarter_or_of_few(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    july, october = looked(scene, day=JULY), looked(scene, title="十月", day=OCTOBER)
    rated(scene, july, GOOD, 4, JULY)
    rated(scene, october, POOR, 5, OCTOBER)
    stop_clock(monkeypatch, ON)
    url, client = "/w/burden/visits/ratings/", signed_in(scene.staff)
    assert "还没有可以公布的评价" in client.get(url).content.decode()
    # With the year's end the fourth quarter joins the four that waited.
    stop_clock(monkeypatch, date(2027, 1, 4))
    page = client.get(f"{url}?year=2026").content.decode()
    assert ("一、二、三、四季度" in page, "份数还少，不分列（约 10 份）" in page) == (True, True)
    assert "还没有可以公布的评价" in signed_in(scene.foreign_staff).get(f"{url}?year=2026").content.decode()


def test_a_batch_in_words(scene: Scene) -> None:
    july = looked(scene, day=JULY)
    rated(scene, july, GOOD, 7, JULY)
    rated(scene, july, POOR, 6, JULY)
    (row,) = shown_rows(published_ratings(scene.staff, 2026, on=ON))
    (batch,) = row.batches
    assert (row.department, batch.label, batch.about) == ("党建工作部", "一、二、三季度", 10)
    assert batch.grades == ["有帮助：约 5 份", "一般或增加了负担：约 5 份"]
    assert batch.extras == ["没有另外要材料：约 5 份", "另外要了材料：约 5 份"]


def test_sums_are_never_made_over_organisations(scene: Scene) -> None:
    july = looked(scene, day=JULY)
    rated(scene, july, GOOD, 4, JULY)
    other = looked(scene, title="党委来的", day=JULY)
    Inspection.objects.filter(pk=other.pk).update(organisation=scene.committee)
    other.refresh_from_db()
    rated(scene, other, GOOD, 4, JULY)
    assert published_ratings(scene.overseer, 2026, on=ON) == []


@pytest.mark.parametrize(("year", "closed"), [(2025, 4), (2026, 3), (2027, 0)])
def test_closed_quarters(year: int, closed: int) -> None:
    assert closed_quarters(year, on=ON) == closed


RATINGS = st.lists(st.tuples(st.sampled_from(Grade), st.sampled_from(Extra)), max_size=9)
YEARS = st.fixed_dictionaries(dict.fromkeys((1, 2, 3, 4), RATINGS))


def sizes(said: Mapping[int, Sequence[Rating]], shown: Sequence[Batch]) -> list[int]:
    return [sum(len(said[quarter]) for quarter in batch.quarters) for batch in shown]


@settings(max_examples=tries(200, 4000), deadline=None)
@given(YEARS)
def test_an_attacker_who_watches_every_quarter_never_sees_fewer_than_five(
    said: dict[int, list[Rating]],
) -> None:
    before: list[Batch] = []
    for closed in range(5):
        shown = batches(said, closed=closed)
        # What was shown stays word for word; what is new is a whole batch.
        assert shown[: len(before)] == before
        assert all(size >= LEAST for size in sizes(said, shown[len(before) :]))
        for batch in shown:
            assert all(group.about >= LEAST for group in (*batch.grades, *batch.extras))
        before = shown


@settings(max_examples=tries(200, 4000), deadline=None)
@given(YEARS, st.integers(1, 4), st.data())
def test_one_more_voice_in_an_open_quarter_changes_nothing(
    said: dict[int, list[Rating]], open_quarter: int, data: st.DataObject
) -> None:
    more = {**said, open_quarter: [*said[open_quarter], data.draw(st.sampled_from([GOOD, POOR]))]}
    assert batches(more, closed=open_quarter - 1) == batches(said, closed=open_quarter - 1)


def test_the_same_attack_succeeds_on_sums_that_are_shown_at_once() -> None:
    """A naive table, from five ratings on, shown after every rating."""

    def naive(ratings: Sequence[Rating]) -> dict[Grade, int]:
        counts = {grade: sum(said is grade for said, _ in ratings) for grade in Grade}
        return counts if len(ratings) >= LEAST else {}

    five = [GOOD] * 5
    before, after = naive(five), naive([*five, POOR])
    assert [grade for grade in Grade if after[grade] != before[grade]] == [Grade.BURDEN]
    quiet = {3: five, 4: [POOR]}
    assert batches(quiet, closed=3) == batches({3: five}, closed=3) == batches(quiet, closed=4)
