"""What comes next for a case, derived from its steps: kept beside it, or asked for a past day."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from branches.models import DevelopmentCase
from branches.queries.development_facts import CasePicture
from branches.rules import CaseState
from branches.rules.development import NextStep, next_step
from periods.calendars import WorkCalendar

DERIVED = ("next_step", "next_from", "next_due_on", "due_is_advice", "blocked", "blocked_since")
_BLOCKED_LENGTH = 200


def derive(case: DevelopmentCase, picture: CasePicture, calendar: WorkCalendar, on: date) -> bool:
    """Set what comes next on the row, unsaved; True when it differs from what stood there."""
    before = [getattr(case, name) for name in DERIVED]
    coming = next_step(picture.facts, on=on, calendar=calendar) if case.state == CaseState.ONGOING else None
    case.next_step = coming.number if coming else None
    case.next_from = coming.not_before if coming else None
    case.next_due_on = coming.due_on if coming else None
    case.due_is_advice = bool(coming and coming.due_is_advice)
    case.blocked = _blocked_sentence(coming)
    case.blocked_since = (case.blocked_since or on) if case.blocked else None
    return before != [getattr(case, name) for name in DERIVED]


def _blocked_sentence(coming: NextStep | None) -> str:
    return _joined(check.text for check in coming.blocked_by)[:_BLOCKED_LENGTH] if coming else ""


def _joined(texts: Iterable[str]) -> str:
    return "；".join(text.rstrip("。；") for text in texts)


def as_it_stood(
    case: DevelopmentCase, picture: CasePicture, calendar: WorkCalendar, day: date
) -> CasePicture:
    """The picture of a past day; the row is set to that day and must not be saved."""
    if case.closed_on is not None and case.closed_on > day:
        case.state, case.closed_on, case.closing_note = CaseState.ONGOING, None, ""
    taken = tuple(step for step in picture.facts.steps if step.on <= day)
    withdrawn = case.state == CaseState.DISCONTINUED
    then = replace(
        picture,
        facts=replace(picture.facts, steps=taken, withdrawn=withdrawn),
        steps=tuple(step for step in picture.steps if step.done_on <= day),
    )
    derive(case, then, calendar, day)
    return then
