"""Methods no page asks for: they change nothing, break nothing and open nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from accounts.models import User
from tests.hardening.addresses import all_addresses
from tests.hardening.filling import writes
from tests.hardening.walking import client_of, sent

UNASKED = ("put", "patch", "delete", "options")
REFUSED = {302, 403, 404, 405}


def careless(request: HttpRequest) -> HttpResponse:
    """Takes whatever comes, and writes."""
    User.objects.update(name=str(request.method))
    return HttpResponse("done")


urlpatterns = [path("w/careless/", careless, name="careless"), path("", include("partyaffairs.urls"))]


def _said(client: Client, method: str, address: str) -> tuple[int, list[Any]]:
    with writes() as written:
        status: int = sent(client, method, address).status_code
    return status, written


def surprises(client: Client, addresses: dict[str, str]) -> Iterator[str]:
    """What is answered otherwise than with a refusal, or writes; HEAD is a GET without its content."""
    for name, address in addresses.items():
        for method in UNASKED:
            status, written = _said(client, method, address)
            if status not in REFUSED or written:
                yield f"{method} {name} {status} {written}"
        status, written = _said(client, "head", address)
        if status != 405 and (status, written) != _said(client, "get", address):
            yield f"head {name} {status} {written}"


@pytest.mark.django_db
@pytest.mark.parametrize("viewer", ["stranger", pytest.param("own_worker", marks=pytest.mark.full)])
def test_no_other_method_does_anything(
    viewer: str, people: dict[str, User | None], made: dict[str, str]
) -> None:
    assert list(surprises(client_of(people[viewer]), all_addresses() | made)) == []


@pytest.mark.django_db
def test_a_view_that_takes_every_method_is_noticed(people: dict[str, User | None]) -> None:
    client = client_of(people["own_worker"])
    with override_settings(ROOT_URLCONF=__name__):
        found = [line.split()[:3] for line in surprises(client, {"careless": "/w/careless/"})]
    assert found[:4] == [[method, "careless", "200"] for method in UNASKED]
