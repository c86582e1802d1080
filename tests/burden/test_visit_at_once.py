"""Planned visits on PostgreSQL: two clicks at the same moment file, change and carry out once."""

import pytest

from burden.actions.visits import CHANGED_MEANWHILE, NOT_OPEN, TWICE, carry_out, change_visit, file_visit
from burden.models import PlannedVisit
from burden.rules.visit_vocabulary import VisitState
from tests.burden.test_survey_at_once import together
from tests.burden.visit_scene import filed, looked, visit_data
from tests.reminders.scene import ON, Scene, make_scene

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def test_of_many_clicks_one_visit_is_filed(scene: Scene) -> None:
    data = visit_data(scene)
    refused = together([lambda: file_visit(scene.general, data=data, by=scene.staff, on=ON)] * 6)
    visit = PlannedVisit.objects.get()
    assert (refused, visit.revisions.count(), visit.targets.count()) == ([TWICE] * 5, 1, 2)


def test_of_two_changes_at_once_one_is_kept(scene: Scene) -> None:
    visit = filed(scene)

    def change(people: int) -> object:
        data = visit_data(scene, people=people)
        return change_visit(visit, data=data, by=scene.staff, on=ON, why="人数", seen=1)

    refused = together([lambda: change(3), lambda: change(4)])
    assert (refused, visit.revisions.count()) == ([CHANGED_MEANWHILE], 2)


def test_two_visits_changed_into_one_are_refused_in_words(scene: Scene) -> None:
    visits = [filed(scene, title=f"第{n}项") for n in (1, 2)]

    def change(visit: PlannedVisit) -> object:
        return change_visit(
            visit, data=visit_data(scene), by=scene.staff, on=ON, why="同名", over_reason="急"
        )

    refused = together([lambda: change(visits[0]), lambda: change(visits[1])])
    assert (refused, PlannedVisit.objects.filter(title="四季度党建检查").count()) == ([TWICE], 1)


def test_two_inspections_carry_a_visit_out_once(scene: Scene) -> None:
    visit, looks = filed(scene), [looked(scene), looked(scene, title="又一次")]
    refused = together(
        [
            lambda: carry_out(visit, looks[0], by=scene.staff),
            lambda: carry_out(visit, looks[1], by=scene.staff),
        ]
    )
    visit.refresh_from_db()
    assert (refused, visit.state, visit.inspection in looks) == ([NOT_OPEN], VisitState.DONE, True)
