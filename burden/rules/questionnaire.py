"""The pulse survey as it is asked: versions of closed questions, each with the steps of its scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

STANCE, SATISFACTION = "stance", "satisfaction"
STRUGGLING, INITIATIVE = "1", "3"
# Of the members' survey: how they find the Party affairs work of their branch.
PARTY_WORK = "party_work"


class SurveyKind(TextChoices):
    PULSE = "pulse", "减负问卷"
    MEMBERS = "members", "党员满意度问卷"


@dataclass(frozen=True)
class Question:
    """`options`: code → words, from worst to best; the codes are 1, 2, 3 …"""

    code: str
    name: str
    ask: str
    options: Mapping[str, str]
    scored: bool

    @property
    def scores(self) -> dict[str, int]:
        return {code: int(code) for code in self.options}

    def words(self, keys: tuple[str, ...]) -> str:
        """One option, or neighbours that are shown as one: “很重～一般”."""
        first, last = self.options[keys[0]], self.options[keys[-1]]
        return first if len(keys) == 1 else f"{first}～{last}"


@dataclass(frozen=True)
class Questionnaire:
    version: int
    title: str
    questions: tuple[Question, ...]
    kind: SurveyKind = SurveyKind.PULSE


def read_questionnaire(given: Mapping[str, Any]) -> Questionnaire:
    questions = tuple(_question(one) for one in given["questions"])
    kind = SurveyKind(given.get("kind", SurveyKind.PULSE))
    return Questionnaire(int(given["version"]), str(given["title"]), questions, kind)


def _question(given: Mapping[str, Any]) -> Question:
    options = {str(n): str(words) for n, words in enumerate(given["options"], start=1)}
    return Question(
        str(given["code"]), str(given["name"]), str(given["ask"]), options, scored=bool(given["scored"])
    )
