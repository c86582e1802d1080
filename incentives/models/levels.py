"""Levels of a person: criteria in versions, applications, panel votes, terms, yearly checks, warnings."""

from datetime import date
from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from incentives.models.contributions import VIEW_RECORD
from incentives.rules.levels import RUNNING_LEVELS, LevelCheck, LevelCode, LevelState, PanelChoice, TermOrigin
from records.rules import VoteCount, vote_passed

if TYPE_CHECKING:
    from accounts.models import User

APPLY_LEVEL, DECIDE_LEVEL = "incentives.apply_level", "incentives.decide_level"


Row = TypeVar("Row", bound=models.Model)


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows of a person (`user`) at an organisation."""

    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """One's own, and those of organisations whose records one grades."""
        graded = Organisation.objects.permitted_to(user, VIEW_RECORD, on=on)
        return self.filter(Q(user=user.pk) | Q(organisation__in=graded))


class LevelPolicy(models.Model):
    """One version of the criteria from a day on, with its document. Rows never change.

    levels: the list `levels` in the shape of incentives/data/levels.yaml.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="level_policies", db_index=False
    )
    since = models.DateField("自哪天起执行")
    document = models.CharField("依据文件", max_length=120)
    note = models.CharField("说明", max_length=200)
    levels = models.JSONField("标准")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="level_policies_made", db_index=False
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "等级标准版本"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "since"], name="level_policy_once"),
        ]


class LevelFact(models.Model):
    """What the portal cannot know of a person, written down by staff with its source."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="level_facts")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="level_facts", db_index=False)
    check_code = models.CharField("条件", max_length=13, choices=LevelCheck)
    happened_on = models.DateField("日期")
    amount = models.DecimalField("数量（学时、分数、次数）", max_digits=6, decimal_places=1)
    words = models.CharField("内容", max_length=120)
    source = models.CharField("出处", max_length=120)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="level_facts_made", db_index=False
    )
    made_at = models.DateTimeField(auto_now_add=True)
    taken_back_for = models.CharField("撤销原因", max_length=200, blank=True)

    objects = OwnedQuerySet["LevelFact"].as_manager()

    class Meta:
        verbose_name = "等级佐证"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="level_fact_counts"),
            models.CheckConstraint(condition=~Q(source=""), name="level_fact_has_source"),
        ]


class LevelCase(models.Model):
    """One application for the next level, or for the same one again.

    evidence: {"level", "person", "organisation", "on", "document", "criteria": [{words, origin, verdict,
    data}]}, frozen when applied; checksum: SHA-256 of its one written form.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="level_cases")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="level_cases")
    level = models.CharField("等级", max_length=10, choices=LevelCode)
    renews = models.BooleanField("续期", default=False)
    statement = models.CharField("本人说明", max_length=600, blank=True)
    state = models.CharField("状态", max_length=9, choices=LevelState, default=LevelState.APPLIED)
    applied_on = models.DateField("申请日期")
    evidence = models.JSONField("证据")
    checksum = models.CharField("校验码", max_length=64)
    # As the criteria said when it was applied for.
    coefficient = models.DecimalField("等级系数", max_digits=3, decimal_places=2)
    term_years = models.PositiveSmallIntegerField("有效年数")
    voted_on = models.DateField("评审日期", null=True, blank=True)
    ended_on = models.DateField("结束日期", null=True, blank=True)
    ended_for = models.CharField("说明", max_length=200, blank=True)

    objects = OwnedQuerySet["LevelCase"].as_manager()

    class Meta:
        verbose_name = "等级申请"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=sorted(RUNNING_LEVELS)), name="level_case_one_runs"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(RUNNING_LEVELS), ended_on=None)
                | ~Q(state__in=sorted(RUNNING_LEVELS)) & Q(ended_on__isnull=False),
                name="level_case_end_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()}{'续期' if self.renews else '认定'}"


class PanelVote(models.Model):
    """How one named member of the panel voted."""

    case = models.ForeignKey(LevelCase, models.PROTECT, related_name="votes", db_index=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="panel_votes")
    choice = models.CharField("意见", max_length=7, choices=PanelChoice)

    class Meta:
        verbose_name = "评审意见"
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="panel_vote_once")]


def count_votes(matter: str, choices: list[str]) -> VoteCount:
    present = len(choices) - choices.count(PanelChoice.ABSENT)
    counts = [choices.count(choice) for choice in (PanelChoice.YES, PanelChoice.NO, PanelChoice.ABSTAIN)]
    return VoteCount(matter, len(choices), present, *counts)


def panel_passed(choices: list[str]) -> bool:
    return vote_passed(count_votes("", choices))


class LevelTermQuerySet(OwnedQuerySet["LevelTerm"]):
    def at(self, on: date) -> Self:
        """Held on that day. Past `until` a level waits for its renewal; it is not lost by a date alone."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=on), since__lte=on)


class LevelTerm(models.Model):
    """A level held from a day on; `ended_on` is the first day it no longer holds."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="level_terms")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="level_terms")
    level = models.CharField("等级", max_length=10, choices=LevelCode)
    coefficient = models.DecimalField("等级系数", max_digits=3, decimal_places=2)
    since = models.DateField("自")
    until = models.DateField("有效期至")
    origin = models.CharField("由来", max_length=8, choices=TermOrigin)
    case = models.OneToOneField(LevelCase, models.PROTECT, null=True, blank=True, related_name="term")
    ended_on = models.DateField("不再有效自", null=True, blank=True)

    objects = LevelTermQuerySet.as_manager()

    class Meta:
        verbose_name = "等级"
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_on=None), name="level_term_one_holds"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="level_term_days_in_order"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("since")), name="level_term_ends_after_begin"
            ),
        ]

    def __str__(self) -> str:
        return self.get_level_display()


class LevelYear(models.Model):
    """Whether a finished year met the criteria of the level held; evidence as in LevelCase."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="level_years", db_index=False
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="level_years")
    term = models.ForeignKey(LevelTerm, models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField("年度")
    met = models.BooleanField("达标")
    evidence = models.JSONField("证据")
    checksum = models.CharField("校验码", max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="level_years_made", db_index=False
    )
    made_on = models.DateField("核对日期")

    objects = OwnedQuerySet["LevelYear"].as_manager()

    class Meta:
        verbose_name = "等级年度核对"
        constraints = [models.UniqueConstraint(fields=["user", "year"], name="level_year_once")]


class LevelWarning(models.Model):
    """The written notification before a level is lowered; lowered only when it has reached the person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="level_warnings")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="level_warnings")
    term = models.OneToOneField(LevelTerm, models.PROTECT, related_name="warning")
    years = models.JSONField("未达标年度")
    words = models.CharField("告知内容", max_length=600)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="level_warnings_written", db_index=False
    )
    written_on = models.DateField("告知日期")
    acknowledged_on = models.DateField("本人确认收到", null=True, blank=True)
    delivered_on = models.DateField("送达日期", null=True, blank=True)
    delivered_words = models.CharField("送达情况", max_length=200, blank=True)
    lowered_on = models.DateField("降级日期", null=True, blank=True)

    objects = OwnedQuerySet["LevelWarning"].as_manager()

    class Meta:
        verbose_name = "降级告知书"
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered_on=None, delivered_words="")
                | Q(delivered_on__isnull=False) & ~Q(delivered_words=""),
                name="level_warning_delivery_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(lowered_on=None)
                | Q(acknowledged_on__isnull=False)
                | Q(delivered_on__isnull=False),
                name="level_lowered_only_when_told",
            ),
        ]

    @property
    def has_reached(self) -> bool:
        return self.acknowledged_on is not None or self.delivered_on is not None
