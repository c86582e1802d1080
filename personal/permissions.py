"""The permissions of this app and the roles that carry them. One's own data needs none."""

from branches.rules import Role

PERMISSIONS = {
    "personal.answer_correction": frozenset(
        {Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF, Role.ADMINISTRATOR}
    ),
}
