from notices.models.channel import Channel, NoticePreference
from notices.models.message import Delivery, Line, Message

__all__ = ["Channel", "Delivery", "Line", "Message", "NoticePreference"]
