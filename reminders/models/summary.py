"""Months counted once, so that a page about many branches reads few rows."""

from django.db import models
from django.db.models import F, Q

from branches.models import Organisation


class MonthSummary(models.Model):
    """The items of one organisation that are due in one month, counted; what each number means is said in
    reminders.queries.summaries.

    Nothing that changes with the date stands here: what is overdue is asked of the open items.
    """

    # The database does not check it: a recount writes it from the organisations themselves, and the check
    # would lock their rows, for which a recount would have to wait while a refresh waits for it.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="month_summaries", db_index=False, db_constraint=False
    )
    month = models.DateField(help_text="当月第一天")
    asked = models.PositiveIntegerField()
    on_time = models.PositiveIntegerField()
    done_late = models.PositiveIntegerField()
    open = models.PositiveIntegerField()
    not_applicable = models.PositiveIntegerField()
    early = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()

    class Meta:
        verbose_name = "月度汇总"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "month"], name="month_summary_once"),
            models.CheckConstraint(
                condition=Q(asked=F("on_time") + F("done_late") + F("open")), name="month_summary_adds_up"
            ),
        ]


class LeadDays(models.Model):
    """How many items of one organisation and month were done so many days before they were due.

    days is negative where an item was done late.
    """

    # Not checked by the database, as above.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="lead_days", db_index=False, db_constraint=False
    )
    month = models.DateField(help_text="当月第一天")
    days = models.IntegerField()
    items = models.PositiveIntegerField()

    class Meta:
        verbose_name = "提前天数"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "month", "days"], name="lead_days_once")
        ]


class SummaryMark(models.Model):
    """Items of this organisation changed since its months were counted.

    Every writer adds a row of its own and so waits for nobody. A recount takes away the rows it sees before
    it counts; a row that is not committed by then stays for the next recount.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="summary_marks")

    class Meta:
        verbose_name = "待重新汇总"
