"""Secret links under which a calendar program fetches one person's due dates."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import User


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def in_use(self) -> Self:
        return self.filter(revoked_at=None)

    def of(self, user: "User") -> Self:
        return self.filter(user=user)


class CalendarFeed(models.Model):
    """One link of one person. The token itself is shown once and not kept, only its SHA-256."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="calendar_feeds")
    label = models.CharField("用在哪里", max_length=40, default="", blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField("建立时间")
    # The day alone: it tells an unused link from a used one, and nothing about anybody's hours.
    used_on = models.DateField("最近读取", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = "日历订阅"
        indexes = [models.Index(fields=["user"], condition=Q(revoked_at=None), name="calendar_feed_in_use")]

    def __str__(self) -> str:
        return self.label or "日历订阅"
