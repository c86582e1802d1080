"""Rotation: the plan of a year, its turns, the branches each turn looks at, and who cannot go when."""

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import AccessGrant, Organisation
from errorbank.models import Inspection
from training.rules.rotation import MONTHS, MOST_A_MONTH, RotationState

if TYPE_CHECKING:
    from accounts.models import User

VIEW_ROTATION, PLAN_ROTATION = "training.view_rotation", "training.plan_rotation"


class RotationPlanQuerySet(models.QuerySet["RotationPlan"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """One's own plans, and what is published for one's branch."""
        runs = Organisation.objects.permitted_to(user, PLAN_ROTATION, on=on)
        places = Organisation.objects.permitted_to(user, VIEW_ROTATION, on=on)
        told = Q(organisation__in=places) | Q(organisation__in=places.values("parent"))
        return self.filter(Q(organisation__in=runs) | told & Q(state=RotationState.PUBLISHED))


class RotationPlan(models.Model):
    """`busy`: months in which one person is enough. `gap`: how far from the best the plan may be."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="rotation_plans", verbose_name="组织者"
    )
    year = models.PositiveSmallIntegerField("年度")
    per_month = models.PositiveSmallIntegerField("每月人数", default=MOST_A_MONTH)
    busy = models.JSONField("业务繁忙的月份", default=list, blank=True)
    state = models.CharField("状态", max_length=10, choices=RotationState, default=RotationState.DRAFT)
    gap = models.FloatField(default=0.0, editable=False)
    # Counts what people were told, so that nobody is told the same twice.
    revision = models.PositiveSmallIntegerField(default=0, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="made_rotations")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = RotationPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "轮训安排"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year"], name="rotation_once_a_year"),
            models.CheckConstraint(
                condition=Q(per_month__gte=1, per_month__lte=MOST_A_MONTH), name="rotation_one_or_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年轮训安排"

    @property
    def is_published(self) -> bool:
        return self.state == RotationState.PUBLISHED


class RotationSlot(models.Model):
    """One person in one month."""

    plan = models.ForeignKey(RotationPlan, models.CASCADE, related_name="slots")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="rotation_slots")
    month = models.PositiveSmallIntegerField()
    # What was handed in at the end; signed by a staff member.
    inspection = models.OneToOneField(
        Inspection, models.PROTECT, null=True, blank=True, related_name="rotation_slot"
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="signed_rotations"
    )
    signed_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "轮训月"
        constraints = [
            models.UniqueConstraint(fields=["plan", "user", "month"], name="rotation_slot_once"),
            models.CheckConstraint(
                condition=Q(month__gte=MONTHS[0], month__lte=MONTHS[-1]), name="rotation_slot_month"
            ),
            models.CheckConstraint(
                condition=Q(signed_on=None, signed_by=None)
                | Q(signed_on__isnull=False, signed_by__isnull=False, inspection__isnull=False),
                name="rotation_slot_signed_whole",
            ),
        ]

    @property
    def since(self) -> date:
        return date(self.plan.year, self.month, 1)

    @property
    def until(self) -> date:
        return date(self.plan.year, self.month, monthrange(self.plan.year, self.month)[1])


class RotationVisit(models.Model):
    """A branch of a turn; `grant` is the dated right to read there, once the plan is published."""

    slot = models.ForeignKey(RotationSlot, models.CASCADE, related_name="visits")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="rotation_visits")
    grant = models.OneToOneField(
        AccessGrant, models.SET_NULL, null=True, blank=True, related_name="rotation_visit"
    )

    class Meta:
        verbose_name = "轮训支部"
        constraints = [models.UniqueConstraint(fields=["slot", "organisation"], name="rotation_visit_once")]


class RotationAway(models.Model):
    """A month a person cannot go. Only the month: why is nobody's business here."""

    plan = models.ForeignKey(RotationPlan, models.CASCADE, related_name="away")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="rotation_away")
    month = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = "不便参加的月份"
        constraints = [models.UniqueConstraint(fields=["plan", "user", "month"], name="rotation_away_once")]


class BranchPairQuerySet(models.QuerySet["BranchPair"]):
    def among(self, places: "models.QuerySet[Organisation]") -> Self:
        return self.filter(first__in=places, second__in=places)


class BranchPair(models.Model):
    """Two branches that work as a pair (结对共建): neither looks at the other in a rotation."""

    first = models.ForeignKey(Organisation, models.CASCADE, related_name="pairs_begun", verbose_name="支部")
    second = models.ForeignKey(Organisation, models.CASCADE, related_name="pairs_joined", verbose_name="支部")

    objects = BranchPairQuerySet.as_manager()

    class Meta:
        verbose_name = "结对支部"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="branch_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="branch_pair_in_order"),
        ]
