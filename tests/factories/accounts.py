"""Test data of the accounts app: people who sign in with a password."""

from typing import Any

from accounts.models import User

PASSWORD = "Lantern-2026-walks"


def make_account(username: str = "worker03", *, password: str = PASSWORD, **fields: Any) -> User:
    """An account that can sign in through the form."""
    return User.objects.create_user(username, password, name=fields.pop("name", "雷彩霞"), **fields)
