"""What this app tells people about. Leaf."""

from notices.events import Event
from notices.rules import Level

LEVEL_ENDING = "incentives.level_ending"
LEVEL_WARNED = "incentives.level_warned"
RESERVE_ASKED = "incentives.reserve_asked"

EVENTS = (
    Event(LEVEL_ENDING, "等级有效期将到", Level.DIGEST, "incentives.view_own"),
    Event(LEVEL_WARNED, "等级书面告知", Level.URGENT, "incentives.view_own"),
    Event(RESERVE_ASKED, "请本人答复的提议", Level.DIGEST, "incentives.view_own"),
)
