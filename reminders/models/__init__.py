from reminders.models.catalogue import Action, ActionVersion, Adoption, SpecialTask, StudyMaterial, StudyPack
from reminders.models.item import ItemReturn, ListChange, RefreshRun, ReminderItem

__all__ = [
    "Action",
    "ActionVersion",
    "Adoption",
    "ItemReturn",
    "ListChange",
    "RefreshRun",
    "ReminderItem",
    "SpecialTask",
    "StudyMaterial",
    "StudyPack",
]
