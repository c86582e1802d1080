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
}
