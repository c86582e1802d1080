"""What this app tells people about. Leaf."""

from notices.events import Event
from notices.rules import Level

FACTOR_RESET = "factors.factor_reset"
FACTOR_CHANGED = "factors.factor_changed"
FACTOR_PAUSED = "factors.factor_paused"

EVENTS = (
    Event(FACTOR_RESET, "本人的动态码验证被重置", Level.URGENT),
    Event(FACTOR_CHANGED, "本人的动态码验证有设置、更换或关闭", Level.URGENT),
    Event(FACTOR_PAUSED, "本人的动态码连续输错", Level.URGENT),
)
