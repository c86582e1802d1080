"""Inspections: who looked at whom, when, by which clauses."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from errorbank.rules import Source

if TYPE_CHECKING:
    from accounts.models import User


class InspectionQuerySet(models.QuerySet["Inspection"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """Of organisations the user oversees, and those that looked at one of the user's."""
        places = Organisation.objects.permitted_to(user, permission, on=on)
        looked_at = Inspection.targets.through.objects.filter(organisation__in=places)
        return self.filter(Q(organisation__in=places) | Q(pk__in=looked_at.values("inspection")))


class Inspection(models.Model):
    """One look at some branches. De-identified: no names of persons concerned, no discipline content."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="inspections", verbose_name="登记单位"
    )
    source = models.CharField("来源", max_length=24, choices=Source)
    title = models.CharField("名称", max_length=80)
    inspectors = models.CharField("检查人员（单位）", max_length=120, blank=True)
    since = models.DateField("开始")
    until = models.DateField("结束")
    targets = models.ManyToManyField(Organisation, related_name="inspected_by", verbose_name="检查对象")
    clauses = models.TextField("检查内容", max_length=1000, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="inspections_made")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = "检查"
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=models.F("since")), name="inspection_days_in_order")
        ]
