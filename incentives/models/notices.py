"""Public notices of honours and levels, and the objections against them."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from burden.models.measures import within_sight
from incentives.rules.public_notices import (
    ENDED_NOTICES,
    RUNNING_NOTICES,
    NoticeState,
    NoticeSubject,
    ObjectionOutcome,
    ObjectionWay,
)

if TYPE_CHECKING:
    from accounts.models import User

VIEW_NOTICE, OBJECT = "incentives.view_notice", "incentives.raise_objection"
RECORD_OBJECTION, REVIEW = "incentives.record_objection", "incentives.review_objection"


class PublicNoticeQuerySet(models.QuerySet["PublicNotice"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """Posted for everybody at, below and above the organisation that posted it."""
        return self.filter(within_sight(user, VIEW_NOTICE, on=on))

    def running(self) -> Self:
        return self.filter(state__in=sorted(RUNNING_NOTICES))


class PublicNotice(models.Model):
    """One posting of one subject. `apart`: who has a part in it and so may not answer an objection."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="public_notices", db_index=False
    )
    subject_kind = models.CharField("类别", max_length=8, choices=NoticeSubject)
    subject_id = models.PositiveBigIntegerField()
    words = models.CharField("公示内容", max_length=300)
    opened_on = models.DateField("公示开始")
    until = models.DateField("公示截止")
    state = models.CharField("状态", max_length=8, choices=NoticeState, default=NoticeState.OPEN)
    # The first reviewer.
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="public_notices_opened", db_index=False
    )
    apart = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="public_notices_apart", verbose_name="须回避的人"
    )
    ended_on = models.DateField("结束日期", null=True, blank=True)
    stopped_for = models.CharField("中止原因", max_length=200, blank=True)

    objects = PublicNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "公示"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(state__in=sorted(RUNNING_NOTICES)),
                name="public_notice_one_runs",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(RUNNING_NOTICES), ended_on=None)
                | Q(state__in=sorted(ENDED_NOTICES), ended_on__isnull=False),
                name="public_notice_end_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=NoticeState.STOPPED) | ~Q(stopped_for=""),
                name="public_notice_stop_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="public_notice_of_place")]

    def __str__(self) -> str:
        return self.words

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING_NOTICES


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        places = Organisation.objects.permitted_to(user, permission, on=on)
        return self.filter(notice__organisation__in=places)

    def visible_to(self, user: "User", *, on: date) -> Self:
        """What one said or wrote down oneself, and what one may be asked to answer; nothing about oneself."""
        reviewed = Organisation.objects.permitted_to(user, REVIEW, on=on)
        own = Q(objector=user.pk) | Q(recorded_by=user.pk)
        apart = PublicNotice.objects.filter(apart=user.pk).values("pk")
        return self.filter(own | Q(notice__organisation__in=reviewed) & ~Q(notice__in=apart))

    def unanswered(self) -> Self:
        return self.filter(outcome="")

    def untold(self) -> Self:
        """Answered, and not yet told to whoever said it in person."""
        return self.filter(way=ObjectionWay.IN_PERSON, told_on=None).exclude(outcome="")


class Objection(models.Model):
    """What somebody held against a posted notice, and the recorded answer."""

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections")
    way = models.CharField("方式", max_length=10, choices=ObjectionWay)
    # Who said so by name here; in person a name may be noted, or none where the person asks for that.
    objector = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="objections_raised",
    )
    objector_name = models.CharField("反映人", max_length=40, blank=True)
    words = models.CharField("异议内容", max_length=500)
    received_on = models.DateField("收到日期")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="objections_recorded"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField("核查结论", max_length=10, choices=ObjectionOutcome, blank=True)
    answer = models.CharField("答复", max_length=500, blank=True)
    # The second reviewer.
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="objections_answered",
        db_index=False,
    )
    answered_on = models.DateField("答复日期", null=True, blank=True)
    # What was said in person is answered in person: when whoever wrote it down has told the answer.
    told_on = models.DateField("告知日期", null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "异议"
        constraints = [
            models.CheckConstraint(
                condition=Q(way=ObjectionWay.NAMED, objector__isnull=False)
                | Q(way=ObjectionWay.IN_PERSON, objector=None),
                name="objection_named_has_person",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", answer="", answered_by=None, answered_on=None)
                | ~Q(outcome="") & ~Q(answer="") & Q(answered_by__isnull=False, answered_on__isnull=False),
                name="objection_answer_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | Q(objector=None) | ~Q(answered_by=models.F("objector")),
                name="objection_answered_by_another",
            ),
            models.CheckConstraint(
                condition=Q(told_on=None) | Q(way=ObjectionWay.IN_PERSON) & ~Q(outcome=""),
                name="objection_told_after_answer",
            ),
            models.UniqueConstraint(
                fields=["notice", "objector"],
                condition=Q(objector__isnull=False, outcome=""),
                name="objection_one_open_each",
            ),
        ]
