"""The permissions of this app and the roles that carry them."""

from branches.rules import COMMITTEE_ROLES, GrantKind, Role

BRANCH_ROLES = frozenset({Role.WORKER, *COMMITTEE_ROLES})
STAFF = frozenset({Role.GENERAL_BRANCH_STAFF})
OVERSEERS = frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF})

PERMISSIONS = {
    # Everything about a person is that person's to see; of others only who grades them.
    "incentives.view_own": BRANCH_ROLES | STAFF,
    "incentives.view_record": OVERSEERS,
    "incentives.edit_record": STAFF,
    "incentives.view_nomination": BRANCH_ROLES | OVERSEERS,
    "incentives.nominate_entry": BRANCH_ROLES | STAFF,
    "incentives.approve_entry": OVERSEERS,
    # What one contests oneself, and what others contest where one answers.
    "incentives.view_appeal": BRANCH_ROLES | OVERSEERS,
    "incentives.answer_appeal": OVERSEERS,
    "incentives.edit_policy": STAFF,
    # By which numbers one is graded, everybody who is graded may read.
    "incentives.view_policy": BRANCH_ROLES | OVERSEERS,
    # Money of others: by a grant of its own with a last day, whatever post one holds.
    "incentives.view_bonus": frozenset({GrantKind.BONUS}),
    "incentives.view_honour": BRANCH_ROLES | OVERSEERS,
    "incentives.nominate_honour": BRANCH_ROLES | STAFF,
    "incentives.run_honour": STAFF,
    # A notice is posted for everybody; what is said in person is written down by discipline inspection.
    "incentives.view_notice": BRANCH_ROLES | OVERSEERS,
    "incentives.raise_objection": BRANCH_ROLES | OVERSEERS,
    "incentives.record_objection": frozenset({Role.DISCIPLINE_COMMISSIONER}),
    "incentives.review_objection": OVERSEERS,
    "incentives.apply_level": BRANCH_ROLES,
    "incentives.decide_level": STAFF,
    "incentives.keep_reserve": OVERSEERS,
}
