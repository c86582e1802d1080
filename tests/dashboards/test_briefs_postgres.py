"""Briefs on PostgreSQL: two at the same moment, and the database's own guard of what was released."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import DatabaseError, connections, transaction

from dashboards.actions.briefs import BriefFixed, BriefThere, correct_brief, prepare_due, release_brief
from dashboards.models import Brief
from periods.months import Month
from tests.dashboards.board_scene import Scene
from tests.dashboards.brief_scene import NOW, OCTOBER, ON, SEPTEMBER, make_brief_scene, prepared, released

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_brief_scene(monkeypatch)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Begin all at the same moment; gives results or errors."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(10)
        try:
            return act()
        except Exception as error:  # the assertion names it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_runs_and_a_hand_prepare_one_brief(scene: Scene) -> None:
    def run() -> int:
        return prepare_due(on=ON, now=NOW)

    made = at_once(run, run, lambda: prepared(scene))
    counts = [count for count in made if isinstance(count, int)]
    by_hand = [one for one in made if isinstance(one, Brief)]
    assert sum(counts) + len(by_hand) == 3
    assert [one for one in made if isinstance(one, Exception) and not isinstance(one, BriefThere)] == []
    assert Brief.objects.filter(organisation=scene.general, month=OCTOBER.first).count() == 1


def test_months_released_at_once_have_numbers_of_their_own(scene: Scene) -> None:
    months = [SEPTEMBER.plus(-n) for n in range(4)]
    drafts = [prepared(scene, month) for month in months]

    def release(brief: Brief) -> Callable[[], object]:
        return lambda: release_brief(brief, by=scene.staff, on=ON, now=NOW).number

    assert sorted(map(str, at_once(*map(release, drafts)))) == ["1", "2", "3", "4"]


def test_one_brief_released_twice_at_once_is_released_once(scene: Scene) -> None:
    brief = prepared(scene)

    def release() -> int | None:
        return release_brief(brief, by=scene.staff, on=ON, now=NOW).number

    assert sorted(map(type, at_once(release, release)), key=str) == sorted([int, BriefFixed], key=str)


def test_corrections_at_once_make_one_draft(scene: Scene) -> None:
    brief = released(scene)

    def correct() -> int:
        return correct_brief(brief, reason="原统计有误", by=scene.staff, now=NOW).edition

    assert sum(one == 2 for one in at_once(correct, correct)) == 1
    assert Brief.objects.drafts().count() == 1


def test_the_database_refuses_to_change_or_remove_what_was_released(scene: Scene) -> None:
    brief, draft = released(scene), prepared(scene, Month(2026, 8))
    rows = Brief.objects.filter(pk=brief.pk)
    for act in (lambda: rows.update(facts={}), lambda: rows.update(state="draft"), rows.delete):
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            act()
    Brief.objects.filter(pk=draft.pk).delete()
    assert list(Brief.objects.all()) == [brief]


def test_readers_below_and_above_see_the_same_as_elsewhere(scene: Scene) -> None:
    brief, draft = released(scene), prepared(scene, SEPTEMBER)
    other = released(scene, place=scene.other)
    released(scene, place=scene.foreign)
    seen = {
        user: set(Brief.objects.visible_to(user, on=ON))
        for user in (scene.worker, scene.staff, scene.overseer)
    }
    assert seen == {
        scene.worker: {brief},
        scene.staff: {brief, draft},
        scene.overseer: {brief, draft, other},
    }
