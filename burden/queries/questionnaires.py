"""The shipped questionnaires, read once."""

from functools import cache
from pathlib import Path

import yaml

from burden.rules.questionnaire import Questionnaire, SurveyKind, read_questionnaire

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "survey.yaml"


@cache
def questionnaires() -> dict[int, Questionnaire]:
    """By version, the oldest first."""
    given = yaml.safe_load(SHIPPED.read_text("utf-8"))["versions"]
    found = [read_questionnaire(one) for one in given]
    return {one.version: one for one in sorted(found, key=lambda one: one.version)}


def current_questionnaire(kind: str = SurveyKind.PULSE) -> Questionnaire:
    """The latest version of that kind."""
    return max((one for one in questionnaires().values() if one.kind == kind), key=lambda one: one.version)
