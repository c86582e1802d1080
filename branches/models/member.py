"""People of the Party: dated events, and the spans derived from them."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models.correctable import Correctable, CorrectableQuerySet
from branches.models.organisation import Organisation
from branches.rules import PARTY_MEMBER_STATUSES, EventKind, MemberStatus

if TYPE_CHECKING:
    from accounts.models import User


class MemberQuerySet(models.QuerySet["Member"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """People of these organisations; who is in none today belongs to the last one they were in."""
        places = Organisation.objects.permitted_to(user, permission, on=on)
        return self.of_organisations(places, on=on)

    def of_organisations(self, places: models.QuerySet[Organisation], *, on: date) -> Self:
        spans = Membership.objects.decisive(on).filter(organisation__in=places)
        return self.filter(pk__in=spans.values("member"))

    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.permitted_to(user, "branches.view_member", on=on)

    def in_branch(self, organisation: Organisation, *, on: date) -> Self:
        """Party members (full and probationary) whose relation is in this branch on that day."""
        spans = Membership.objects.at(on).filter(organisation=organisation, status__in=PARTY_MEMBER_STATUSES)
        return self.filter(pk__in=spans.values("member"))


class Member(models.Model):
    """A person known to the Party organisation, from applicant to full member."""

    code = models.CharField("名册编号", max_length=32, unique=True)
    name = models.CharField("姓名", max_length=40)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="member",
        verbose_name="账号",
    )
    home_department = models.CharField("所在部门", max_length=60, blank=True)
    assigned = models.BooleanField("抽调", default=False, help_text="由其他部门调配到本支部。")
    joined_on = models.DateField("入党日期", null=True, blank=True)
    birth_on = models.DateField("出生日期", null=True, blank=True)
    # Sealed with the installation's key (branches.sealed); the digest finds the same person again.
    id_number_sealed = models.BinaryField(null=True, blank=True, editable=False)
    id_number_digest = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "党员"

    def __str__(self) -> str:
        return self.name


class MemberEventQuerySet(CorrectableQuerySet["MemberEvent"]):
    """Nothing beyond what stands."""


class MemberEvent(Correctable):
    """A dated fact. A correction keeps the old row, marked with when, by whom and why."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="events")
    kind = models.CharField("变动", max_length=24, choices=EventKind)
    on = models.DateField("日期")
    announced_on = models.DateField("决定日期", null=True, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="member_events", verbose_name="支部"
    )
    status = models.CharField("当时身份", max_length=20, choices=MemberStatus, blank=True)
    months = models.PositiveSmallIntegerField("延长月数", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = MemberEventQuerySet.as_manager()

    class Meta:
        verbose_name = "党员变动"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "on"], condition=Q(corrected_at=None), name="member_event_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=EventKind.PROBATION_EXTENDED, months__range=(6, 12))
                | (~Q(kind=EventKind.PROBATION_EXTENDED) & Q(months=None)),
                name="member_event_extension_6_to_12_months",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "on", "member"], condition=Q(corrected_at=None), name="member_event_standing"
            )
        ]


class MembershipQuerySet(models.QuerySet["Membership"]):
    def at(self, on: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)

    def decisive(self, on: date) -> Self:
        """One span per person: the latest begun, or the first of who has none begun yet."""
        others = Membership.objects.filter(member=models.OuterRef("member")).exclude(pk=models.OuterRef("pk"))
        begun = others.filter(since__lte=on)
        return self.filter(
            Q(since__lte=on) & ~models.Exists(begun.filter(since__gt=models.OuterRef("since")))
            | Q(since__gt=on)
            & ~models.Exists(begun)
            & ~models.Exists(others.filter(since__lt=models.OuterRef("since")))
        )


class Membership(models.Model):
    """Status and branch of one person over [since, until): derived from the events, never typed."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    status = models.CharField(max_length=20, choices=MemberStatus)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "身份期间"
        constraints = [
            models.UniqueConstraint(fields=["member", "since"], name="membership_once_per_start"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=models.F("since")), name="membership_until_after_since"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "status", "since", "until"], name="membership_of_branch")
        ]
