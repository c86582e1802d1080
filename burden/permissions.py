"""The permissions of this app and the roles that carry them."""

from branches.rules import COMMITTEE_ROLES, GrantKind, Role

BRANCH_ROLES = frozenset({Role.WORKER, *COMMITTEE_ROLES})
STAFF = frozenset({Role.GENERAL_BRANCH_STAFF})
OVERSEERS = frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF})
# Who checks the portal reads what is promised to all, and nothing of single branches.
EVERYBODY = frozenset({*Role, GrantKind.ROTATION, GrantKind.STAND_IN}) - {Role.AUDITOR}
RECIPIENTS = frozenset({Role.RECIPIENT})

PERMISSIONS = {
    # What the organisation promises is for everybody who signs in.
    "burden.view_measure": EVERYBODY | {Role.AUDITOR},
    "burden.edit_measure": STAFF,
    "burden.view_duty": EVERYBODY,
    "burden.edit_duty": STAFF,
    # One's own branch to oneself, the whole to who answers for it: queries.load says which.
    "burden.view_load": BRANCH_ROLES | OVERSEERS,
    "burden.view_demand": BRANCH_ROLES | OVERSEERS,
    "burden.edit_demand": STAFF,
    # A branch says itself what is asked of it outside the portal; staff look at it before it counts.
    "burden.propose_demand": BRANCH_ROLES | STAFF,
    "burden.agree_time": STAFF | {Role.SECRETARY, Role.DEPUTY_SECRETARY},
    "burden.view_visit": BRANCH_ROLES | OVERSEERS,
    "burden.file_visit": OVERSEERS,
    "burden.rate_visit": BRANCH_ROLES,
    "burden.view_scheme": BRANCH_ROLES | OVERSEERS,
    "burden.edit_scheme": STAFF,
    "burden.view_survey": EVERYBODY,
    "burden.run_survey": STAFF,
    # Sealed letters: who has neither the post nor the own passphrase reads none, whatever else they may.
    "burden.open_box": RECIPIENTS,
}
