"""The permissions of this app and the roles that carry them."""

from branches.rules import COMMITTEE_ROLES, GrantKind, Role

PERMISSIONS = {
    "papers.fill_template": frozenset(
        {
            Role.WORKER,
            *COMMITTEE_ROLES,
            Role.GENERAL_BRANCH_STAFF,
            Role.COMMITTEE_STAFF,
            GrantKind.STAND_IN,
        }
    ),
    "papers.manage_template": frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF}),
}
