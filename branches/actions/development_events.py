"""The dated event of a person that goes with a step of the case: found where it is, entered where not."""

from collections.abc import Mapping
from datetime import date

from accounts.models import User
from branches.actions.members import EventData, add_event, correct_event
from branches.models import DevelopmentStep, Member, MemberEvent, Organisation
from branches.rules import EventKind, MemberStatus, StepOutcome
from branches.rules.development import version_on

CONSENT, TARGET, ADMISSION, CONVERSION = 8, 7, 15, 23
CONSENT_TEXT = "dev2026"
_KINDS: Mapping[int, EventKind] = {
    1: EventKind.APPLIED,
    2: EventKind.TALKED,
    3: EventKind.ACTIVIST,
    11: EventKind.TRAINED,
    13: EventKind.PRE_REVIEWED,
    15: EventKind.ADMITTED,
    17: EventKind.APPROVED,
    20: EventKind.OATH_TAKEN,
    24: EventKind.CONVERSION_APPROVED,
}
_AT_CONVERSION = {
    StepOutcome.PASSED: EventKind.CONVERTED,
    StepOutcome.EXTENDED: EventKind.PROBATION_EXTENDED,
    StepOutcome.REVOKED: EventKind.REVOKED,
}
_ORDER = list(MemberStatus)
_GIVES = {
    EventKind.APPLIED: MemberStatus.APPLICANT,
    EventKind.ACTIVIST: MemberStatus.ACTIVIST,
    EventKind.DEVELOPMENT_TARGET: MemberStatus.DEVELOPMENT_TARGET,
    EventKind.ADMITTED: MemberStatus.PROBATIONARY,
    EventKind.CONVERTED: MemberStatus.FULL,
}


def event_of(step: DevelopmentStep) -> EventData | None:
    """The fact about the person that this step is, None when it changes nothing about them.

    A target is named by the branch under the text of 2014 (step 7), after the consent under that of 2026
    (step 8). Source: 中国共产党发展党员工作细则（2026年修订） 第十三条.
    """
    kind = _kind_of(step)
    if kind is None:
        return None
    months = step.months if kind is EventKind.PROBATION_EXTENDED else None
    return EventData(kind, step.done_on, months=months)


def _kind_of(step: DevelopmentStep) -> EventKind | None:
    if step.number == CONVERSION:
        return _AT_CONVERSION.get(StepOutcome(step.outcome))
    if step.outcome != StepOutcome.PASSED:
        return None
    if step.number in (TARGET, CONSENT):
        consent_needed = version_on(step.done_on) == CONSENT_TEXT
        return EventKind.DEVELOPMENT_TARGET if consent_needed == (step.number == CONSENT) else None
    return _KINDS.get(step.number)


def enter_event(
    step: DevelopmentStep, *, place: Organisation, by: User | None, today: date | None
) -> MemberEvent | None:
    """Enter the event of this step, or find the one that says the same. Raises EventError."""
    data, member = event_of(step), step.case.member
    if data is None:
        return None
    standing = member.events.standing()
    same = standing.filter(kind=data.kind, on=data.on)
    if data.kind == EventKind.DEVELOPMENT_TARGET:
        # Named in step 7 under the old text: the consent of a later day names nobody again.
        same = standing.filter(kind=data.kind, on__range=(step.case.opened_on, data.on))
    found = same.first()
    if found or _registered_with_it(member, data):
        return found
    # Who has no status (a new applicant, or one who applies again) is in a branch only from this event on.
    needs_place = data.kind == EventKind.APPLIED and not member.memberships.at(data.on).exists()
    given = vars(data) | {"organisation": place if needs_place else None}
    return add_event(member, by=by, today=today, **given)


def _registered_with_it(member: Member, data: EventData) -> bool:
    """What lies before the person came into the roster, or came in with them, is in the file alone."""
    registered = member.events.standing().filter(kind=EventKind.REGISTERED).first()
    if registered is None:
        return False
    if data.on <= registered.on:
        return True
    gives = _GIVES.get(EventKind(data.kind))
    return gives is not None and _ORDER.index(gives) <= _ORDER.index(MemberStatus(registered.status))


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
