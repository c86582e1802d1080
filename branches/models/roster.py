"""A roster file on its way in: previewed first, written all or not at all."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models.organisation import Organisation
from branches.rules import RosterImportState
from jobs.models import Job


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    def open(self) -> Self:
        return self.filter(state__in=[RosterImportState.WAITING, RosterImportState.PREVIEWED])


class RosterImport(models.Model):
    """One uploaded roster. `payload` is sealed (it holds id numbers) and emptied with the last decision."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="roster_imports")
    job = models.OneToOneField(
        Job, models.SET_NULL, null=True, blank=True, related_name="roster_import", verbose_name="任务"
    )
    state = models.CharField(
        "状态", max_length=10, choices=RosterImportState, default=RosterImportState.WAITING
    )
    file_name = models.CharField("文件名", max_length=200)
    roster_day = models.DateField("名册日期")
    payload = models.BinaryField(null=True, blank=True, editable=False)
    # What was previewed; the commit is refused when the roster would now give another result.
    digest = models.CharField(max_length=64, blank=True, editable=False)
    counts = models.JSONField(default=dict)
    refusal = models.CharField("原因", max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="roster_imports")
    made_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        verbose_name = "名册导入"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[RosterImportState.COMMITTED, RosterImportState.DISCARDED])
                | Q(payload=None, decided_at__isnull=False),
                name="roster_import_decided_is_emptied",
            )
        ]
