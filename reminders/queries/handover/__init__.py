"""Reading handovers: the page, the list, gaps, mentors, a newcomer's first days."""

from reminders.queries.handover.first_week import FirstStep, first_week
from reminders.queries.handover.mentors import MentorSuggestion, mentor_suggestions
from reminders.queries.handover.overview import GapRow, gaps_and_doubles
from reminders.queries.handover.page import (
    HandoverPage,
    HandoverRow,
    LineRow,
    PartRows,
    SignatureRow,
    handover_page,
    handovers_of,
)
from reminders.queries.handover.people import TO_BE_FOUND, Choice, account_of, handover_url
from reminders.queries.handover.rights import Rights, Waiting

__all__ = [
    "TO_BE_FOUND",
    "Choice",
    "FirstStep",
    "GapRow",
    "HandoverPage",
    "HandoverRow",
    "LineRow",
    "MentorSuggestion",
    "PartRows",
    "Rights",
    "SignatureRow",
    "Waiting",
    "account_of",
    "first_week",
    "gaps_and_doubles",
    "handover_page",
    "handover_url",
    "handovers_of",
    "mentor_suggestions",
]
