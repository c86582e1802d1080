"""What recipients decide, until it is published, and what everybody may read afterwards.

As in box.py no time, no counter and no order of its own. What waits is sealed with the installation's keys
in one size, so that a copy of the database shows neither which kind of letter it belongs to nor what will
be said of it.
"""

from django.db import models
from django.db.models import Q

from burden.box.limits import Outcome
from burden.models.box import new_name
from burden.models.measures import Measure


class BoxMark(models.Model):
    """What the desk noted beside one letter, sealed (burden.box.marks)."""

    lookup = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField()

    class Meta:
        verbose_name = "受理标记"


class BoxAnswer(models.Model):
    """One answer on the public wall: the recipient's own words, never the letter's."""

    name = models.CharField(max_length=64, primary_key=True, default=new_name, editable=False)
    # The first day of the month in which it was published.
    month = models.DateField("月份")
    category = models.CharField("类别", max_length=40)
    outcome = models.CharField("结果", max_length=12, choices=Outcome)
    words = models.CharField("公开答复", max_length=300)
    measure = models.ForeignKey(
        Measure, models.PROTECT, null=True, blank=True, related_name="box_answers", db_index=False
    )

    class Meta:
        verbose_name = "公开答复"
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="box_answer_month_is_first_day"),
            models.CheckConstraint(condition=~Q(words=""), name="box_answer_has_words"),
        ]


class BoxTally(models.Model):
    """The exact counts of a year that still runs, sealed; gone when the year is frozen."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    sealed = models.BinaryField()

    class Meta:
        verbose_name = "年度计数"


class FigureTable(models.TextChoices):
    CATEGORY = "category", "按类别"
    OUTCOME = "outcome", "按办理结果"


class BoxFigure(models.Model):
    """One group of cells of a finished year's table, rounded to five (burden.rules.suppression); frozen."""

    # "2025 category 1": year, table, place in it.
    name = models.CharField(max_length=40, primary_key=True)
    year = models.PositiveSmallIntegerField("年份")
    table = models.CharField("表", max_length=12, choices=FigureTable)
    position = models.PositiveSmallIntegerField("次序")
    keys = models.JSONField("所含类别")
    about = models.PositiveIntegerField("约数")

    class Meta:
        verbose_name = "年度数据"
        constraints = [
            models.CheckConstraint(condition=Q(about__gte=5), name="box_figure_is_of_five"),
        ]
