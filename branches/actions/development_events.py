"""The dated event of a person that goes with a step of the case: found where it is, entered where not."""

from datetime import date

from accounts.models import User
from branches.actions.members import EventData, add_event, correct_event
from branches.models import DevelopmentStep, Member, Organisation
from branches.rules import Event, EventKind, MemberStatus, StepOutcome
from branches.rules.development_events import is_told, kind_of


def event_of(step: DevelopmentStep) -> EventData | None:
    """The fact about the person that this step is, None when it changes nothing about them."""
    kind = kind_of(step.number, StepOutcome(step.outcome), step.done_on)
    if kind is None:
        return None
    months = step.months if kind is EventKind.PROBATION_EXTENDED else None
    return EventData(kind, step.done_on, months=months)


def enter_event(step: DevelopmentStep, *, place: Organisation, by: User | None, today: date | None) -> None:
    """Enter the event of this step unless the person's events say the same. Raises EventError."""
    data, member = event_of(step), step.case.member
    if data is None or is_told(data.kind, data.on, told_of(member), since=step.case.opened_on):
        return
    # Who has no status (a new applicant, or one who applies again) is in a branch only from this event on.
    needs_place = data.kind == EventKind.APPLIED and not member.memberships.at(data.on).exists()
    given = vars(data) | {"organisation": place if needs_place else None}
    add_event(member, by=by, today=today, **given)


def told_of(member: Member) -> list[Event]:
    """The standing events of one person, as the rules read them."""
    return [
        Event(EventKind(e.kind), e.on, e.organisation_id, MemberStatus(e.status) if e.status else None)
        for e in member.events.standing()
    ]


def amend_event(
    old: DevelopmentStep,
    new: DevelopmentStep | None,
    *,
    place: Organisation,
    reason: str,
    by: User | None,
    today: date | None,
) -> None:
    """Correct the event that went with `old` so that it says what `new` says. Raises EventError."""
    before, after = event_of(old), event_of(new) if new else None
    found = before and old.case.member.events.standing().filter(kind=before.kind, on=before.on).first()
    if found and before != after:
        kept = after and EventData(**(vars(after) | {"organisation": found.organisation}))
        correct_event(found, reason=reason, by=by, replacement=kept, today=today)
    elif not found and new:
        enter_event(new, place=place, by=by, today=today)
