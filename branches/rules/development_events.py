"""Which dated event of the person a step of the case is, and whether the events already tell it; pure."""

from collections.abc import Iterable, Mapping
from datetime import date

from branches.rules.development import RuleVersion, version_on
from branches.rules.organisations import StepOutcome
from branches.rules.people import Event, EventKind, MemberStatus

CONSENT, TARGET, ADMISSION, CONVERSION, CONVERSION_APPROVAL = 8, 7, 15, 23, 24
_KINDS: Mapping[int, EventKind] = {
    1: EventKind.APPLIED,
    2: EventKind.TALKED,
    3: EventKind.ACTIVIST,
    11: EventKind.TRAINED,
    13: EventKind.PRE_REVIEWED,
    ADMISSION: EventKind.ADMITTED,
    17: EventKind.APPROVED,
    20: EventKind.OATH_TAKEN,
    CONVERSION_APPROVAL: EventKind.CONVERSION_APPROVED,
}
_AT_CONVERSION = {
    StepOutcome.PASSED: EventKind.CONVERTED,
    StepOutcome.EXTENDED: EventKind.PROBATION_EXTENDED,
}
_GIVES = {
    EventKind.APPLIED: MemberStatus.APPLICANT,
    EventKind.ACTIVIST: MemberStatus.ACTIVIST,
    EventKind.DEVELOPMENT_TARGET: MemberStatus.DEVELOPMENT_TARGET,
    EventKind.ADMITTED: MemberStatus.PROBATIONARY,
    EventKind.CONVERTED: MemberStatus.FULL,
}
_ORDER = list(MemberStatus)


def kind_of(number: int, outcome: StepOutcome, on: date) -> EventKind | None:
    """The event that a step is, None when it changes nothing about the person.

    A target is named by the branch under the text of 2014 (step 7), after the consent under that of 2026
    (step 8). Source: 中国共产党发展党员工作细则（2026年修订） 第十三条. The membership of who is revoked ends
    with the committee's approval, not with the meeting that proposes it.
    """
    if number == CONVERSION:
        return _AT_CONVERSION.get(outcome)
    if number == CONVERSION_APPROVAL and outcome is StepOutcome.REVOKED:
        return EventKind.REVOKED
    if outcome is not StepOutcome.PASSED:
        return None
    if number in (TARGET, CONSENT):
        named_by = CONSENT if version_on(on) is RuleVersion.DEV2026 else TARGET
        return EventKind.DEVELOPMENT_TARGET if number == named_by else None
    return _KINDS.get(number)


def is_told(kind: EventKind, on: date, events: Iterable[Event], *, since: date) -> bool:
    """Whether the person's events say already what a step of that day would say.

    What lies before the person came into the roster, or came in with them, is in the file alone. Who was
    named a target in step 7 under the old text is not named again by the consent. `since`: the day of
    the application.
    """
    known = list(events)
    if any(_says(event, kind, on, since) for event in known):
        return True
    registered = next((event for event in known if event.kind is EventKind.REGISTERED), None)
    return registered is not None and _came_in_with_it(registered, kind, on)


def _says(event: Event, kind: EventKind, on: date, since: date) -> bool:
    if event.kind is not kind:
        return False
    named_before = kind is EventKind.DEVELOPMENT_TARGET and since <= event.on <= on
    return event.on == on or named_before


def _came_in_with_it(registered: Event, kind: EventKind, on: date) -> bool:
    gives, status = _GIVES.get(kind), registered.status
    if on <= registered.on:
        return True
    return gives is not None and status is not None and _ORDER.index(gives) <= _ORDER.index(status)
