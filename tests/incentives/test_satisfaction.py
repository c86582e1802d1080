"""The members' survey in the annual record: the whole's figure for all alike, nothing below five."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_django import Settings

from burden.actions.surveys import SurveyRefused, close_round, open_round
from burden.box.ballots import Ballots, ballot_box
from burden.models import SurveyRound
from burden.queries.surveys import member_satisfaction, survey_overview, worker_satisfaction
from burden.rules.questionnaire import SurveyKind
from incentives.queries.records import worker_of, year_records
from incentives.queries.satisfaction import satisfaction
from periods.months import Month
from tests.burden.survey_scene import CLOSES, begin, survey_scene
from tests.factories.branches import make_holder
from tests.reminders.scene import ON, Scene

# The lowest three are shown as one and count in their middle.
TOLD = {"1": 0, "2": 0, "3": 5, "4": 10, "5": 5}


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Scene:
    return survey_scene(monkeypatch, settings, tmp_path)


def members_round(scene: Scene, people: int = 20) -> SurveyRound:
    one = open_round(scene.general, closes_on=CLOSES, by=scene.staff, on=ON, kind=SurveyKind.MEMBERS)
    tally = dict.fromkeys(("informed", "useful", "answered", "party_work"), TOLD)
    with ballot_box() as box:
        box.write(Ballots(one.pk, people, tally))
    return close_round(one, by=scene.staff, on=ON)


def test_the_figure_of_the_whole_counts_for_every_worker_of_it(scene: Scene) -> None:
    one, foreign = members_round(scene), make_holder(scene.foreign_branch)
    people = {scene.worker.pk: scene.first, foreign.pk: scene.foreign_branch}
    found = satisfaction(people, 2026, ON)
    assert (sorted(found), found[scene.worker.pk].value) == ([scene.worker.pk], Decimal("3.8"))
    assert found[scene.worker.pk].words == f"{one}，约 20 人作答，均分 3.8（满分 5 分），只有整体结果"
    worker = worker_of(scene.worker, 2026, on=ON)
    assert worker is not None
    parts = {
        part.label: part.measured.value
        for factor in year_records([worker], 2026, on=ON)[0].factors
        for part in factor.parts
    }
    assert parts["党员满意度"] == Decimal("3.8")


def test_of_fewer_than_five_and_of_another_year_there_are_no_data(scene: Scene) -> None:
    one = members_round(scene, people=4)
    assert (one.people, one.tables, member_satisfaction(2026, ON)) == (None, {}, {})
    SurveyRound.objects.all().delete()
    members_round(scene)
    assert (member_satisfaction(2025, ON), member_satisfaction(2026, date(2026, 11, 17))) == ({}, {})


def test_both_kinds_stand_beside_each_other_and_one_runs_at_a_time(scene: Scene) -> None:
    members_round(scene)
    with pytest.raises(SurveyRefused, match="已经做过"):
        members_round(scene)
    running = begin(scene)
    overview = survey_overview(scene.worker, on=ON)
    assert ([one.kind for one in overview.rounds], overview.running) == ([SurveyKind.PULSE], running)
    assert ([str(one) for one in overview.member_rounds], overview.latest) == (
        ["2026 年下半年党员满意度问卷"],
        None,
    )
    assert worker_satisfaction(scene.general, Month(2026, 11), ON) is None
    with pytest.raises(SurveyRefused, match="还有一轮"):
        open_round(
            scene.foreign_general, closes_on=CLOSES, by=scene.foreign_staff, on=ON, kind=SurveyKind.MEMBERS
        )
