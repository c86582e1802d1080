"""One person's way into the Party: a case, and the steps done in it."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from branches.models.correctable import Correctable, CorrectableQuerySet
from branches.models.member import Member
from branches.models.organisation import Organisation
from branches.rules import CaseState, StepOutcome

if TYPE_CHECKING:
    from accounts.models import User

# The half-yearly reviews of an activist and of a probationary member; after an extension of the
# probation the application and the approval come again.
REPEATED_STEPS = (6, 21, 22, 24)
FINAL_OUTCOMES = (StepOutcome.PASSED, StepOutcome.REVOKED)


class DevelopmentCaseQuerySet(models.QuerySet["DevelopmentCase"]):
    def ongoing(self) -> Self:
        return self.filter(state=CaseState.ONGOING)

    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(member__in=Member.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.permitted_to(user, "branches.view_development", on=on)


class DevelopmentCase(models.Model):
    """From the application to the filed conversion.

    `next_step`, `next_due_on` and `blocked` are derived from the steps whenever one is written, so that
    lists and reminders read them without computing; `next_due_on` is the last day, None without a limit.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="development_cases")
    state = models.CharField("状态", max_length=12, choices=CaseState, default=CaseState.ONGOING)
    opened_on = models.DateField("申请日期")
    closed_on = models.DateField("办结日期", null=True, blank=True)
    closing_note = models.CharField("办结说明", max_length=200, blank=True)
    next_step = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    next_from = models.DateField(null=True, blank=True, editable=False)
    next_due_on = models.DateField(null=True, blank=True, editable=False)
    # The portal proposes that day, the text names none: nothing is overdue after it.
    due_is_advice = models.BooleanField(default=False, editable=False)
    blocked = models.CharField(max_length=200, blank=True, editable=False)
    blocked_since = models.DateField(null=True, blank=True, editable=False)

    objects = DevelopmentCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "发展党员"
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state=CaseState.ONGOING), name="development_case_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.ONGOING, closed_on=None)
                | (~Q(state=CaseState.ONGOING) & Q(closed_on__isnull=False)),
                name="development_case_closed_has_day",
            ),
        ]

    @property
    def is_discontinued(self) -> bool:
        return self.state == CaseState.DISCONTINUED


class DevelopmentStepQuerySet(CorrectableQuerySet["DevelopmentStep"]):
    def revoking(self, on: date) -> Self:
        """Meetings up to that day that decided to revoke, in cases the committee has not ended."""
        cases = {"case__state": CaseState.ONGOING, "outcome": StepOutcome.REVOKED}
        return self.standing().filter(number=23, done_on__lte=on, **cases)


class DevelopmentStep(Correctable):
    """One of the 25 steps as it was done; REPEATED_STEPS come several times.

    `done_on` to `until_on` is the time of a public notice or a training. Nothing of a political review but
    its day and that it was passed.
    """

    case = models.ForeignKey(DevelopmentCase, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField(
        "步骤", validators=[MinValueValidator(1), MaxValueValidator(25)]
    )
    done_on = models.DateField("办理日期")
    until_on = models.DateField("截止日期", null=True, blank=True)
    # Who decided: the approving committee of steps 4, 8, 13, 17 and 24.
    decided_by = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decided_development_steps",
        verbose_name="审批的党组织",
    )
    people = models.ManyToManyField(Member, blank=True, related_name="accompanied_steps")
    # Of step 9 (第十四条). Only that it was looked at: who is under a punishment is written nowhere.
    introducers_confirmed = models.BooleanField("已核对介绍人不在处分影响期内", default=False)
    outcome = models.CharField("结果", max_length=12, choices=StepOutcome, default=StepOutcome.PASSED)
    months = models.PositiveSmallIntegerField("延长月数", null=True, blank=True)
    days = models.PositiveSmallIntegerField("培训天数", null=True, blank=True)
    hours = models.DecimalField("培训学时", max_digits=5, decimal_places=1, null=True, blank=True)
    eligible = models.PositiveSmallIntegerField("应到会有表决权党员", null=True, blank=True)
    present = models.PositiveSmallIntegerField("实到会有表决权党员", null=True, blank=True)
    approving = models.PositiveSmallIntegerField("赞成票（含会前书面意见）", null=True, blank=True)
    secret_ballot = models.BooleanField("无记名投票、逐个表决", null=True, blank=True)
    document = models.CharField("材料或文号", max_length=120, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = DevelopmentStepQuerySet.as_manager()

    class Meta:
        verbose_name = "发展党员步骤"
        constraints = [
            # A meeting may be held again after it did not pass, and once more after an extension.
            models.UniqueConstraint(
                fields=["case", "number"],
                condition=Q(corrected_at=None, outcome__in=FINAL_OUTCOMES) & ~Q(number__in=REPEATED_STEPS),
                name="development_step_once",
            ),
            models.UniqueConstraint(
                fields=["case", "number"],
                condition=Q(corrected_at=None, outcome=StepOutcome.EXTENDED, number=23),
                name="development_extension_once",
            ),
            models.UniqueConstraint(
                fields=["case", "number", "done_on"],
                condition=Q(corrected_at=None, number__in=REPEATED_STEPS),
                name="development_repeated_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, 25)), name="development_step_number_1_to_25"
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=models.F("done_on")),
                name="development_step_until_not_before",
            ),
        ]
