"""The permissions of this app and the roles that carry them."""

from branches.rules import COMMITTEE_ROLES, GrantKind, Role

BRANCH_ROLES = frozenset({Role.WORKER, *COMMITTEE_ROLES})
STAFF = frozenset({Role.GENERAL_BRANCH_STAFF})
OVERSEERS = frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF})
KEEPERS = frozenset(
    {Role.WORKER, Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.GENERAL_BRANCH_STAFF, GrantKind.STAND_IN}
)

PERMISSIONS = {
    "errorbank.view_entry": BRANCH_ROLES | OVERSEERS | {GrantKind.ROTATION, GrantKind.STAND_IN},
    "errorbank.propose_entry": BRANCH_ROLES | STAFF,
    # Of which organisations, and who decides on what ships, ErrorEntry.objects.decided_by says.
    "errorbank.publish_entry": OVERSEERS,
    "errorbank.practise": BRANCH_ROLES | OVERSEERS | {GrantKind.ROTATION, GrantKind.STAND_IN},
    "errorbank.view_finding": BRANCH_ROLES | OVERSEERS | {GrantKind.ROTATION, GrantKind.STAND_IN},
    "errorbank.inspect": STAFF,
    # A rotation month's findings: on the assigned branches, for staff to confirm.
    "errorbank.record_finding": STAFF | {GrantKind.ROTATION},
    "errorbank.report_own": KEEPERS,
    "errorbank.rectify": KEEPERS,
    "errorbank.review_finding": STAFF,
    # Which recheck is whose, Recheck.verifier says.
    "errorbank.verify_recheck": frozenset({Role.WORKER, Role.SECRETARY, *STAFF}),
    "errorbank.confirm_proposal": STAFF,
    "errorbank.view_figures": OVERSEERS,
}
