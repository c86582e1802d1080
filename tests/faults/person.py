"""Somebody signed in at a server of its own process, over HTTP."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from tests.backups.office import installation_at
from tests.box.installation import Installation, Site
from tests.services import current_database_url

SERVER = "tests.faults.wsgi"


def here(folder: Path, *, database: str = "", broker: str = "filesystem://") -> Installation:
    """Processes that see what this test commits, with its keys; or another database."""
    if not database and connection.vendor == "sqlite":
        database = f"sqlite:///{connection.settings_dict['NAME']}"
    made = installation_at(folder, database or current_database_url())
    return Installation(made.folder, made.database, broker)


@dataclass(frozen=True)
class Person:
    site: Site
    session: str
    token: str

    @property
    def _cookies(self) -> str:
        return f"{settings.SESSION_COOKIE_NAME}={self.session}; {settings.CSRF_COOKIE_NAME}={self.token}"

    def get(self, path: str) -> tuple[int, str]:
        return self.site.ask("GET", path, Cookie=self._cookies)

    def post(self, path: str, fields: Mapping[str, str] | None = None) -> tuple[int, str]:
        """(0, "") when the server hung up."""
        given = {"csrfmiddlewaretoken": self.token, **(fields or {})}
        return self.site.send(path, given, Cookie=self._cookies)


def signed_in(site: Site, user: User) -> Person:
    """The session is a row of this test's database."""
    browser = Client()
    browser.force_login(user)
    return Person(site, browser.cookies[settings.SESSION_COOKIE_NAME].value, secrets.token_hex(16))
