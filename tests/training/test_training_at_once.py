"""Training on PostgreSQL: of clicks at the same moment one counts, and the others are told in words."""

from collections.abc import Callable

import pytest

from branches.models import AccessGrant
from records.models import Record
from tests.burden.test_survey_at_once import together
from tests.factories.reminders import make_action
from tests.reminders.scene import ON, Scene, make_scene
from tests.training.contest_scene import accepted, called, drafted, handed_in, judged, judging, three
from tests.training.mentor_scene import colleague, offered
from tests.training.output_scene import drafted as output_drafted
from tests.training.output_scene import published as output_published
from tests.training.session_scene import people, planned
from training.actions.contest_works import withdraw_work
from training.actions.contests import close_call, finish_judging, open_call, publish_contest
from training.actions.mentors import ask_help
from training.actions.outputs import submit_output, use_output
from training.actions.rotation import make_plan, publish_plan
from training.actions.sessions import hold_session
from training.models import (
    HelpRequest,
    Judgement,
    OutputUse,
    OutputVersion,
    RotationPlan,
    RotationVisit,
    Work,
)
from training.rules.contests import WorkState as State

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
RULE = {"kind": "event_offset", "anchor": "training_duty", "due_offset": {"days": 0}}
CLICKS = 5


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = make_scene(monkeypatch)
    make_action("training_duty", due_rule=RULE, record_kind="date_only", applies_when=["all"])
    return made


def test_of_many_clicks_a_work_is_handed_in_once(scene: Scene) -> None:
    contest = called(scene)
    refused = together([lambda: handed_in(contest, scene.first, scene.worker)] * CLICKS)
    assert (len(set(refused)), len(refused), Work.objects.count()) == (1, CLICKS - 1, 1)
    assert "constraint" not in refused


def test_a_contest_opens_closes_and_is_published_once(scene: Scene) -> None:
    contest = drafted(scene)
    refused = together([lambda: open_call(contest, by=scene.staff, on=ON)] * CLICKS)
    assert (len(refused), "constraint" in refused) == (CLICKS - 1, False)
    contest.refresh_from_db()
    assert contest.is_calling


def test_a_work_is_withdrawn_or_accepted_never_both(scene: Scene) -> None:
    contest = called(scene)
    work = handed_in(contest, scene.first, scene.worker)
    close_call(contest, by=scene.staff, on=ON)
    refused = together([lambda: withdraw_work(work, by=scene.worker), lambda: accepted(work, scene.staff)])
    work.refresh_from_db()
    # Withdrawn after it was accepted: nobody is refused, and it stays withdrawn.
    assert (len(refused) <= 1, work.state) == (True, State.WITHDRAWN)


def test_a_judgement_is_given_once_and_the_result_frozen_once(scene: Scene) -> None:
    judges = three(scene)
    contest, work = judging(scene, judges)
    refused = together([lambda: judged(work, judges[0])] * CLICKS)
    assert (len(refused), Judgement.objects.count()) == (CLICKS - 1, 1)
    for judge in judges[1:]:
        judged(work, judge)
    assert len(together([lambda: finish_judging(contest, by=scene.staff, on=ON)] * 3)) == 2
    assert len(together([lambda: publish_contest(contest, by=scene.staff, on=ON)] * 3)) == 2
    contest.refresh_from_db()
    assert contest.is_published


def test_attendance_makes_one_record_a_branch(scene: Scene) -> None:
    session, came = planned(scene), people(scene, 2)
    keys = [member.pk for member in came]
    refused = together([lambda: hold_session(session, present=keys, by=scene.staff, on=ON)] * CLICKS)
    assert (len(refused), Record.objects.count()) == (CLICKS - 1, 1)


def test_a_helper_is_asked_once(scene: Scene) -> None:
    offer = offered(colleague(scene))
    refused = together([lambda: ask_help(offer, by=scene.worker, on=ON)] * CLICKS)
    assert (len(refused), HelpRequest.objects.count()) == (CLICKS - 1, 1)


def test_an_output_is_submitted_and_taken_up_once(scene: Scene) -> None:
    output = output_drafted(scene)
    refused = together([lambda: submit_output(output, by=scene.worker, on=ON)] * CLICKS)
    assert (len(refused), OutputVersion.objects.count()) == (CLICKS - 1, 1)
    used = output_published(scene, title="另一项")
    user = colleague(scene)
    take: list[Callable[[], object]] = [
        lambda: use_output(used, scene.second, changed="省了一半时间", since=ON, by=user, on=ON)
    ]
    assert together(take * CLICKS) == []
    assert OutputUse.objects.count() == 1


def test_a_rotation_is_published_once_and_opens_each_door_once(scene: Scene) -> None:
    make: list[Callable[[], object]] = [
        lambda: make_plan(scene.general, year=ON.year + 1, per_month=1, busy=[], by=scene.staff, on=ON)
    ]
    assert (len(together(make * 3)), RotationPlan.objects.count()) == (2, 1)
    plan = RotationPlan.objects.get()
    together([lambda: publish_plan(plan, by=scene.staff, on=ON)] * CLICKS)
    assert AccessGrant.objects.count() == RotationVisit.objects.count() > 0
