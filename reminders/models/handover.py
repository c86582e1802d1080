"""Handing a post over: what the pack holds, who has checked, confirmed and signed it; stand-ins."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from branches.models import AccessGrant, Organisation, Post
from branches.rules import GrantKind, Role
from reminders.handover_rules import (
    RUNNING_STATES,
    Capacity,
    HandoverCause,
    HandoverState,
    LineState,
    Part,
    line_digest,
)

if TYPE_CHECKING:
    from accounts.models import User


class HandoverQuerySet(models.QuerySet["Handover"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """By a post on the organisation; a leaver's grant opens this person's own handovers alone."""
        grants = AccessGrant.objects.at(on).held_by(user).filter(kind=GrantKind.HANDOVER)
        own = Q(leaver=user.pk) & Exists(grants.filter(organisation=OuterRef("organisation")))
        places = Organisation.objects.permitted_to(user, "reminders.list_handovers", on=on)
        return self.filter(Q(organisation__in=places) | own)

    def running(self) -> Self:
        return self.filter(state__in=sorted(RUNNING_STATES))


class Handover(models.Model):
    """One post passing from one person to the next.

    Names are kept as they were: a past handover says who handed over to whom whatever happens to accounts.
    `last_day` is the leaver's last day in the post, known or planned. `changed_hands_at` is the moment in
    which the open items became the newcomer's.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="handovers", db_index=False)
    role = models.CharField("职务", max_length=30, choices=Role)
    cause = models.CharField("起因", max_length=20, choices=HandoverCause)
    last_day = models.DateField("离任日期")
    leaver_post = models.ForeignKey(Post, models.PROTECT, related_name="handovers_from")
    leaver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="handovers_from"
    )
    leaver_name = models.CharField("移交人", max_length=40)
    newcomer_post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="handovers_to"
    )
    newcomer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="handovers_to"
    )
    newcomer_name = models.CharField("接收人", max_length=40, default="", blank=True)
    mentor = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="handovers_mentored")
    mentor_name = models.CharField("结对帮带", max_length=40, default="", blank=True)
    state = models.CharField("状态", max_length=12, choices=HandoverState, default=HandoverState.OPEN)
    opened_on = models.DateField("开始日期")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="handovers_opened"
    )
    packed_at = models.DateTimeField("清单整理时间", null=True, blank=True)
    checked_at = models.DateTimeField("移交人核对时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("接收人确认时间", null=True, blank=True)
    changed_hands_at = models.DateTimeField("移交完成时间", null=True, blank=True)
    # The same as a day: what a list and the catalogue's own item count by.
    changed_hands_on = models.DateField("移交完成日期", null=True, blank=True)
    reason = models.CharField("撤销原因", max_length=200, default="", blank=True)
    # Empty when the portal cancelled it because its cause fell away: then it may open again by itself.
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="handovers_cancelled"
    )
    # A grant that has not begun is taken back whole when it is ended; the handover stays.
    grant = models.OneToOneField(AccessGrant, models.SET_NULL, null=True, blank=True, related_name="handover")

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = "工作交接"
        constraints = [
            models.UniqueConstraint(
                fields=["leaver_post"],
                condition=~Q(state=HandoverState.CANCELLED),
                name="handover_once_per_post",
            ),
            models.CheckConstraint(
                condition=~Q(state=HandoverState.CANCELLED) | ~Q(reason=""),
                name="handover_cancelled_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=HandoverState.SIGNED)
                | Q(
                    changed_hands_at__isnull=False,
                    changed_hands_on__isnull=False,
                    newcomer_post__isnull=False,
                ),
                name="handover_signed_has_newcomer",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="handover_of_organisation")]


class HandoverLine(models.Model):
    """One line of the pack. While it is open the line follows what it tells of; signed, it stands."""

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="lines", db_index=False)
    part = models.CharField("部分", max_length=20, choices=Part)
    subject = models.CharField(max_length=60)
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    detail = models.CharField(max_length=300, default="", blank=True)
    due_on = models.DateField(null=True, blank=True)
    url = models.CharField(max_length=200, default="", blank=True)
    state = models.CharField(max_length=10, choices=LineState, default=LineState.CURRENT)
    note = models.CharField("移交人说明", max_length=300, default="", blank=True)
    question = models.CharField("接收人疑问", max_length=300, default="", blank=True)
    confirmed_at = models.DateTimeField("接收人确认", null=True, blank=True)

    class Meta:
        verbose_name = "交接条目"
        constraints = [
            models.UniqueConstraint(fields=["handover", "part", "subject"], name="handover_line_once")
        ]

    @property
    def digest(self) -> str:
        return line_digest(self.title, self.detail, self.due_on, self.note)


class HandoverSignature(models.Model):
    """One signature under one handover. In absence: staff for the leaver, with the reason."""

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="signatures", db_index=False)
    capacity = models.CharField("身份", max_length=10, choices=Capacity)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="handover_signatures")
    name = models.CharField("签字人", max_length=40)
    in_absence = models.BooleanField("代签", default=False)
    reason = models.CharField("代签原因", max_length=200, default="", blank=True)
    signed_at = models.DateTimeField("签字时间")
    # SHA-256 of the lines as they stood, so that the PDF can be held against what was signed.
    content = models.CharField("内容摘要", max_length=64)

    class Meta:
        verbose_name = "交接签字"
        constraints = [
            models.UniqueConstraint(fields=["handover", "capacity"], name="handover_signed_once"),
            models.CheckConstraint(
                condition=Q(in_absence=False) | ~Q(reason=""), name="handover_absence_has_reason"
            ),
        ]


class StandInQuerySet(models.QuerySet["StandIn"]):
    def outlasting(self, *, on: date) -> Self:
        """With days after that one which the post no longer has: it ended after the leave was arranged."""
        return self.filter(grant__until__gt=on, absent_post__until__lt=F("grant__until"))

    def at(self, on: date) -> Self:
        return self.filter(grant__since__lte=on, grant__until__gte=on)

    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))


class StandIn(models.Model):
    """Who does whose work while that person is on leave; days and right are those of the grant.

    Why somebody is on leave is nobody's business here.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="stand_ins")
    absent_post = models.ForeignKey(Post, models.PROTECT, related_name="stand_ins")
    # A grant that has not begun is taken back whole when it is ended, and this with it.
    grant = models.OneToOneField(AccessGrant, models.CASCADE, related_name="stand_in")
    arranged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="stand_ins_arranged"
    )
    arranged_at = models.DateTimeField(auto_now_add=True)

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = "请假代办"
