"""The measure list (为基层减负措施清单) by year and version, and the values of its measures."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Concat

from branches.models import Organisation
from branches.models.organisation import PATH_END
from branches.rules.policy import plain
from burden.rules.measures_vocabulary import (
    PUBLIC_STATES,
    Cadence,
    Direction,
    ListState,
    Origin,
    ValueSource,
)
from periods.months import Month

if TYPE_CHECKING:
    from accounts.models import User

VIEW, EDIT = "burden.view_measure", "burden.edit_measure"


def within_sight(user: "User", permission: str, *, on: date) -> Q:
    """Rows of organisations at, above or below those on which the user has the permission."""
    mine = Organisation.objects.permitted_to(user, permission, on=on)
    end = Concat(OuterRef("organisation__path"), models.Value(PATH_END))
    below = mine.filter(path__gte=OuterRef("organisation__path"), path__lt=end)
    return Q(organisation__in=mine) | Q(Exists(below))


class MeasureListQuerySet(models.QuerySet["MeasureList"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """What was issued by one's organisations and those above; drafts only for who edits them."""
        issued = Q(state__in=sorted(PUBLIC_STATES)) & within_sight(user, VIEW, on=on)
        drafts = Q(organisation__in=Organisation.objects.permitted_to(user, EDIT, on=on))
        return self.filter(issued | drafts)

    def public(self) -> Self:
        return self.filter(state__in=sorted(PUBLIC_STATES))


class MeasureList(models.Model):
    """One version of one year's list. An issued one does not change: a change is the next version."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="measure_lists", db_index=False
    )
    year = models.PositiveSmallIntegerField("年度")
    version = models.PositiveSmallIntegerField("版本", default=1)
    state = models.CharField("状态", max_length=10, choices=ListState, default=ListState.DRAFT)
    # Its number as a document, where the organisation gives one.
    document_number = models.CharField("文号", max_length=40, blank=True)
    change_note = models.CharField("修改说明", max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="measure_lists_made", db_index=False
    )
    made_at = models.DateTimeField(auto_now_add=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="measure_lists_issued",
        db_index=False,
    )
    closed_on = models.DateField("收尾日期", null=True, blank=True)
    closing_note = models.CharField("年终说明", max_length=300, blank=True)

    objects = MeasureListQuerySet.as_manager()

    class Meta:
        verbose_name = "减负措施清单"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "version"], name="measure_list_once"),
            models.UniqueConstraint(
                fields=["organisation", "year"],
                condition=Q(state=ListState.DRAFT),
                name="measure_list_one_draft_a_year",
            ),
            models.UniqueConstraint(
                fields=["organisation", "year"],
                condition=Q(state__in=[ListState.ISSUED, ListState.CLOSED]),
                name="measure_list_one_standing_a_year",
            ),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(change_note=""), name="measure_list_change_has_note"
            ),
            models.CheckConstraint(
                condition=Q(state=ListState.DRAFT, issued_on=None, issued_by=None)
                | ~Q(state=ListState.DRAFT) & Q(issued_on__isnull=False, issued_by__isnull=False),
                name="measure_list_issue_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=ListState.CLOSED, closed_on__isnull=False)
                | ~Q(state=ListState.CLOSED) & Q(closed_on=None),
                name="measure_list_closed_has_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第 {self.version} 版）"

    @property
    def title(self) -> str:
        return f"{self.year} 年为基层减负措施清单"

    @property
    def is_draft(self) -> bool:
        return self.state == ListState.DRAFT

    @property
    def takes_values(self) -> bool:
        return self.state == ListState.ISSUED


class MeasureQuerySet(models.QuerySet["Measure"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """Those that ever stood in an issued list within sight; those of drafts for who edits them."""
        lists = MeasureList.objects.visible_to(user, on=on)
        return self.filter(Exists(MeasureEntry.objects.filter(measure=OuterRef("pk"), of_list__in=lists)))


class Measure(models.Model):
    """The identity of a measure over years and versions: its values hang on it."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="measures", db_index=False)
    code = models.CharField("编号", max_length=40)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = "减负措施"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="measure_once"),
        ]

    def __str__(self) -> str:
        return self.code


class MeasureEntry(models.Model):
    """What one version of a list says of one measure.

    basis: list of {words, verified}. `adopted` is false for proposals nobody has taken up: they stand
    only in the draft and before staff.
    """

    of_list = models.ForeignKey(MeasureList, models.CASCADE, related_name="entries", db_index=False)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="entries")
    position = models.PositiveSmallIntegerField("序号")
    adopted = models.BooleanField("采用", default=True)
    origin = models.CharField("来源", max_length=10, choices=Origin, default=Origin.OWN)
    name = models.CharField("措施", max_length=60)
    doing = models.CharField("具体做法", max_length=300)
    owner = models.CharField("责任单位", max_length=60)
    basis = models.JSONField("依据", default=list, blank=True)
    indicator = models.CharField("指标", max_length=60)
    formula = models.CharField("怎么算", max_length=200)
    unit = models.CharField("单位", max_length=12)
    direction = models.CharField("方向", max_length=10, choices=Direction, default=Direction.AT_MOST)
    baseline = models.DecimalField("起点数值", max_digits=9, decimal_places=2)
    # The shipped baselines are examples until somebody has counted.
    baseline_counted = models.BooleanField("起点数值已实测", default=False)
    target = models.DecimalField("目标数值", max_digits=9, decimal_places=2)
    deadline = models.DateField("完成时限")
    cadence = models.CharField("填报周期", max_length=12, choices=Cadence, default=Cadence.MONTHLY)

    class Meta:
        verbose_name = "清单中的措施"
        constraints = [
            models.UniqueConstraint(fields=["of_list", "measure"], name="measure_entry_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def target_words(self) -> str:
        """“不高于 30%”."""
        return f"{self.get_direction_display()} {self.said(self.target)}"

    @property
    def baseline_words(self) -> str:
        return self.said(self.baseline)

    def said(self, value: Decimal) -> str:
        """A value with its unit: “30%”, “6 小时”."""
        gap = "" if self.unit == "%" else " "
        return f"{plain(value)}{gap}{self.unit}"


class MeasureValueQuerySet(models.QuerySet["MeasureValue"]):
    def standing(self) -> Self:
        """Values that no later row corrects."""
        return self.filter(corrected_by_row=None)


class MeasureValue(models.Model):
    """One value of one month with its evidence. Rows never change: a correction is a row of its own.

    The database refuses a change of a row too (migration measure_values_are_fixed).
    """

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="measured_values", db_index=False)
    month = models.DateField("月份", help_text="当月第一天。")
    value = models.DecimalField("数值", max_digits=9, decimal_places=2)
    evidence = models.CharField("佐证", max_length=300)
    evidence_url = models.CharField("佐证页面", max_length=200, blank=True)
    source = models.CharField("来源", max_length=10, choices=ValueSource, default=ValueSource.TYPED)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by_row"
    )
    reason = models.CharField("更正原因", max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="measure_values_made", db_index=False
    )
    made_at = models.DateTimeField()

    objects = MeasureValueQuerySet.as_manager()

    class Meta:
        verbose_name = "措施数值"
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "month"], condition=Q(corrects=None), name="measure_value_first_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="measure_value_month_is_first_day"),
            models.CheckConstraint(
                condition=Q(corrects=None, reason="") | Q(corrects__isnull=False) & ~Q(reason=""),
                name="measure_value_correction_has_reason",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="measure_value_not_negative"),
        ]
        indexes = [models.Index(fields=["measure", "month"], name="measure_value_by_month")]

    @property
    def of(self) -> Month:
        return Month.of(self.month)
