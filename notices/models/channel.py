"""A person's ways out of the portal, and when they want to be left alone."""

from datetime import datetime, time
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from notices.rules import CHANNEL_FAILING, ChannelKind, Level, leave_at

if TYPE_CHECKING:
    from accounts.models import User
    from notices.models.message import Message


def every_level() -> list[str]:
    return list(Level.values)


class ChannelQuerySet(models.QuerySet["Channel"]):
    def kept(self) -> Self:
        """Not removed by their owner."""
        return self.filter(removed_at=None)

    def of(self, user: "User") -> Self:
        return self.kept().filter(user=user)

    def in_use(self) -> Self:
        """Kept, switched on, and their owner may still sign in."""
        return self.kept().filter(active=True, user__is_active=True)


class Channel(models.Model):
    """One address of one person.

    The address (a robot's holds its key) and the signing secret are sealed with the installation's key.
    Removed channels stay for the history of what was sent. `muted` names events not wanted here,
    `levels` the levels that are.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="channels")
    kind = models.CharField("方式", max_length=12, choices=ChannelKind)
    label = models.CharField("名称", max_length=40)
    target_sealed = models.BinaryField(editable=False)
    secret_sealed = models.BinaryField(null=True, blank=True, editable=False)
    # Finds the same address again without opening it.
    target_digest = models.CharField(max_length=64, editable=False)
    levels = models.JSONField("接收级别", default=every_level)
    muted = models.JSONField("不接收的事项", default=list, blank=True)
    active = models.BooleanField("启用", default=True)
    tested_at = models.DateTimeField("最近试发成功", null=True, blank=True)
    failing_since = models.DateTimeField("发不出去自", null=True, blank=True)
    trouble = models.CharField("原因", max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = "通知方式"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "target_digest"],
                condition=Q(removed_at=None),
                name="channel_address_once",
            )
        ]

    def takes(self, message: "Message") -> bool:
        """Whether its owner wants this kind of message here. Trouble is not told where the trouble is."""
        if message.event == CHANNEL_FAILING and self.failing_since is not None:
            return False
        return message.level in self.levels and message.event not in self.muted


class NoticePreference(models.Model):
    """When a person wants to be told; who has no row is told by the defaults below."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notice_preference")
    quiet_from = models.TimeField("免打扰开始", default=time(20, 0))
    quiet_until = models.TimeField("免打扰结束", default=time(7, 30))
    digest_weekday = models.PositiveSmallIntegerField(
        "每周汇总的日子", default=0, validators=[MaxValueValidator(6)], help_text="0 为周一。"
    )
    digest_at = models.TimeField("汇总时间", default=time(8, 0))
    spare_busy_season = models.BooleanField(
        "农忙时段只发到期提醒和及时通知", default=True, help_text="每周汇总仍在站内消息里。"
    )

    class Meta:
        verbose_name = "通知时间"

    def leaves_at(self, now: datetime) -> datetime:
        """When something that is ready now may leave the portal."""
        return leave_at(timezone.localtime(now), start=self.quiet_from, end=self.quiet_until)
