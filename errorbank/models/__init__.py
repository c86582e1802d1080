from errorbank.models.detection import Proposal
from errorbank.models.entry import EntryAction, EntryVersion, ErrorEntry
from errorbank.models.finding import Finding, FindingStep, Recheck
from errorbank.models.inspection import Inspection
from errorbank.models.practice import PracticeCard

__all__ = [
    "EntryAction",
    "EntryVersion",
    "ErrorEntry",
    "Finding",
    "FindingStep",
    "Inspection",
    "PracticeCard",
    "Proposal",
    "Recheck",
]
