"""Which tours a person has seen."""

from django.conf import settings
from django.db import models


class TourSeen(models.Model):
    """One person has seen, or put away, one tour."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tours_seen")
    tour = models.CharField(max_length=30)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "已看引导"
        constraints = [models.UniqueConstraint(fields=["user", "tour"], name="tour_seen_once")]
