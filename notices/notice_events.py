"""What this app itself tells people about."""

from notices.events import Event
from notices.rules import Level

CHANNEL_TEST = "notices.channel_test"
CHANNEL_FAILING = "notices.channel_failing"

EVENTS = (
    Event(CHANNEL_TEST, "试发一条", Level.URGENT),
    Event(CHANNEL_FAILING, "通知方式发不出去", Level.URGENT),
)
