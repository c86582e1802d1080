import pytest
from django.test import Client

from accounts.models import User
from branches.rules import OrganisationKind, Role
from tests.factories.branches import make_holder, make_organisation


@pytest.fixture
def worker(db: None) -> User:
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="党总支")
    return make_holder(make_organisation(parent=general), Role.WORKER)


@pytest.fixture
def client(worker: User) -> Client:
    return signed_in(worker)


def signed_in(user: User) -> Client:
    """A client whose session has its stamps already: what a page asks is counted without them."""
    client = Client()
    client.force_login(user)
    client.get("/w/account/")
    return client
