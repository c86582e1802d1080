"""A phone with an authenticator program, and an account tied to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone
from django_otp.oath import hotp

from accounts.models import User
from factors import actions
from factors.models import Authenticator
from factors.rules import STEP_SECONDS, new_secret
from tests.factories.accounts import PASSWORD, make_account

LOGIN, CHECK, SET_UP = "/w/account/login/", "/w/account/factor/", "/w/account/factor/set-up/"


@dataclass
class Phone:
    """What the person holds: the secret in the program and ten codes on paper."""

    user: User
    secret: bytes
    paper: list[str]

    def code(self, *, steps: int = 1, at: datetime | None = None) -> str:
        """The code so many steps ahead of now: that of the set-up's own step is used up already."""
        return code_of(self.secret, at or timezone.now(), steps)

    @property
    def row(self) -> Authenticator:
        return Authenticator.objects.get(user=self.user)


def code_of(secret: bytes, at: datetime, steps: int = 0) -> str:
    return f"{hotp(secret, int(at.timestamp()) // STEP_SECONDS + steps):06}"


def make_phone(username: str = "worker03", *, at: datetime | None = None, **fields: Any) -> Phone:
    user = make_account(username, **fields)
    secret, at = new_secret(), at or timezone.now()
    paper = actions.set_up(user, secret=secret, typed=code_of(secret, at), at=at)
    actions.confirm_codes(user)
    return Phone(user, secret, paper)


def give_password(client: Client, username: str = "worker03", next: str = "/w/account/") -> str:
    answer = client.post(LOGIN, {"username": username, "password": PASSWORD, "next": next})
    return str(answer.headers["Location"])
