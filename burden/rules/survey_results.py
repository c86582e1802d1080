"""What is said of one survey, worked out from its published groups and from nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from burden.rules.questionnaire import INITIATIVE, STANCE, STRUGGLING, Question, Questionnaire
from burden.rules.suppression import LEAST, Group, Mean, about, mean, published, shares

# As it is stored: question → [[option codes, about how many], …].
Tables = Mapping[str, Any]
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Line:
    """One option, or several that are shown as one."""

    words: str
    about: int
    share: int
    merged: bool


@dataclass(frozen=True)
class Reading:
    """One question: its lines from worst to best; none where too few answered it."""

    question: Question
    lines: tuple[Line, ...]
    mean: Mean | None

    @property
    def undivided(self) -> bool:
        """Everything is one group: the answers lie so close that no line between them may be drawn."""
        return len(self.lines) == 1


@dataclass(frozen=True)
class Edition:
    """The baseline or one closed round. `people` is None where too few answered to say anything."""

    label: str
    people: int | None
    readings: Mapping[str, Reading]
    sample: bool = False
    baseline: bool = False
    pk: int = 0
    source: str = ""

    def mean_of(self, code: str) -> Mean | None:
        reading = self.readings.get(code)
        return reading.mean if reading else None


@dataclass(frozen=True)
class Step:
    """One point of the trend “struggling → initiative”: percents, None where they are not shown apart."""

    label: str
    struggling: int | None
    initiative: int | None


def tables_of(questionnaire: Questionnaire, counts: Counts) -> Tables:
    """The exact counts as they may be kept: groups of at least five, each to the nearest five."""
    found: dict[str, Any] = {}
    for question in questionnaire.questions:
        given = counts.get(question.code, {})
        groups = published({key: given.get(key, 0) for key in question.options}, ordered=True)
        if groups:
            found[question.code] = [[list(group.keys), group.about] for group in groups]
    return found


def people_of(number: int) -> int | None:
    """About how many answered; None below five."""
    return about(number) if number >= LEAST else None


def readings_of(questionnaire: Questionnaire, tables: Tables) -> dict[str, Reading]:
    return {
        question.code: reading_of(question, [Group(tuple(keys), n) for keys, n in tables[question.code]])
        for question in questionnaire.questions
        if question.code in tables
    }


def reading_of(question: Question, groups: Sequence[Group]) -> Reading:
    lines = tuple(
        Line(question.words(group.keys), group.about, share, len(group.keys) > 1)
        for group, share in zip(groups, shares(groups), strict=True)
    )
    return Reading(question, lines, mean(groups, question.scores) if question.scored else None)


def step_of(edition: Edition) -> Step:
    reading = edition.readings.get(STANCE)
    if reading is None:
        return Step(edition.label, None, None)
    alone = {line.words: line.share for line in reading.lines if not line.merged}
    options = reading.question.options
    return Step(edition.label, alone.get(options[STRUGGLING]), alone.get(options[INITIATIVE]))


def least_codes(invited: int) -> int:
    """So many codes that what is left over in the bowl does not say who stayed away."""
    return invited + max(10, ceil(invited / 5))


def trend_words(steps: Sequence[Step]) -> str:
    """From the first to the last point, where both ends are shown apart in both."""
    if len(steps) < 2:
        return ""
    first, last = steps[0], steps[-1]
    ends = (("主动作为", first.initiative, last.initiative), ("疲于应付", first.struggling, last.struggling))
    said = [f"选“{name}”的从 {a}% 到 {b}%" for name, a, b in ends if a is not None and b is not None]
    return f"{first.label}到{last.label}，{'，'.join(said)}。" if said else ""
