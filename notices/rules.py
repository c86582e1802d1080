"""Vocabulary and pure rules of notices; no ORM, no clock."""

from django.db.models import TextChoices


class Level(TextChoices):
    """How soon something has to reach a person."""

    DIGEST = "digest", "每周汇总"
    DUE = "due", "到期提醒"
    URGENT = "urgent", "及时通知"


class ChannelKind(TextChoices):
    """Ways out of the portal; the inbox in the portal is always there and is no channel."""

    EMAIL = "email", "电子邮件"
    WECOM = "wecom", "企业微信机器人"
    DINGTALK = "dingtalk", "钉钉机器人"
    FEISHU = "feishu", "飞书机器人"
    WEBHOOK = "webhook", "自定义接口"


ROBOTS = frozenset({ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU})


class DeliveryState(TextChoices):
    WAITING = "waiting", "等待发送"
    SENDING = "sending", "正在发送"
    SENT = "sent", "已送达"
    DEAD = "dead", "未能送达"
    CANCELLED = "cancelled", "不必再发"


# Nothing more happens to these by itself.
FINAL_STATES = frozenset({DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.CANCELLED})
