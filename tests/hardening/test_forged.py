"""What a stranger writes into a request changes nothing: hosts, proxies, htmx, ways back."""

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.access import client_address
from accounts.models import User
from branches.access import may_open
from branches.rules import OrganisationKind, Role
from partyaffairs.checks import hosts_are_named
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.branches import make_holder, make_organisation, make_user
from tests.hardening.addresses import all_addresses, finished

pytestmark = pytest.mark.django_db
FORGED = {
    "HX-Request": "true",
    "HX-Boosted": "true",
    "HX-Target": "main",
    "HX-Trigger": "id_number",
    "HX-Trigger-Name": "confirmed",
    "HX-Prompt": "yes",
    "HX-Current-URL": "http://evil.example/w/",
    "HX-History-Restore-Request": "true",
}
EVIL = "evil.example"
# Fragments everybody signed in may have: asked for as a page they lead to the page they belong to.
FRAGMENTS = {"guide:help_here"}


# --- htmx --------------------------------------------------------------------------------------


def opened(client: Client, headers: dict[str, str]) -> dict[str, tuple[int, bool]]:
    """Per address: the status, and whether another page is asked for; both ways of asking are one."""
    found = {}
    for name, address in all_addresses().items():
        response = client.get(address, headers=headers)
        away = "HX-Redirect" in response or 300 <= response.status_code < 400
        assert EVIL not in str(response.headers)
        if "HX-Redirect" in response:
            assert response.content == b""
        found[name] = (0 if away else response.status_code, away)
        finished(response)
    return found


@pytest.mark.parametrize("signed_in", [False, True])
def test_forged_htmx_headers_open_nothing(signed_in: bool) -> None:
    client = Client()
    if signed_in:
        client.force_login(make_user())
    client.get("/w/account/")
    plain, forged = opened(client, {}), opened(client, FORGED)
    differing = {name for name in plain if plain[name] != forged[name]}
    assert differing == (FRAGMENTS if signed_in else set())


def test_forged_htmx_headers_give_a_worker_no_other_rights() -> None:
    branch = make_organisation(parent=make_organisation(kind=OrganisationKind.GENERAL_BRANCH))
    user, client, today = make_holder(branch, Role.WORKER), Client(), timezone.localdate()
    client.force_login(user)
    closed = [
        address
        for name, address in all_addresses().items()
        if not name.startswith("ledgers:") and not may_open(user, address, on=today)
    ]
    assert len(closed) > 50
    assert {client.get(address, headers=FORGED).status_code for address in closed} <= {403, 404, 405}


def test_an_htmx_post_needs_its_token_all_the_same() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    for address in ("/w/account/logout/", "/w/account/sessions/end/", "/w/account/"):
        assert client.post(address, {"theme": "dark"}, headers=FORGED).status_code == 403


# --- hosts and proxies -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"]
)
def test_no_header_but_host_names_the_host_or_the_page(header: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["portal.example.com"]
    client = Client(headers={"Host": "portal.example.com", header: EVIL})
    response = client.get("/w/")
    assert (response.status_code, response.headers["Location"]) == (302, "/w/account/login/?next=/w/")
    assert EVIL not in client.get("/w/account/login/").content.decode()


@pytest.mark.parametrize(
    "host", [EVIL, f"portal.example.com.{EVIL}", f"portal.example.com@{EVIL}", "a b", ""]
)
def test_another_host_is_refused(host: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["portal.example.com"]
    response = Client(headers={"Host": host}).get("/w/account/login/", SERVER_NAME=EVIL)
    assert response.status_code == 400
    assert EVIL not in response.content.decode()


@pytest.mark.parametrize(
    ("hosts", "problems"),
    [
        (["portal.example.com", "10.1.2.3"], []),
        (["*"], ["partyaffairs.E002"]),
        (["portal.example.com", ".com"], ["partyaffairs.E002"]),
    ],
)
def test_production_names_its_hosts_one_by_one(hosts: list[str], problems: list[str], settings: Any) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert hosts_are_named(None) == []
    settings.PRODUCTION = True
    assert [problem.id for problem in hosts_are_named(None)] == problems


@pytest.mark.parametrize(
    ("proxies", "chain", "source"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 10.0.0.9", "10.0.0.9"),
        (2, "6.6.6.6, 10.0.0.9, 10.0.0.1", "10.0.0.9"),
        (2, "6.6.6.6", "127.0.0.1"),
        (1, "<script>", None),
    ],
)
def test_a_source_is_believed_from_our_own_proxies_alone(
    proxies: int, chain: str, source: str | None, rf: RequestFactory, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request: HttpRequest = rf.get("/w/", headers={"X-Forwarded-For": chain, "X-Real-IP": "6.6.6.6"})
    assert client_address(request) == source


# --- ways back ---------------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example/w/",
    "//evil.example/w/",
    "/\\evil.example/w/",
    "\\\\evil.example/w/",
    "///evil.example/w/",
    "https:evil.example/w/",
    "javascript:alert(1)//w/",
    "/w/\r\nLocation: https://evil.example",
    "https://testserver@evil.example/w/",
    "/static/../evil",
    " https://evil.example/w/",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_way_back_leads_out_of_the_house(target: str) -> None:
    make_account()
    signing_in = Client().post(
        "/w/account/login/", {"username": "worker03", "password": PASSWORD, "next": target}
    )
    assert signing_in.headers["Location"] == "/w/"
    client = Client()
    client.force_login(User.objects.get(username="worker03"))
    for address, data in (
        ("/w/account/password/confirm/", {"password": PASSWORD}),
        ("/w/account/large-text/", {"large": "1"}),
    ):
        assert client.post(address, {**data, "next": target}).headers["Location"] == "/w/"
    refused = Client().get("/w/admin/login/", {"next": target})
    entered = Client().post(
        refused.headers["Location"], {"username": "worker03", "password": PASSWORD}, follow=False
    )
    assert entered.headers["Location"] == "/w/"
