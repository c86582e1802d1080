"""What is said of a survey: the trend in words and lines, the shipped questions, the drawings, the demo."""

import re
from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from branches.demo import DemoTree
from burden import demo_surveys
from burden.models import SurveyBaseline, SurveyRound
from burden.queries.questionnaires import current_questionnaire, questionnaires
from burden.queries.surveys import survey_overview
from burden.rules.questionnaire import PARTY_WORK, SATISFACTION, STANCE, SurveyKind
from burden.rules.survey_results import (
    Edition,
    Step,
    readings_of,
    step_of,
    tables_of,
    trend_words,
)
from burden.survey_charts import reading_chart, trend_chart
from tests.burden.survey_scene import survey_scene
from tests.factories.branches import make_user
from tests.reminders.scene import HOSTILE


def edition(*stance: int, label: str = "一轮") -> Edition:
    asked = current_questionnaire()
    counts = {STANCE: dict(zip("123", stance, strict=True))}
    return Edition(label, sum(stance), readings_of(asked, tables_of(asked, counts)))


def words_in(drawing: str) -> list[str]:
    return re.findall(r">([^<]+)</text>", drawing)


def test_every_version_of_the_questions_is_whole() -> None:
    for version, asked in questionnaires().items():
        codes = [one.code for one in asked.questions]
        pulse = asked.kind == SurveyKind.PULSE
        assert (asked.version, len(set(codes)), STANCE in codes) == (version, len(codes), pulse)
        assert {len(one.options) for one in asked.questions if one.scored} == {5}
        assert all(len(set(one.options.values())) == len(one.options) for one in asked.questions)
        told = SATISFACTION if pulse else PARTY_WORK
        assert next(one for one in asked.questions if one.code == told).scored
    named = [one.name for one in current_questionnaire().questions]
    assert named == [
        "工作负担", "业务能力", "工作时间", "成长进步", "得到认可", "职责清楚", "减负满意度", "工作状态"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stance", "struggling", "initiative"),
    [
        ((17, 11, 5), 50, 17),
        ((4, 10, 20), None, 57),
        ((17, 11, 4), 50, None),
        ((0, 0, 20), None, None),
        ((2, 1, 1), None, None),
    ],
)
def test_an_end_of_the_scale_is_said_where_it_stands_alone(
    stance: tuple[int, ...], struggling: int | None, initiative: int | None
) -> None:
    assert step_of(edition(*stance)) == Step("一轮", struggling, initiative)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([], ""),
        ([Step("甲", 50, 17)], ""),
        (
            [Step("甲", 50, 17), Step("乙", 1, 1), Step("丙", 14, 57)],
            "甲到丙，选“主动作为”的从 17% 到 57%，选“疲于应付”的从 50% 到 14%。",
        ),
        ([Step("甲", 50, None), Step("乙", 14, 57)], "甲到乙，选“疲于应付”的从 50% 到 14%。"),
        ([Step("甲", None, None), Step("乙", 14, 57)], ""),
    ],
)
def test_the_trend_in_words(steps: list[Step], words: str) -> None:
    assert trend_words(steps) == words


def test_a_question_is_drawn_with_its_groups() -> None:
    reading = edition(17, 11, 4).readings[STANCE]
    assert [(line.words, line.share, line.merged) for line in reading.lines] == [
        ("疲于应付", 50, False),
        ("两样都有～主动作为", 50, True),
    ]
    assert words_in(reading_chart(reading, uid="q")) == [
        "疲于应付", "50%　约 15 人", "两样都有～主动作为", "50%　约 15 人"
    ]  # fmt: skip


def test_a_missing_point_opens_the_line() -> None:
    whole = [Step("甲", 50, 20), Step("乙", 40, 30), Step("丙", 30, 40)]
    broken = [whole[0], Step("乙", 40, None), whole[2]]
    drawings = [trend_chart(steps, uid="t") for steps in (whole, broken)]
    assert [drawing.count("<path") for drawing in drawings] == [4, 2]
    assert [drawing.count("<circle") for drawing in drawings] == [6, 5]
    assert "乙：疲于应付 40%，主动作为 未单列" in drawings[1]


def test_a_hostile_label_stays_a_label() -> None:
    assert "<script>" not in trend_chart([Step(HOSTILE, 10, 20)], uid="t")


@pytest.mark.parametrize("as_of", [date(2026, 11, 18), date(2026, 7, 1), date(2027, 2, 28)])
def test_the_demo_has_a_baseline_two_rounds_and_one_that_runs(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path, as_of: date
) -> None:
    scene = survey_scene(monkeypatch, settings, tmp_path)
    tree = DemoTree(as_of, make_user(), scene.committee, scene.general, scene.staff)
    demo_surveys.load(tree)
    pulse = SurveyRound.objects.filter(kind=SurveyKind.PULSE).order_by("half")
    states = list(pulse.values_list("state", "people", "is_sample"))
    members = SurveyRound.objects.get(kind=SurveyKind.MEMBERS)
    assert (members.state, members.people, members.is_sample) == ("closed", 50, True)
    assert states == [("closed", 30, True), ("closed", 35, True), ("open", None, True)]
    assert (SurveyBaseline.objects.get().people, SurveyBaseline.objects.get().is_sample) == (33, True)
    found = survey_overview(scene.worker, on=as_of)
    steps = [step_of(one) for one in found.told]
    assert [(one.struggling, one.initiative) for one in steps] == [(50, 17), (33, 33), (14, 57)]
    means = [one.mean_of(SATISFACTION) for one in found.told]
    assert [str(mean.value) for mean in means if mean] == ["2.9", "3.0", "3.5"]
