"""The permissions of this app and the roles that carry them."""

from branches.rules import COMMITTEE_ROLES, GrantKind, Role

BRANCH_ROLES = frozenset({Role.WORKER, *COMMITTEE_ROLES})
STAFF = frozenset({Role.GENERAL_BRANCH_STAFF})
OVERSEERS = frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF})

PERMISSIONS = {
    "branches.view_organisation": BRANCH_ROLES
    | OVERSEERS
    | {Role.ADMINISTRATOR, GrantKind.ROTATION, GrantKind.STAND_IN},
    "branches.view_member": BRANCH_ROLES | OVERSEERS | {GrantKind.STAND_IN},
    "branches.edit_organisation": STAFF | {Role.ADMINISTRATOR},
    "branches.edit_member": STAFF,
    "branches.edit_post": STAFF | {Role.ADMINISTRATOR},
    # Staff's own accounts and posts are protected besides: see PROTECTED_ROLES.
    "branches.manage_account": STAFF | {Role.ADMINISTRATOR},
    "branches.edit_calendar": STAFF | {Role.ADMINISTRATOR},
    # Structure, roster, joint branches: the general branch's own business.
    "branches.view_structure": OVERSEERS | {Role.ADMINISTRATOR},
    "branches.import_roster": STAFF,
    "branches.reveal_id_number": STAFF,
    "branches.view_policy": BRANCH_ROLES | OVERSEERS | {Role.ADMINISTRATOR, GrantKind.STAND_IN},
    "branches.edit_policy": STAFF | {Role.ADMINISTRATOR},
    "branches.view_joint_plan": OVERSEERS,
    "branches.edit_joint_plan": STAFF,
    # A branch keeps its own cases; what a superior decides is entered by who works there.
    "branches.view_development": BRANCH_ROLES | OVERSEERS | {GrantKind.STAND_IN},
    "branches.edit_development": BRANCH_ROLES | STAFF | {GrantKind.STAND_IN},
    "branches.record_superior_step": OVERSEERS,
    "branches.view_election": BRANCH_ROLES | OVERSEERS | {GrantKind.STAND_IN},
    "branches.edit_election": STAFF,
    "branches.use_calculator": BRANCH_ROLES
    | OVERSEERS
    | {Role.ADMINISTRATOR, GrantKind.ROTATION, GrantKind.STAND_IN},
}
