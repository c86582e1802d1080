"""What this app tells people about. Leaf."""

from collections.abc import Collection
from datetime import date

from notices.events import Event
from notices.rules import Level
from personal.models import ANSWER, Correction

CORRECTION_ASKED = "personal.correction_asked"
CORRECTION_ANSWERED = "personal.correction_answered"

_CORRECTION = "correction:"


def correction_subject(pk: int) -> str:
    return f"{_CORRECTION}{pk}"


def corrections_still_waiting(subjects: Collection[str], on: date) -> set[str]:
    keys = [s.removeprefix(_CORRECTION) for s in subjects if s.startswith(_CORRECTION)]
    rows = Correction.objects.waiting().filter(pk__in=keys)
    return {correction_subject(pk) for pk in rows.values_list("pk", flat=True)}


EVENTS = (
    Event(CORRECTION_ASKED, "个人信息更正申请待答复", Level.DUE, ANSWER, corrections_still_waiting),
    Event(CORRECTION_ANSWERED, "个人信息更正申请已有答复", Level.DUE),
)
