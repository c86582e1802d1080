"""The pulse survey (减负问卷): rounds, their codes, and what was known before the first one.

No row per answer and no time: the answers of a running round are sums in burden.box.ballots; a closed
round holds its published groups alone. Codes are keyed digests, which are gone when the round closes.
"""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from burden.models.measures import within_sight
from burden.rules.questionnaire import SurveyKind
from periods.labels import period_label

if TYPE_CHECKING:
    from accounts.models import User

VIEW, RUN = "burden.view_survey", "burden.run_survey"


class SurveyState(models.TextChoices):
    OPEN = "open", "进行中"
    CLOSED = "closed", "已结束"


class SurveyRoundQuerySet(models.QuerySet["SurveyRound"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """Rounds of the whole to which the user's own organisations belong."""
        return self.filter(within_sight(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.permitted_to(user, VIEW, on=on)

    def open(self) -> Self:
        return self.filter(state=SurveyState.OPEN)

    def closed(self) -> Self:
        return self.filter(state=SurveyState.CLOSED)


class SurveyRound(models.Model):
    """One asking of a whole organisation, of each kind once in half a year at most."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="surveys", db_index=False)
    kind = models.CharField("问卷", max_length=8, choices=SurveyKind, default=SurveyKind.PULSE)
    half = models.CharField("半年", max_length=6)
    questionnaire = models.PositiveSmallIntegerField("问卷版本")
    state = models.CharField("状态", max_length=8, choices=SurveyState, default=SurveyState.OPEN)
    opened_on = models.DateField("开始日期")
    closes_on = models.DateField("计划截止日期")
    closed_on = models.DateField("结束日期", null=True, blank=True)
    # Of the last printing: how many were invited, and how many codes were printed for them.
    invited = models.PositiveSmallIntegerField("邀请人数", null=True, blank=True)
    codes_printed = models.PositiveSmallIntegerField("印制的码数", null=True, blank=True)
    codes_printed_on = models.DateField("印制日期", null=True, blank=True)
    # After closing, once for all: about how many answered, and the groups that may be shown.
    people = models.PositiveSmallIntegerField("约多少人作答", null=True, blank=True)
    tables = models.JSONField("公布的数", default=dict, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="surveys_opened", db_index=False
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="surveys_closed",
        db_index=False,
    )
    is_sample = models.BooleanField("演示数据", default=False)

    objects = SurveyRoundQuerySet.as_manager()

    class Meta:
        verbose_name = "问卷轮次"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "half", "kind"], name="survey_kind_once_in_half_a_year"
            ),
            # The public page names no organisation: one round runs at a time.
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=SurveyState.OPEN), name="survey_one_is_open"
            ),
            models.CheckConstraint(
                condition=Q(state=SurveyState.OPEN, closed_on=None, closed_by=None, people=None)
                | Q(state=SurveyState.CLOSED, closed_on__isnull=False, closed_by__isnull=False),
                name="survey_closed_by_somebody",
            ),
            # About how many is said in fives and never of fewer.
            models.CheckConstraint(condition=Q(people=None) | Q(people__gte=5), name="survey_never_few"),
        ]

    def __str__(self) -> str:
        return f"{self.label}{self.get_kind_display()}"

    @property
    def label(self) -> str:
        return period_label(self.half)

    @property
    def is_open(self) -> bool:
        return self.state == SurveyState.OPEN


class SurveyCode(models.Model):
    """The keyed digest of a code that opens the running round; who drew it nobody knows."""

    digest = models.CharField(max_length=64, primary_key=True)
    round = models.ForeignKey(SurveyRound, models.CASCADE, related_name="codes", db_index=False)

    class Meta:
        verbose_name = "问卷码"

    def __str__(self) -> str:
        return "问卷码"


class SurveyBaselineQuerySet(models.QuerySet["SurveyBaseline"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(within_sight(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.permitted_to(user, VIEW, on=on)


class SurveyBaseline(models.Model):
    """Figures of an earlier enquiry, entered once from where they were published."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="survey_baseline")
    label = models.CharField("名称", max_length=30)
    source = models.CharField("出处", max_length=120)
    people = models.PositiveSmallIntegerField("人数")
    questionnaire = models.PositiveSmallIntegerField("对应的问卷版本")
    # question → option → how many, as published there
    counts = models.JSONField("各选项人数")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="survey_baselines", db_index=False
    )
    entered_on = models.DateField("录入日期")
    is_sample = models.BooleanField("演示数据", default=False)

    objects = SurveyBaselineQuerySet.as_manager()

    class Meta:
        verbose_name = "问卷基线"
        constraints = [
            models.CheckConstraint(condition=Q(people__gte=5), name="survey_baseline_of_five_or_more")
        ]

    def __str__(self) -> str:
        return self.label
