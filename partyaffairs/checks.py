"""System checks of the installation as a whole."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error
from django.db import connection

from partyaffairs.tables import newer_migrations

DEMO_PASSWORD = "Demo-2026!"  # noqa: S105 - printed on the first page of the manual
DEMO_BRANCHES = range(1, 14)
DEMO_USERNAMES = (
    "admin",
    "committee",
    "staff",
    *(f"secretary{number:02}" for number in DEMO_BRANCHES),
    *(f"worker{number:02}" for number in DEMO_BRANCHES),
    # Their passphrase is in the manual too.
    *(f"box{number}" for number in range(1, 5)),
)


def demo_account_names(*, first_only: bool = False) -> list[str]:
    """Return the active demo accounts that still open with the demo password, by user name.

    Each comparison costs a deliberate tenth of a second; `first_only` ends at the first hit.
    """
    user_model = get_user_model()
    if user_model._meta.db_table not in connection.introspection.table_names():
        return []  # before the first migration
    found: list[str] = []
    for user in user_model.objects.filter(username__in=DEMO_USERNAMES, is_active=True).order_by("username"):
        if check_password(DEMO_PASSWORD, user.password):
            found.append(user.get_username())
            if first_only:
                break
    return found


def no_demo_accounts_in_production(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse to serve real people while anybody can sign in with the printed demo password."""
    if not settings.PRODUCTION or "default" not in (databases or ()):
        return []
    names = demo_account_names()
    if not names:
        return []
    return [
        Error(
            f"Demo accounts with the demo password exist in production mode: {', '.join(names)}.",
            hint="Start with an empty database, or deactivate these accounts or change their passwords.",
            id="partyaffairs.E001",
        )
    ]


def database_is_not_newer(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse to serve from tables that a newer program has changed: this one would write them wrong."""
    if "default" not in (databases or ()) or not (newer := newer_migrations()):
        return []
    return [
        Error(
            f"A newer version has changed this database: {', '.join(newer)}.",
            hint="Bring the newer program back, or restore the backup made before the update.",
            id="partyaffairs.E003",
        )
    ]


def hosts_are_named(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse to believe any Host header: links and redirects would lead wherever a visitor says."""
    wild = [host for host in settings.ALLOWED_HOSTS if host.startswith(("*", "."))]
    if not settings.PRODUCTION or not wild:
        return []
    return [
        Error(
            f"ALLOWED_HOSTS takes any host in production mode: {', '.join(wild)}.",
            hint="Name every host by which people reach the portal, with commas between.",
            id="partyaffairs.E002",
        )
    ]
