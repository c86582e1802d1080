"""Appeals: a person contests the own year or one entry of it, another answers in writing."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from incentives.models.contributions import ContributionEntry
from incentives.rules.appeals import AppealState

if TYPE_CHECKING:
    from accounts.models import User

ANSWER_APPEAL = "incentives.answer_appeal"


class AppealQuerySet(models.QuerySet["Appeal"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """One's own, and those one may answer."""
        answered = Organisation.objects.permitted_to(user, ANSWER_APPEAL, on=on)
        return self.filter(Q(user=user.pk) | Q(organisation__in=answered))

    def waiting(self) -> Self:
        return self.filter(state=AppealState.WAITING)


class Appeal(models.Model):
    """`entry`: the one that is contested; without it the year as a whole is."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="appeals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="appeals")
    year = models.PositiveSmallIntegerField("年度")
    entry = models.ForeignKey(
        ContributionEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appeals",
        verbose_name="哪一条",
    )
    words = models.CharField("哪里不对", max_length=500)
    state = models.CharField("状态", max_length=10, choices=AppealState, default=AppealState.WAITING)
    made_on = models.DateField("提出日期")
    due_on = models.DateField("答复期限")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appeals_answered",
        db_index=False,
    )
    answered_on = models.DateField("答复日期", null=True, blank=True)
    answer = models.CharField("答复", max_length=500, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = "申诉"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "year"],
                condition=Q(state=AppealState.WAITING, entry=None),
                name="appeal_waiting_once_a_year",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state=AppealState.WAITING), name="appeal_waiting_once_an_entry"
            ),
            models.CheckConstraint(
                condition=Q(state=AppealState.WAITING, answered_by=None, answered_on=None, answer="")
                | ~Q(state=AppealState.WAITING)
                & Q(answered_by__isnull=False, answered_on__isnull=False)
                & ~Q(answer=""),
                name="appeal_answered_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("user")), name="appeal_answered_by_another"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="appeal_of_place")]
