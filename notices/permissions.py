"""The permissions of this app and the roles that carry them."""

from branches.rules import Role

PERMISSIONS = {
    # What could not be delivered and why; never what the message said.
    "notices.view_failed": frozenset({Role.GENERAL_BRANCH_STAFF, Role.ADMINISTRATOR}),
    "notices.retry_failed": frozenset({Role.GENERAL_BRANCH_STAFF, Role.ADMINISTRATOR}),
}
