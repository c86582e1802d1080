"""What a dated fact has when it can be corrected: who entered it; who marked it as wrong, when and why."""

from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models

M = TypeVar("M", bound=models.Model)


class CorrectableQuerySet(models.QuerySet[M]):
    def standing(self) -> Self:
        """Rows that have not been corrected away."""
        return self.filter(corrected_at=None)


def _person(role: str) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name=f"{role}_%(class)s_rows"
    )


class Correctable(models.Model):
    """A correction keeps the old row, marked; what is right is a row of its own."""

    entered_by = _person("entered")
    entered_at = models.DateTimeField(auto_now_add=True)
    corrected_at = models.DateTimeField(null=True, blank=True)
    corrected_by = _person("corrected")
    correction_reason = models.CharField("更正原因", max_length=200, blank=True)

    class Meta:
        abstract = True
