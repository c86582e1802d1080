"""A round of the pulse survey in the scene of two general branches, with its own box of ballots."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from pytest_django import Settings

from branches.sealed import digest
from burden.actions.survey_answers import CODE_PURPOSE
from burden.actions.surveys import close_round, open_round
from burden.box.ballots import Ballots, ballot_box
from burden.models import SurveyCode, SurveyRound
from burden.queries.questionnaires import current_questionnaire
from burden.rules.survey_codes import new_codes
from tests.reminders.scene import ON, Scene, make_scene

CLOSES = ON.replace(day=30)
HERE = "/box/survey/"
# How many of ten people chose each option, from worst to best; three options for the last question.
TEN = {"load": (0, 2, 3, 5, 0), "stance": (1, 4, 5)}


def own_box(settings: Settings, folder: Path) -> Path:
    """Where the ballots of this test wait."""
    settings.VAR_DIR = folder
    return folder / "box"


def survey_scene(monkeypatch: pytest.MonkeyPatch, settings: Settings, folder: Path) -> Scene:
    own_box(settings, folder)
    return make_scene(monkeypatch)


def begin(scene: Scene) -> SurveyRound:
    return open_round(scene.general, closes_on=CLOSES, by=scene.staff, on=ON)


def give_codes(one: SurveyRound, number: int) -> list[str]:
    """As printing leaves them, without the paper."""
    codes = new_codes(number)
    marks = sorted(digest(code, purpose=CODE_PURPOSE) for code in codes)
    SurveyCode.objects.bulk_create([SurveyCode(digest=mark, round=one) for mark in marks])
    return codes


def all_answers(option: str = "2") -> dict[str, str]:
    return {one.code: option for one in current_questionnaire().questions}


def counts_like(given: Mapping[str, tuple[int, ...]]) -> dict[str, dict[str, int]]:
    """Every question gets the counts of `load`, the last one those of `stance`."""
    return {
        one.code: dict(zip(one.options, given["stance" if len(one.options) == 3 else "load"], strict=True))
        for one in current_questionnaire().questions
    }


def closed_round(scene: Scene, given: Mapping[str, tuple[int, ...]] = TEN, *, half: str = "") -> SurveyRound:
    """A round in which so many people answered like this."""
    one = begin(scene)
    with ballot_box() as box:
        box.write(Ballots(one.pk, sum(given["stance"]), counts_like(given)))
    closed = close_round(one, by=scene.staff, on=ON)
    if half:
        SurveyRound.objects.filter(pk=one.pk).update(half=half)
        closed.refresh_from_db()
    return closed
