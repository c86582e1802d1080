"""Which roles and grants carry which permission: collected from every app's permissions.py.

A permission that no app declares is an error, so a typing mistake never opens a page; a role that a
permission does not name has no such right (deny by default).
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from branches.rules import GrantKind, Role

type_of_holder = Role | GrantKind


class UnknownPermission(LookupError):
    """A permission is used that no app declares."""


@cache
def all_permissions() -> dict[str, frozenset[type_of_holder]]:
    """Every declared permission with the roles and grant kinds that carry it."""
    found: dict[str, frozenset[type_of_holder]] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.permissions"
        if find_spec(name) is not None and hasattr(module := import_module(name), "PERMISSIONS"):
            found.update(module.PERMISSIONS)
    return found


def holders_of(permission: str) -> frozenset[type_of_holder]:
    """The roles and grant kinds with this permission. Raises UnknownPermission."""
    try:
        return all_permissions()[permission]
    except KeyError:
        raise UnknownPermission(permission) from None


def roles_with(permission: str) -> frozenset[Role]:
    return frozenset(holder for holder in holders_of(permission) if isinstance(holder, Role))


def grants_with(permission: str) -> frozenset[GrantKind]:
    return frozenset(holder for holder in holders_of(permission) if isinstance(holder, GrantKind))
