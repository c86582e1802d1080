"""What training asks of an organisation by a day: one table, so that month lists read one place."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from training.rules.duties import DutyKind

# As long as ReminderItem.subject_name and .note, which show them.
NAME_LENGTH, NOTE_LENGTH = 60, 200


class DutyQuerySet(models.QuerySet["Duty"]):
    def standing(self) -> Self:
        """Asked and not taken back, done or not."""
        return self.filter(dropped_on=None)

    def waiting(self, *, on: date) -> Self:
        return self.standing().filter(done_on=None, asked_on__lte=on)


class Duty(models.Model):
    """`subject` is the row of its kind that asks for it; done and taken back there, never by hand."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="training_duties")
    kind = models.CharField(max_length=12, choices=DutyKind)
    subject = models.PositiveBigIntegerField()
    name = models.CharField("名称", max_length=NAME_LENGTH)
    note = models.CharField("说明", max_length=NOTE_LENGTH, blank=True)
    asked_on = models.DateField("提出日期")
    due_on = models.DateField("期限")
    done_on = models.DateField("完成日期", null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="training_duties"
    )
    dropped_on = models.DateField(null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "培训任务"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "subject"], name="training_duty_once"),
            models.CheckConstraint(
                condition=Q(done_on=None, done_at=None) | Q(done_on__isnull=False, done_at__isnull=False),
                name="training_duty_done_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation"],
                condition=Q(done_on=None, dropped_on=None),
                name="training_duty_waiting",
            ),
            models.Index(fields=["kind", "subject"], name="training_duty_of"),
        ]
