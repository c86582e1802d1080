"""Where a person stands after the steps entered, and what a reader should keep in mind."""

from datetime import date

from branches.rules.development import limits
from branches.rules.development.facts import CaseFacts, PersonState
from branches.rules.development.texts import CROSSING_TEXT, DEV2026_SINCE, RuleVersion, version_on
from branches.rules.organisations import COMMITTEE_FROM, StepOutcome
from branches.rules.sources import source

_NOTES: list[str] = source("member_development")["small_branch_notes"]
LEAST_FULL = 3


def person_state(facts: CaseFacts) -> PersonState:
    """The state the entered steps lead to, whatever day it is."""
    if _revoked(facts):
        return PersonState.REVOKED
    if facts.withdrawn:
        return PersonState.WITHDRAWN
    if facts.passed(15):
        return _after_admission(facts)
    if _refused(facts, 13) or _refused(facts, 15):
        return PersonState.REJECTED
    return _before_admission(facts)


def _after_admission(facts: CaseFacts) -> PersonState:
    if _refused(facts, 17):
        return PersonState.REJECTED
    if facts.passed(23) and facts.passed(24):
        return PersonState.FULL
    if facts.passed(17) is None and not (facts.of(20) or facts.of(21) or facts.of(23)):
        return PersonState.ADMITTED_PENDING_APPROVAL
    return PersonState.PROBATION_EXTENDED if limits.extensions(facts) else PersonState.PROBATIONARY


def _before_admission(facts: CaseFacts) -> PersonState:
    if facts.passed(13):
        return PersonState.PRE_REVIEWED
    target = facts.passed(7)
    # Since 2026 only the consent of the superior committee makes a target.
    listed = target is not None and version_on(target.on) is RuleVersion.DEV2014
    if listed or facts.passed(8) or any(facts.of(n) for n in range(9, 13)):
        return PersonState.DEVELOPMENT_TARGET
    return PersonState.ACTIVIST if facts.passed(3) else PersonState.APPLICANT


def _refused(facts: CaseFacts, number: int) -> bool:
    last = facts.last(number)
    return last is not None and last.outcome is StepOutcome.NOT_PASSED


def _revoked(facts: CaseFacts) -> bool:
    """Revoked once the committee has answered the meeting that said so."""
    found = limits.rounds(facts)
    if not found or found[-1][0].outcome is not StepOutcome.REVOKED:
        return False
    approved = found[-1][1]
    return approved is not None and approved.outcome is not StepOutcome.NOT_PASSED


def crosses_versions(facts: CaseFacts, *, on: date) -> bool:
    """Whether the case has steps under both texts, the one ahead counted."""
    days = [s.on for s in facts.steps] or [facts.opened_on]
    return min(days) < DEV2026_SINCE <= max(*days, on)


def crossing_note(facts: CaseFacts, *, on: date) -> str:
    """What to confirm by hand for a case under both texts; empty for the others."""
    return f"{CROSSING_TEXT}（待核实）" if crosses_versions(facts, on=on) else ""


def small_branch_notes(full_members: int) -> list[str]:
    """What a branch of that many full members should keep in mind."""
    if full_members >= COMMITTEE_FROM:
        return [_NOTES[3]]
    return [_NOTES[0], *([_NOTES[1]] if full_members <= LEAST_FULL else []), *_NOTES[2:]]
