import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.access import CONFIRMED, client_address, lockout_name, safe_next
from accounts.lockout import counter_of
from tests.factories.accounts import make_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]


@pytest.mark.parametrize(
    ("candidate", "target"),
    [
        ("/w/reminders/?month=2026-11", "/w/reminders/?month=2026-11"),
        ("http://testserver/w/secret/1/", "http://testserver/w/secret/1/"),
        (None, "/w/"),
        ("", "/w/"),
        ("/", "/w/"),
        ("//evil.example/w/", "/w/"),
        ("https://evil.example/w/", "/w/"),
        ("javascript:alert(1)//w/", "/w/"),
        ("/\\evil.example/w/", "/w/"),
        ("/w/\r\nX: y", "/w/"),
        ("http://[/w/", "/w/"),
        ("http://[::1/w/", "/w/"),
    ],
)
def test_after_signing_in_only_our_own_pages_follow(
    rf: RequestFactory, candidate: str | None, target: str
) -> None:
    assert safe_next(rf.get("/w/account/login/"), candidate) == target


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1", "10.0.0.1"),
        (1, "6.6.6.6, 10.0.0.9", "172.18.0.2", "10.0.0.9"),
        (2, "6.6.6.6, 10.0.0.9, 172.18.0.3", "172.18.0.2", "10.0.0.9"),
        (1, "", "172.18.0.2", "172.18.0.2"),
        (1, "nonsense", "172.18.0.2", None),
        (0, "", "", None),
        (0, "", "::1", "::1"),
    ],
)
def test_only_our_own_proxies_name_the_source(
    rf: RequestFactory,
    settings: Settings,
    proxies: int,
    forwarded: str,
    remote: str,
    address: str | None,
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/w/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=remote)
    assert client_address(request) == address


def test_the_lockout_counts_every_spelling_as_one(rf: RequestFactory) -> None:
    request = rf.post("/w/account/login/", {"username": " WORKER03"})
    names = {lockout_name(request, None), lockout_name(request, {"username": "Worker03"})}
    assert names == {counter_of("worker03")}


def _signed_in(client: Client, *, confirmed_ago: float | None) -> None:
    client.force_login(make_account())
    client.get("/w/")
    session = client.session
    if confirmed_ago is not None:
        session[CONFIRMED] = session["session_began"] - confirmed_ago
        session.save()


def test_a_sensitive_page_opens_soon_after_the_password(client: Client) -> None:
    _signed_in(client, confirmed_ago=800)
    assert client.get("/w/secret/7/").content == b"secret 7 by GET"
    assert client.post("/w/secret/7/").content == b"secret 7 by POST"


@pytest.mark.parametrize("ago", [None, 901])
def test_a_sensitive_page_asks_for_the_password_again(client: Client, ago: float | None) -> None:
    _signed_in(client, confirmed_ago=ago)
    answer = client.get("/w/secret/7/?full=1")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/w/account/password/confirm/?next=%2Fw%2Fsecret%2F7%2F%3Ffull%3D1",
    )


def test_a_refused_post_leads_back_to_the_page_it_came_from(client: Client) -> None:
    _signed_in(client, confirmed_ago=None)
    answer = client.post("/w/secret/7/", headers={"Referer": "http://testserver/w/organisations/"})
    assert answer.headers["Location"].endswith("?next=http%3A%2F%2Ftestserver%2Fw%2Forganisations%2F")


def test_htmx_takes_the_whole_window_to_the_password_page(client: Client) -> None:
    _signed_in(client, confirmed_ago=None)
    answer = client.get("/w/secret/7/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (
        200,
        "/w/account/password/confirm/?next=%2Fw%2Fsecret%2F7%2F",
    )
