"""A draft of joint branches, from the proposal to its carrying out."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models.member import Member
from branches.models.organisation import Organisation
from branches.rules import JointPlanState

if TYPE_CHECKING:
    from accounts.models import User


class JointPlanQuerySet(models.QuerySet["JointPlan"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.permitted_to(user, "branches.view_joint_plan", on=on)


class JointPlan(models.Model):
    """An accepted proposal. `figures` keeps what was said when it was accepted: reasons, numbers, gap."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="joint_plans")
    state = models.CharField("状态", max_length=12, choices=JointPlanState, default=JointPlanState.DRAFT)
    as_of = models.DateField("测算日期")
    parameters = models.JSONField("条件", default=dict)
    figures = models.JSONField("测算结果", default=dict)
    effective_on = models.DateField("实施日期", null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="joint_plans")
    made_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.CharField("说明", max_length=200, blank=True)

    objects = JointPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "联合党支部方案"


class JointPlanGroup(models.Model):
    """The branches that become one joint branch; the branch where they meet is the seat."""

    plan = models.ForeignKey(JointPlan, models.PROTECT, related_name="groups")
    name = models.CharField("联合党支部名称", max_length=80)
    seat = models.ForeignKey(Organisation, models.PROTECT, related_name="seat_of_joint_groups")
    branches = models.ManyToManyField(Organisation, related_name="joint_groups")
    secretary = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposed_for_joint_groups",
        verbose_name="书记人选",
    )
    # The organisation that the carrying out made.
    made = models.OneToOneField(
        Organisation, models.PROTECT, null=True, blank=True, related_name="made_by_joint_group"
    )

    class Meta:
        verbose_name = "联合党支部"
        constraints = [models.UniqueConstraint(fields=["plan", "name"], name="joint_group_name_once")]


class JointPlanStep(models.Model):
    """One filing step of the draft: application, reply, election, filing (rows of the rule data)."""

    plan = models.ForeignKey(JointPlan, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField("序号")
    name = models.CharField("环节", max_length=80)
    done_on = models.DateField("办理日期", null=True, blank=True)
    document = models.CharField("文号或说明", max_length=120, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="entered_joint_steps"
    )

    class Meta:
        verbose_name = "报批环节"
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="joint_plan_step_once"),
            models.CheckConstraint(
                condition=Q(done_on=None, document="") | Q(done_on__isnull=False),
                name="joint_plan_step_document_with_day",
            ),
        ]
