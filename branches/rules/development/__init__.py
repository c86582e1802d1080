"""Recruiting of Party members: 5 stages, 25 steps, 25 constraints; no ORM, no clock.

Use: put what is known into CaseFacts, ask `check_case` what is kept, `next_step` what comes next.
"""

from branches.rules.development.ahead import missing_steps, next_step
from branches.rules.development.checks import check_case
from branches.rules.development.facts import (
    CaseFacts,
    Check,
    CheckState,
    NextStep,
    PersonState,
    StepFact,
)
from branches.rules.development.limits import (
    earliest_target,
    extensions,
    latest_postponed,
    notice_end,
    probation_end_of,
)
from branches.rules.development.standing import (
    crosses_versions,
    crossing_note,
    person_state,
    small_branch_notes,
)
from branches.rules.development.texts import (
    CONSTRAINTS,
    DEV2026_SINCE,
    RECURRING,
    STAGES,
    STEPS,
    Actor,
    RuleVersion,
    Stage,
    Step,
    basis_of,
    stage_of,
    version_on,
)

__all__ = [
    "CONSTRAINTS",
    "DEV2026_SINCE",
    "RECURRING",
    "STAGES",
    "STEPS",
    "Actor",
    "CaseFacts",
    "Check",
    "CheckState",
    "NextStep",
    "PersonState",
    "RuleVersion",
    "Stage",
    "Step",
    "StepFact",
    "basis_of",
    "check_case",
    "crosses_versions",
    "crossing_note",
    "earliest_target",
    "extensions",
    "latest_postponed",
    "missing_steps",
    "next_step",
    "notice_end",
    "person_state",
    "probation_end_of",
    "small_branch_notes",
    "stage_of",
    "version_on",
]
