"""The working calendar's editable part, and busy seasons."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from branches.models.organisation import Organisation

MONTH_DAY = RegexValidator(
    r"^(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])$|^(0[469]|11)-(0[1-9]|[12]\d|30)$|^02-(0[1-9]|1\d|2[0-8])$",
    "请按“月-日”填写，例如 08-01。",
)


class CalendarDay(models.Model):
    """A day that differs from its weekday: a public holiday or a make-up workday.

    Kept for the years the calendar library does not know; the library's own years need no rows.
    """

    on = models.DateField("日期", unique=True)
    workday = models.BooleanField("上班", default=False)
    name = models.CharField("名称", max_length=40, blank=True)

    class Meta:
        verbose_name = "调休日"


class BusySeason(models.Model):
    """A season in which a fixed Party day is released to the end of the month (for example leaf buying)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="busy_seasons")
    name = models.CharField("名称", max_length=40)
    starts = models.CharField("开始（月-日）", max_length=5, validators=[MONTH_DAY])
    ends = models.CharField("结束（月-日）", max_length=5, validators=[MONTH_DAY])

    class Meta:
        verbose_name = "农忙时段"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="busy_season_name_once"),
            models.CheckConstraint(condition=~Q(starts=""), name="busy_season_has_start"),
        ]
