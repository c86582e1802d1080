"""Test data of the accounts app: people who sign in with a password."""

from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import User

PASSWORD = "Lantern-2026-walks"


def make_account(username: str = "worker03", *, password: str = PASSWORD, **fields: Any) -> User:
    """An account that can sign in through the form."""
    user = User.objects.create_user(username, None, name=fields.pop("name", "雷彩霞"), **fields)
    user.password = _hashed(password)
    user.save(update_fields=["password"])
    return user


@cache
def _hashed(password: str) -> str:
    """A hash is slow by design; the tests pay for each password once."""
    return make_password(password)
