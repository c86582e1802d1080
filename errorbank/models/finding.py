"""Findings on a branch, what happened to them, and the rechecks that follow."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation, Post
from errorbank.models.entry import ErrorEntry
from errorbank.models.inspection import Inspection
from errorbank.rules import (
    UNFIXED_STATES,
    UNSETTLED_STATES,
    CauseLevel,
    ErrorCategory,
    FindingState,
    RecheckMode,
    RecheckState,
    Severity,
    Source,
    StepKind,
)

if TYPE_CHECKING:
    from accounts.models import User


class FindingQuerySet(models.QuerySet["Finding"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.permitted_to(user, "errorbank.view_finding", on=on)

    def unfixed(self) -> Self:
        return self.filter(state__in=sorted(UNFIXED_STATES))

    def unsettled(self) -> Self:
        return self.filter(state__in=sorted(UNSETTLED_STATES))

    def overdue(self, *, on: date) -> Self:
        return self.unfixed().filter(deadline_on__lt=on)

    def counted(self) -> Self:
        """What may stand against a branch: never what it reported itself."""
        return self.filter(self_reported=False)


class Finding(models.Model):
    """One problem of one branch, from being found to holding for good.

    category and severity are those of the finding: an entry may be reworded later, a repeat is more severe.
    `round` counts failures of rechecks along the chain of `repeat_of`.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="findings", db_index=False)
    inspection = models.ForeignKey(Inspection, models.PROTECT, null=True, blank=True, related_name="findings")
    entry = models.ForeignKey(ErrorEntry, models.PROTECT, null=True, blank=True, related_name="findings")
    action_code = models.CharField("关联事项", max_length=60, blank=True)
    category = models.CharField("类别", max_length=30, choices=ErrorCategory)
    source = models.CharField("来源", max_length=24, choices=Source)
    severity = models.CharField("程度", max_length=10, choices=Severity)
    problem = models.CharField("问题", max_length=200)
    detail = models.TextField("具体情况", max_length=600, blank=True)
    measure = models.CharField("整改措施", max_length=400, blank=True)
    # What the finding is about where that is one thing: "record:8", "member:12", "2026Q3".
    subject = models.CharField(max_length=60, default="", blank=True)
    self_reported = models.BooleanField("自查发现", default=False)
    # The day it happened; figures count by it. found_on: the day it was written down.
    happened_on = models.DateField("发生日期")
    found_on = models.DateField("发现日期")
    deadline_on = models.DateField("整改期限")
    responsible_post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="责任人"
    )
    responsible_name = models.CharField(max_length=40, default="", blank=True)
    cause = models.CharField("原因", max_length=24, choices=CauseLevel, default=CauseLevel.BRANCH)
    state = models.CharField("状态", max_length=12, choices=FindingState, default=FindingState.OPEN)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    # Who may fix what the branch cannot, and until when it is put off.
    accepted_until = models.DateField("暂缓至", null=True, blank=True)
    accepted_owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="findings_owned"
    )
    repeat_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="repeats")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="findings_made"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = "问题"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[FindingState.CLOSED, FindingState.RECHECKING])
                | Q(closed_on__isnull=False),
                name="finding_closed_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=FindingState.ACCEPTED)
                | Q(accepted_until__isnull=False, accepted_owner__isnull=False),
                name="finding_accepted_has_owner_and_end",
            ),
            models.CheckConstraint(
                condition=Q(deadline_on__gte=models.F("found_on")), name="finding_deadline_not_before_found"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state", "deadline_on"], name="finding_of_list"),
            models.Index(fields=["organisation", "entry", "-closed_on"], name="finding_same_entry"),
            models.Index(fields=["closed_on"], name="finding_closed"),
            models.Index(
                fields=["deadline_on"], condition=Q(state__in=sorted(UNFIXED_STATES)), name="finding_unfixed"
            ),
        ]


class FindingStep(models.Model):
    """One thing that happened to a finding; never edited."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind)
    on = models.DateField()
    # As it stood after the step: a past month counts by the deadline that held then.
    deadline_on = models.DateField("整改期限", null=True, blank=True)
    text = models.CharField(max_length=600, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="finding_steps"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "整改过程"


class RecheckQuerySet(models.QuerySet["Recheck"]):
    def waiting(self) -> Self:
        return self.filter(state=RecheckState.WAITING)

    def due(self, *, on: date) -> Self:
        return self.waiting().filter(due_on__lte=on)


class Recheck(models.Model):
    """One look, some time after closing, whether it still holds. `stage` 1, 2, 3 of the series.

    verifier: assigned for serious findings and drawn samples; never who fixed it, never of that branch.
    evidence: what stored data said when it decided, as {"words": …, "figures": …}.
    """

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="rechecks", db_index=False)
    stage = models.PositiveSmallIntegerField()
    due_on = models.DateField("复查日期")
    mode = models.CharField("方式", max_length=12, choices=RecheckMode)
    state = models.CharField(max_length=12, choices=RecheckState, default=RecheckState.WAITING)
    verifier = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="rechecks"
    )
    verifier_name = models.CharField(max_length=40, default="", blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField("结果说明", max_length=300, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    # What a failure became.
    new_finding = models.OneToOneField(
        Finding, models.PROTECT, null=True, blank=True, related_name="from_recheck"
    )

    objects = RecheckQuerySet.as_manager()

    class Meta:
        verbose_name = "复查"
        constraints = [
            models.UniqueConstraint(fields=["finding", "stage"], name="recheck_once_per_stage"),
            models.CheckConstraint(
                condition=~Q(state__in=[RecheckState.PASSED, RecheckState.FAILED]) | Q(done_on__isnull=False),
                name="recheck_done_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=RecheckState.FAILED) | Q(new_finding__isnull=False),
                name="recheck_failed_has_finding",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state=RecheckState.WAITING), name="recheck_waiting"),
        ]
