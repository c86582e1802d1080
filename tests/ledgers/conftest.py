"""The sample ledger stands in the registry for the time of one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from ledgers.ledger import Ledger
from tests.factories.branches import make_user
from tests.ledgers.sample import make_ledger, registered


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with registered(make_ledger()) as made:
        yield made


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def everybody(db: None) -> User:
    """A person who sees every row of the sample ledger."""
    return make_user(name="全部")


@pytest.fixture
def signed_in(client: Client, everybody: User) -> Client:
    client.force_login(everybody)
    return client
