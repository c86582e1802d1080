"""Pure rules of the error bank."""

from errorbank.rules.vocabulary import (
    UNFIXED_STATES,
    UNSETTLED_STATES,
    CauseLevel,
    ErrorCategory,
    FindingState,
    ProposalState,
    RecheckMode,
    RecheckState,
    Severity,
    Source,
    StepKind,
    VersionState,
)

__all__ = [
    "UNFIXED_STATES",
    "UNSETTLED_STATES",
    "CauseLevel",
    "ErrorCategory",
    "FindingState",
    "ProposalState",
    "RecheckMode",
    "RecheckState",
    "Severity",
    "Source",
    "StepKind",
    "VersionState",
]
