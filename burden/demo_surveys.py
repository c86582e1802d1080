"""The survey of the demo, all invented: a baseline, two closed rounds that lead upwards, one that runs."""

from collections.abc import Mapping
from datetime import date, timedelta

from branches.demo import DemoTree
from burden.actions.surveys import BaselineData, close_with, enter_baseline, open_round
from burden.box.ballots import Ballots, ballot_box
from burden.models.surveys import SurveyRound
from burden.queries.questionnaires import current_questionnaire
from burden.rules.questionnaire import SurveyKind
from periods.months import Month

Told = Mapping[str, tuple[int, ...]]

PAPER = 33
# How many chose each option, from worst to best.
BASELINE: Told = {
    "load": (9, 12, 8, 3, 1),
    "ability": (6, 11, 9, 6, 1),
    "time": (10, 13, 6, 3, 1),
    "promotion": (7, 11, 9, 5, 1),
    "recognition": (6, 10, 10, 6, 1),
    "clarity": (5, 12, 9, 6, 1),
    "satisfaction": (6, 10, 9, 7, 1),
    "stance": (17, 11, 5),
}
ROUNDS: tuple[Told, ...] = (
    {
        "load": (5, 9, 10, 6, 1),
        "ability": (2, 8, 11, 8, 2),
        "time": (5, 10, 9, 6, 1),
        "promotion": (3, 9, 11, 7, 1),
        "recognition": (2, 7, 12, 8, 2),
        "clarity": (1, 6, 10, 12, 2),
        "satisfaction": (2, 6, 11, 10, 2),
        "stance": (11, 12, 8),
    },
    {
        "load": (1, 6, 12, 11, 6),
        "ability": (0, 4, 11, 16, 5),
        "time": (2, 8, 12, 11, 3),
        "promotion": (1, 6, 12, 13, 4),
        "recognition": (0, 4, 10, 16, 6),
        "clarity": (0, 2, 7, 19, 8),
        "satisfaction": (1, 3, 8, 17, 7),
        "stance": (6, 12, 18),
    },
)
# Of all members, after the last closed round of the pulse survey.
MEMBERS: Told = {
    "informed": (0, 3, 8, 24, 17),
    "useful": (1, 5, 14, 22, 10),
    "answered": (0, 4, 12, 23, 13),
    "party_work": (0, 3, 10, 26, 13),
}
OPEN_DAYS = timedelta(days=14)


def load(tree: DemoTree) -> None:
    """A round in each of the two half-years before, one that began some days ago."""
    _baseline(tree)
    halves = [_half(tree.as_of, back) for back in (2, 1)]
    for first, told in zip(halves, ROUNDS, strict=True):
        opened = first.plus(4).day(10)
        one = open_round(tree.general, closes_on=opened + OPEN_DAYS, by=tree.staff, on=opened, sample=True)
        _answered(one, told, tree)
    _members(tree, one.closes_on + timedelta(days=2))
    opened = max(tree.as_of - timedelta(days=5), _half(tree.as_of, 0).first)
    open_round(tree.general, closes_on=opened + OPEN_DAYS, by=tree.staff, on=opened, sample=True)


def _members(tree: DemoTree, opened: date) -> None:
    kind, closes_on = SurveyKind.MEMBERS, opened + OPEN_DAYS
    one = open_round(tree.general, closes_on=closes_on, by=tree.staff, on=opened, sample=True, kind=kind)
    _answered(one, MEMBERS, tree)


def _half(day: date, back: int) -> Month:
    """First month of the half-year of that day, or of one before it."""
    first = Month(day.year, 1 if day.month <= 6 else 7)
    return first.plus(-6 * back)


def _counts(told: Told, kind: str = SurveyKind.PULSE) -> dict[str, dict[str, int]]:
    asked = current_questionnaire(kind)
    return {one.code: dict(zip(one.options, told[one.code], strict=True)) for one in asked.questions}


def _baseline(tree: DemoTree) -> None:
    data = BaselineData("论文调查", "演示数据，不是论文里的数；请照论文重新录入", PAPER, _counts(BASELINE))
    enter_baseline(tree.general, data=data, by=tree.staff, on=tree.as_of, sample=True)


def _answered(one: SurveyRound, told: Told, tree: DemoTree) -> None:
    """The sums as they stand when everybody has answered, and the end of the round."""
    with ballot_box() as box:
        people = sum(next(iter(told.values())))
        box.write(Ballots(one.pk, people, _counts(told, one.kind)))
        close_with(box, one, by=tree.staff, on=one.closes_on)
