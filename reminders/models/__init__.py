from reminders.models.catalogue import Action, ActionVersion, Adoption, SpecialTask, StudyMaterial, StudyPack
from reminders.models.demand import AgreedTime, OutsideDemand
from reminders.models.feed import CalendarFeed
from reminders.models.handover import Handover, HandoverLine, HandoverSignature, StandIn
from reminders.models.item import ItemReturn, ListChange, RefreshRun, ReminderItem
from reminders.models.summary import LeadDays, MonthSummary, SummaryMark

__all__ = [
    "Action",
    "ActionVersion",
    "Adoption",
    "AgreedTime",
    "CalendarFeed",
    "Handover",
    "HandoverLine",
    "HandoverSignature",
    "ItemReturn",
    "LeadDays",
    "ListChange",
    "MonthSummary",
    "OutsideDemand",
    "RefreshRun",
    "ReminderItem",
    "SpecialTask",
    "StandIn",
    "StudyMaterial",
    "StudyPack",
    "SummaryMark",
]
