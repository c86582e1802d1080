"""What administrators are told about the running of the portal. Leaf."""

from notices.events import Event
from notices.rules import Level

MADE_UP = "partyaffairs.made_up"

EVENTS = (Event(MADE_UP, "后台任务中断后补办", Level.URGENT, permission="partyaffairs.view_operations"),)
