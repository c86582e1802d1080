"""The permissions of this app and the roles that carry them."""

from branches.rules import COMMITTEE_ROLES, GrantKind, Role

PERMISSIONS = {
    "records.view_record": frozenset(
        {
            Role.WORKER,
            *COMMITTEE_ROLES,
            Role.GENERAL_BRANCH_STAFF,
            Role.COMMITTEE_STAFF,
            GrantKind.ROTATION,
            GrantKind.STAND_IN,
        }
    ),
}
