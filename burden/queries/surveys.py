"""The pulse survey as it is read: editions in order, the trend, and the value for the measure list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import User
from branches.models import Organisation
from burden.models.surveys import RUN, VIEW, SurveyBaseline, SurveyRound
from burden.queries.questionnaires import questionnaires
from burden.rules.measured import Measured
from burden.rules.questionnaire import PARTY_WORK, SATISFACTION, SurveyKind
from burden.rules.survey_results import Edition, people_of, readings_of, tables_of
from periods.months import Month, add_months

# A value of the survey is held for so long: two rounds a year.
HOLDS_MONTHS = 12


@dataclass(frozen=True)
class Overview:
    """Everything of one organisation; `editions` from the baseline to the last closed round.

    rounds and editions are those of the pulse survey; member_rounds those of the members' survey.
    """

    place: Organisation | None
    rounds: list[SurveyRound]
    baseline: SurveyBaseline | None
    editions: list[Edition]
    member_rounds: list[SurveyRound]

    @property
    def running(self) -> SurveyRound | None:
        return next((one for one in [*self.rounds, *self.member_rounds] if one.is_open), None)

    @property
    def told(self) -> list[Edition]:
        """Editions of which something may be said."""
        return [edition for edition in self.editions if edition.readings]

    @property
    def latest(self) -> Edition | None:
        """The last closed round of which something may be said."""
        return next((edition for edition in reversed(self.told) if not edition.baseline), None)


def root_of(place: Organisation) -> Organisation:
    return Organisation.objects.get(path=place.path.partition("/")[0] + "/")


def root_for(user: User, permission: str, *, on: date) -> Organisation | None:
    """The whole to which the organisations belong on which the user has the permission."""
    mine = Organisation.objects.permitted_to(user, permission, on=on).in_tree_order().first()
    return root_of(mine) if mine else None


def survey_overview(user: User, *, on: date) -> Overview:
    """What everybody who signs in may read; four statements."""
    place = root_for(user, VIEW, on=on)
    if place is None:
        return Overview(None, [], None, [], [])
    every = list(SurveyRound.objects.filter(organisation=place).order_by("half"))
    rounds = [one for one in every if one.kind == SurveyKind.PULSE]
    members = [one for one in every if one.kind == SurveyKind.MEMBERS]
    baseline = SurveyBaseline.objects.filter(organisation=place).first()
    return Overview(place, rounds, baseline, editions_of(rounds, baseline), members)


def editions_of(rounds: Iterable[SurveyRound], baseline: SurveyBaseline | None) -> list[Edition]:
    first = [baseline_edition(baseline)] if baseline else []
    return first + [round_edition(one) for one in rounds if not one.is_open]


def round_edition(one: SurveyRound) -> Edition:
    return Edition(
        label=one.label if one.kind == SurveyKind.PULSE else str(one),
        people=one.people,
        readings=readings_of(questionnaires()[one.questionnaire], one.tables),
        sample=one.is_sample,
        pk=one.pk,
        source=f"{one.label}不记名问卷",
    )


def baseline_edition(baseline: SurveyBaseline) -> Edition:
    """Merged and rounded like a round, so that both compare and nobody is told apart."""
    asked = questionnaires()[baseline.questionnaire]
    return Edition(
        label=baseline.label,
        people=people_of(baseline.people),
        readings=readings_of(asked, tables_of(asked, baseline.counts)),
        sample=baseline.is_sample,
        baseline=True,
        source=baseline.source,
    )


def previous_editions(one: SurveyRound) -> list[Edition]:
    """What a round is compared with: the baseline and the closed rounds of its kind before it."""
    before = SurveyRound.objects.closed().filter(organisation=one.organisation, half__lt=one.half)
    earlier = before.filter(kind=one.kind)
    pulse = one.kind == SurveyKind.PULSE
    baseline = SurveyBaseline.objects.filter(organisation=one.organisation).first() if pulse else None
    return [edition for edition in editions_of(earlier.order_by("half"), baseline) if edition.readings]


def worker_satisfaction(place: Organisation, month: Month, on: date) -> Measured | None:
    """The mean of the last round that was closed by then and within a year."""
    last = min(month.last, on)
    closed = SurveyRound.objects.closed().filter(
        kind=SurveyKind.PULSE,
        organisation__path=place.path.partition("/")[0] + "/",
        closed_on__lte=last,
        closed_on__gt=add_months(last, -HOLDS_MONTHS),
    )
    one = closed.order_by("-half").first()
    said = round_edition(one).mean_of(SATISFACTION) if one else None
    if one is None or said is None:
        return None
    words = f"{one.label}不记名问卷，约 {one.people} 人作答，“减负满意度”按公布的各组计算（满分 5 分）。"
    return Measured(said.value, words, reverse("burden:survey_detail", args=(one.pk,)))


def member_satisfaction(year: int, until: date) -> dict[str, Measured]:
    """By path of the whole: the mean of the last members' round closed in that year; one statement.

    Branches are not told apart: of so few people a branch's mean would be somebody's answer.
    """
    closed = SurveyRound.objects.closed().filter(
        kind=SurveyKind.MEMBERS, closed_on__year=year, closed_on__lte=until
    )
    found: dict[str, Measured] = {}
    for one in closed.select_related("organisation").order_by("half"):
        said = round_edition(one).mean_of(PARTY_WORK)
        if said is not None:
            words = f"{one}，约 {one.people} 人作答，均分 {said.value}（满分 5 分），只有整体结果"
            url = reverse("burden:survey_detail", args=(one.pk,))
            found[one.organisation.path] = Measured(said.value, words, url)
    return found


def may_run(user: User, one: SurveyRound, *, on: date) -> bool:
    return SurveyRound.objects.permitted_to(user, RUN, on=on).filter(pk=one.pk).exists()
