"""Assessment schemes (考核办法) and duty lists (权责清单): rows in dated versions, edited as a whole."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from burden.models.measures import within_sight
from burden.rules.measures_vocabulary import DutyKind, ItemKind

if TYPE_CHECKING:
    from accounts.models import User

VIEW_SCHEME, EDIT_SCHEME = "burden.view_scheme", "burden.edit_scheme"
VIEW_DUTY, EDIT_DUTY = "burden.view_duty", "burden.edit_duty"


class AssessmentSchemeQuerySet(models.QuerySet["AssessmentScheme"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """By whom one is assessed: one's organisations and those above."""
        return self.filter(within_sight(user, VIEW_SCHEME, on=on))

    def in_use(self) -> Self:
        return self.filter(retired_on=None)


class AssessmentScheme(models.Model):
    """How something is assessed. `measure_code` names the measure whose value its share of traces gives."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="assessment_schemes")
    name = models.CharField("考核办法", max_length=60)
    about = models.CharField("考核什么、由谁考核", max_length=200)
    measure_code = models.CharField("对应的减负措施", max_length=40, blank=True)
    retired_on = models.DateField("停用日期", null=True, blank=True)

    objects = AssessmentSchemeQuerySet.as_manager()

    class Meta:
        verbose_name = "考核办法"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="assessment_scheme_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Dated(models.Model):
    """A version from a day on; one that is corrected on its own day is kept, marked as replaced."""

    since = models.DateField("自哪天起执行")
    note = models.CharField("修改说明", max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="%(class)s_rows_made", db_index=False
    )
    made_at = models.DateTimeField(auto_now_add=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class SchemeVersion(Dated):
    scheme = models.ForeignKey(AssessmentScheme, models.PROTECT, related_name="versions", db_index=False)

    class Meta:
        verbose_name = "考核办法版本"
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "since"], condition=Q(replaced_at=None), name="scheme_version_once"
            ),
        ]


class SchemeItem(models.Model):
    version = models.ForeignKey(SchemeVersion, models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField("序号")
    text = models.CharField("考核内容", max_length=120)
    points = models.DecimalField("分值", max_digits=6, decimal_places=2)
    kind = models.CharField("看什么", max_length=10, choices=ItemKind)

    class Meta:
        verbose_name = "考核项目"
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="scheme_item_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="scheme_item_has_points"),
        ]

    def __str__(self) -> str:
        return self.text


class DutyVersionQuerySet(models.QuerySet["DutyVersion"]):
    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.filter(within_sight(user, VIEW_DUTY, on=on))

    def standing(self) -> Self:
        return self.filter(replaced_at=None)


class DutyVersion(Dated):
    """What an organisation has settled; before the first one the shipped suggestion is shown as such."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="duty_versions", db_index=False
    )

    objects = DutyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "权责清单版本"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "since"], condition=Q(replaced_at=None), name="duty_version_once"
            ),
        ]


class DutyItem(models.Model):
    """One line; `decides`: who is asked when it is in doubt; `basis` in words, checked or not."""

    version = models.ForeignKey(DutyVersion, models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField("序号")
    kind = models.CharField("类别", max_length=12, choices=DutyKind)
    text = models.CharField("内容", max_length=160)
    decides = models.CharField("拿不准时由谁定", max_length=40, blank=True)
    basis = models.CharField("依据", max_length=120, blank=True)
    verified = models.BooleanField("依据已核对", default=False)

    class Meta:
        verbose_name = "权责清单条目"
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="duty_item_once"),
        ]

    def __str__(self) -> str:
        return self.text
