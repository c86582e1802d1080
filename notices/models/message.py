"""The outbox: what one person is told, line by line, and what became of it on each channel."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from notices.models.channel import Channel
from notices.rules import DeliveryState, Level

if TYPE_CHECKING:
    from accounts.models import User


class MessageQuerySet(models.QuerySet["Message"]):
    def of(self, user: "User") -> Self:
        return self.filter(recipient=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Message(models.Model):
    """Something one person is told; written in the transaction of what it tells.

    `key` is unique per recipient: telling the same twice makes one row. `series` names messages of which
    only the newest is worth sending ("reminders.digest"): a newer one cancels what still waits of the older.
    `outside_*` is what leaves the portal: no person's name, no content, see docs/adr.
    The row itself is the inbox: always there, whatever the channels do.
    """

    # Names the message outside (Message-ID) and, in a set of new ones, those that were really written.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="messages")
    event = models.CharField("事项", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level)
    key = models.CharField(max_length=120)
    series = models.CharField(max_length=60, default="", blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="messages"
    )
    title = models.CharField("标题", max_length=120)
    outside_title = models.CharField(max_length=120)
    intro = models.CharField(max_length=300, default="", blank=True)
    # A path of the portal, such as /w/reminders/.
    url = models.CharField(max_length=200, default="", blank=True)
    more = models.PositiveIntegerField("未列出的条数", default=0)
    made_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读", null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="message_once_per_recipient"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(title=""), name="message_has_key_and_title"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-made_at"], name="message_of_inbox"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="message_unread"),
            models.Index(fields=["recipient", "series"], condition=~Q(series=""), name="message_of_series"),
        ]


class Line(models.Model):
    """One matter inside a message. subject ("item:12", "handover:5") says which; it ties the line to what
    it tells of, so that nothing settled is sent and a page of that matter can say who was told when."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    subject = models.CharField(max_length=40, default="", blank=True)
    text = models.CharField(max_length=200)
    outside_text = models.CharField(max_length=200)
    url = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        verbose_name = "消息条目"
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="line_position_once"),
        ]
        indexes = [models.Index(fields=["subject"], condition=~Q(subject=""), name="line_of_subject")]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, *, now: datetime) -> Self:
        """Waiting and due, or held by somebody whose lease is over."""
        return self.filter(
            Q(state=DeliveryState.WAITING, next_try_at__lte=now)
            | Q(state=DeliveryState.SENDING, leased_until__lte=now)
        )

    def in_turn(self) -> Self:
        """What is urgent does not stand behind a digest for everybody; then the longest due."""
        urgent_first = models.Case(models.When(message__level=Level.URGENT, then=0), default=1)
        return self.order_by(urgent_first, "next_try_at", "pk")

    def waiting(self) -> Self:
        return self.filter(state=DeliveryState.WAITING)

    def held(self, delivery: "Delivery") -> Self:
        """The row while it is still ours: after the lease somebody else may have taken it."""
        return self.filter(pk=delivery.pk, state=DeliveryState.SENDING, lease=delivery.lease)

    def for_sending(self) -> Self:
        """With all that is asked before a message leaves; `overtaken`: a newer one of its series exists."""
        newer = Message.objects.filter(
            recipient=models.OuterRef("message__recipient"),
            series=models.OuterRef("message__series"),
            pk__gt=models.OuterRef("message"),
        ).exclude(series="")
        related = self.select_related("channel", "message__recipient__notice_preference")
        return related.prefetch_related("message__lines").annotate(overtaken=models.Exists(newer))


class Delivery(models.Model):
    """One message on one channel: claimed, tried, answered.

    answer keeps what the provider said ("HTTP 200，errcode 93000：invalid webhook url"), never an address.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="deliveries", db_index=False)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_try_at = models.DateTimeField("下次发送")
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    answer = models.CharField("对方答复", max_length=300, default="", blank=True)
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "发送"
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="delivery_once_per_channel"),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENT) | Q(sent_at__isnull=False),
                name="delivery_sent_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENDING)
                | Q(lease__isnull=False, leased_until__isnull=False),
                name="delivery_sending_is_leased",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(state=DeliveryState.WAITING), name="delivery_waiting"
            ),
            models.Index(
                fields=["leased_until"], condition=Q(state=DeliveryState.SENDING), name="delivery_sending"
            ),
            models.Index(fields=["channel", "-made_at"], name="delivery_of_channel"),
            models.Index(fields=["-settled_at"], condition=Q(state=DeliveryState.DEAD), name="delivery_dead"),
        ]
