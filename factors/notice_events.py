"""What this app tells people about. Leaf."""

from notices.events import Event
from notices.rules import Level

FACTOR_RESET = "factors.factor_reset"

EVENTS = (Event(FACTOR_RESET, "本人的动态码验证被重置", Level.URGENT),)
