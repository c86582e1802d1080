"""Requests to correct one's own data, and the mark that a leaver's data was erased."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from branches.models import Member, Organisation
from personal.rules import UNANSWERED, CorrectionState, CorrectionSubject

if TYPE_CHECKING:
    from accounts.models import User

ANSWER = "personal.answer_correction"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def waiting(self) -> Self:
        return self.filter(state=CorrectionState.WAITING)

    def of(self, user: "User") -> Self:
        return self.filter(user=user.pk)


class Correction(models.Model):
    """Somebody says that something kept about them is wrong; staff of the organisation answer."""

    State = CorrectionState  # templates name states by it

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="corrections")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="corrections")
    subject = models.CharField("哪一类信息", max_length=10, choices=CorrectionSubject)
    words = models.CharField("哪里不对", max_length=500)
    asked_at = models.DateTimeField("提出时间")
    state = models.CharField("状态", max_length=10, choices=CorrectionState, default=CorrectionState.WAITING)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections_answered",
        verbose_name="答复人",
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answer = models.CharField("答复", max_length=500, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "更正申请"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "subject"],
                condition=Q(state=CorrectionState.WAITING),
                name="correction_waiting_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(UNANSWERED), answered_by=None, answered_at=None, answer="")
                | ~Q(state__in=sorted(UNANSWERED))
                & Q(answered_by__isnull=False, answered_at__isnull=False)
                & ~Q(answer=""),
                name="correction_answered_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("user")),
                name="correction_answered_by_another",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="correction_of_place")]

    def __str__(self) -> str:
        return f"{self.get_subject_display()}的更正申请"


class Erasure(models.Model):
    """A leaver's personal data is gone: when, and which ledgers still carry the name."""

    # Not one to one: who comes back and leaves again is erased again.
    member = models.ForeignKey(Member, models.PROTECT, related_name="erasures")
    done_on = models.DateField("清除日期")
    name_kept = models.BooleanField("保留姓名")
    ledgers = models.JSONField("保留姓名的台账", default=list)
    removed = models.JSONField("清除的内容", default=dict)

    class Meta:
        verbose_name = "离开人员信息清除"
