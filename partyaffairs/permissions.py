"""The permissions of the installation as a whole."""

from branches.rules import Role

PERMISSIONS = {"partyaffairs.view_operations": frozenset({Role.ADMINISTRATOR})}
