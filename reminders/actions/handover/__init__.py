"""Writing handovers: opening, packing, checking, confirming, signing, cancelling."""

from reminders.actions.handover.checking import check_handover, confirm_lines, note_line
from reminders.actions.handover.ending import cancel_handover
from reminders.actions.handover.joining import hold_handovers, join_handovers
from reminders.actions.handover.opening import open_due_handovers, open_handover
from reminders.actions.handover.packing import repack
from reminders.actions.handover.people import choose_mentor, choose_newcomer
from reminders.actions.handover.refusals import HandoverRefused
from reminders.actions.handover.signing import sign_handover, signed_content

__all__ = [
    "HandoverRefused",
    "cancel_handover",
    "check_handover",
    "choose_mentor",
    "choose_newcomer",
    "confirm_lines",
    "hold_handovers",
    "join_handovers",
    "note_line",
    "open_due_handovers",
    "open_handover",
    "repack",
    "sign_handover",
    "signed_content",
]
