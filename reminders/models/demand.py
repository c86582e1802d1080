"""What is regularly asked of branches outside the portal, and the hours agreed for Party affairs."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from branches.models import Organisation, Post
from reminders.demand_rules import DemandKind, DemandState, Nature, Per, minutes_a_month, times_a_year
from reminders.models.catalogue import reached

if TYPE_CHECKING:
    from accounts.models import User


class OutsideDemandQuerySet(models.QuerySet["OutsideDemand"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """Of organisations of whose register one may read, and of those above them."""
        return self.filter(reached(user, "burden.view_demand", on))

    def at(self, on: date) -> Self:
        """In the register on that day."""
        return self.filter(Q(until=None) | Q(until__gte=on), state=DemandState.STANDING, since__lte=on)

    def waiting_or_at(self, on: date) -> Self:
        """Proposed, or in the register on that day or later."""
        standing = Q(state=DemandState.STANDING) & (Q(until=None) | Q(until__gte=on))
        return self.filter(Q(state=DemandState.PROPOSED) | standing)

    def proposed(self) -> Self:
        return self.filter(state=DemandState.PROPOSED)


class OutsideDemand(models.Model):
    """Something asked again and again of an organisation and the branches below it, outside the portal.

    It holds over [since, until], both days included. What changes in minutes or frequency from a day on is a
    new row that `follows` the old one, so that past months keep what they asked.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="outside_demands", verbose_name="承担组织"
    )
    name = models.CharField("名称", max_length=80)
    asker = models.CharField("由谁提出", max_length=40)
    # Asked by the organisation itself, which may therefore end it.
    own = models.BooleanField("本组织自己的要求", default=False)
    kind = models.CharField("类别", max_length=12, choices=DemandKind)
    nature = models.CharField("性质", max_length=12, choices=Nature)
    times = models.PositiveSmallIntegerField("次数", validators=[MinValueValidator(1), MaxValueValidator(31)])
    per = models.CharField("周期", max_length=12, choices=Per)
    minutes = models.PositiveSmallIntegerField("每次分钟", validators=[MinValueValidator(1)])
    basis = models.CharField("依据", max_length=200, blank=True)
    verified = models.BooleanField("依据已核对", default=False)
    state = models.CharField("状态", max_length=12, choices=DemandState)
    since = models.DateField("从哪天起")
    until = models.DateField("到哪天止", null=True, blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)
    follows = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by", verbose_name="接续"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="outside_demands")
    made_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="decided_demands"
    )

    objects = OutsideDemandQuerySet.as_manager()

    class Meta:
        verbose_name = "系统外要求"
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="outside_demand_until_after_since"
            ),
            models.CheckConstraint(
                condition=~Q(state=DemandState.DECLINED) | ~Q(reason=""), name="outside_demand_declined_why"
            ),
            models.CheckConstraint(
                condition=Q(times__gte=1, minutes__gte=1), name="outside_demand_takes_time"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "since"], name="outside_demand_of_place")]

    def __str__(self) -> str:
        return self.name

    @property
    def times_a_year(self) -> Decimal:
        return times_a_year(self.times, self.per)

    @property
    def minutes_a_month(self) -> Decimal:
        return minutes_a_month(self.minutes, self.times_a_year)

    @property
    def frequency(self) -> str:
        return f"{Per(self.per).label} {self.times} 次"


class AgreedTimeQuerySet(models.QuerySet["AgreedTime"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(post__organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def at(self, on: date) -> Self:
        """Agreed for that day, with somebody who holds the post on it."""
        return self.filter(
            Q(until=None) | Q(until__gte=on),
            Q(post__until=None) | Q(post__until__gte=on),
            since__lte=on,
            post__since__lte=on,
        )


class AgreedTime(models.Model):
    """Hours a week a line manager leaves a worker for Party affairs, over [since, until], both included."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="agreed_times", verbose_name="党务工作者")
    hours_a_week = models.DecimalField(
        "每周小时",
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal("40"))],
    )
    usual_time = models.CharField("一般安排在", max_length=60, blank=True)
    agreed_with = models.CharField("商定的主管", max_length=60)
    since = models.DateField("从哪天起")
    until = models.DateField("到哪天止", null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="agreed_times")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = AgreedTimeQuerySet.as_manager()

    class Meta:
        verbose_name = "保障时间"
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="agreed_time_until_after_since"
            ),
            models.CheckConstraint(condition=Q(hours_a_week__gt=0), name="agreed_time_is_some"),
            models.UniqueConstraint(
                fields=["post"], condition=Q(until=None), name="agreed_time_once_per_post"
            ),
        ]
