from reminders.models.catalogue import Action, ActionVersion, Adoption, SpecialTask, StudyMaterial, StudyPack
from reminders.models.feed import CalendarFeed
from reminders.models.handover import Handover, HandoverLine, HandoverSignature, StandIn
from reminders.models.item import ItemReturn, ListChange, RefreshRun, ReminderItem

__all__ = [
    "Action",
    "ActionVersion",
    "Adoption",
    "CalendarFeed",
    "Handover",
    "HandoverLine",
    "HandoverSignature",
    "ItemReturn",
    "ListChange",
    "RefreshRun",
    "ReminderItem",
    "SpecialTask",
    "StandIn",
    "StudyMaterial",
    "StudyPack",
]
