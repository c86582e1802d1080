from reminders.models.catalogue import Action, ActionVersion, Adoption, SpecialTask, StudyMaterial, StudyPack
from reminders.models.feed import CalendarFeed
from reminders.models.handover import Handover, HandoverLine, HandoverSignature, StandIn
from reminders.models.item import ItemReturn, ListChange, RefreshRun, ReminderItem
from reminders.models.summary import LeadDays, MonthSummary, SummaryMark

__all__ = [
    "Action",
    "ActionVersion",
    "Adoption",
    "CalendarFeed",
    "Handover",
    "HandoverLine",
    "HandoverSignature",
    "ItemReturn",
    "LeadDays",
    "ListChange",
    "MonthSummary",
    "RefreshRun",
    "ReminderItem",
    "SpecialTask",
    "StandIn",
    "StudyMaterial",
    "StudyPack",
    "SummaryMark",
]
