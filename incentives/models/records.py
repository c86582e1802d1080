"""What is known of how remote a branch lies, and the bonus sheet that freezes a year's records."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from incentives.models.contributions import VIEW_RECORD, WeightPolicy

if TYPE_CHECKING:
    from accounts.models import User

VIEW_BONUS = "incentives.view_bonus"


class BranchCondition(models.Model):
    """How remote a branch lies, from a day on. The latest by a day holds; rows are added, not edited."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="branch_conditions")
    since = models.DateField("自哪天起")
    drive_minutes = models.PositiveSmallIntegerField("距县城车程（分钟）", null=True, blank=True)
    altitude = models.PositiveSmallIntegerField("海拔（米）", null=True, blank=True)
    evidence = models.CharField("数据来源", max_length=120)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="branch_conditions_made", db_index=False
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "艰苦程度数据"
        constraints = [
            models.CheckConstraint(
                condition=Q(drive_minutes__isnull=False) | Q(altitude__isnull=False),
                name="branch_condition_says_something",
            ),
        ]


class BonusSheetQuerySet(models.QuerySet["BonusSheet"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))


class BonusSheet(models.Model):
    """The bonuses of one year as issued; a later version replaces it and keeps it."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="bonus_sheets", db_index=False
    )
    year = models.PositiveSmallIntegerField("年度")
    version = models.PositiveSmallIntegerField("版本", default=1)
    # Empty: the shipped suggestion.
    policy = models.ForeignKey(
        WeightPolicy, models.PROTECT, null=True, blank=True, related_name="bonus_sheets", db_index=False
    )
    budget = models.DecimalField("工资总额内的可用额度", max_digits=12, decimal_places=2)
    total = models.DecimalField("合计", max_digits=12, decimal_places=2)
    note = models.CharField("说明", max_length=200)
    issued_on = models.DateField("出表日期")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="bonus_sheets_issued", db_index=False
    )
    issued_at = models.DateTimeField(auto_now_add=True)

    objects = BonusSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "绩效奖金表"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "version"], name="bonus_sheet_once"),
            models.CheckConstraint(condition=Q(total__lte=models.F("budget")), name="bonus_sheet_in_budget"),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年绩效奖金表（第 {self.version} 版）"


class AnnualRecordQuerySet(models.QuerySet["AnnualRecord"]):
    def visible_to(self, user: "User", *, on: date) -> Self:
        """One's own, and those of organisations whose records one grades."""
        graded = Organisation.objects.permitted_to(user, VIEW_RECORD, on=on)
        return self.filter(Q(user=user.pk) | Q(organisation__in=graded))


class AnnualRecord(models.Model):
    """One person's year as it stood when the sheet was issued.

    factors: list of {code, label, value, measured, words, missing} as texts.
    """

    sheet = models.ForeignKey(BonusSheet, models.PROTECT, related_name="records", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="annual_records")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="annual_records")
    factors = models.JSONField("系数")
    product = models.DecimalField("乘积", max_digits=9, decimal_places=4)
    effective = models.DecimalField("计发系数", max_digits=9, decimal_places=4)
    bonus = models.DecimalField("奖金", max_digits=10, decimal_places=2)

    objects = AnnualRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "年度激励记录"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "user"], name="annual_record_once"),
        ]
