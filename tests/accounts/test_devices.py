"""Attacker and owner behind one address: who was signed in before in a browser is not kept out of it."""

import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.devices import COOKIE, KEPT, SALT
from accounts.models import SignIn, User
from tests.factories.accounts import PASSWORD, make_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]
LOGIN, LOGOUT, CHANGE = "/w/account/login/", "/w/account/logout/", "/w/account/password/"
CONFIRM, OFFICE = "/w/account/password/confirm/", "10.0.0.8"
NEW = "Another-2026-lamp"
LOCKED = [422] * 4 + [429] * 2
Browser = Callable[[], Client]


@pytest.fixture(params=["embedded", "behind a proxy"])
def browser(request: pytest.FixtureRequest, settings: Settings) -> Browser:
    """Makes browsers that all come from one address."""
    if request.param == "embedded":
        settings.TRUSTED_PROXIES = 0
        return lambda: Client(REMOTE_ADDR=OFFICE)
    settings.TRUSTED_PROXIES = 1
    return lambda: Client(REMOTE_ADDR="172.18.0.2", headers={"X-Forwarded-For": f"6.6.6.6, {OFFICE}"})


def tried(client: Client, typed: str = "wrong", username: str = "worker03") -> int:
    return client.post(LOGIN, {"username": username, "password": typed}).status_code


def signed_out(client: Client, username: str = "worker03") -> Client:
    """A browser in which the account was signed in once."""
    assert tried(client, PASSWORD, username) == 302
    client.post(LOGOUT)
    return client


def lock(client: Client, username: str = "worker03") -> None:
    assert [tried(client, username=username) for _ in range(6)] == LOCKED


def accounts_in(client: Client) -> list[int]:
    return [pk for _, pk in signing.loads(client.cookies[COOKIE].value, salt=SALT)]


def test_a_colleague_at_the_same_address_keeps_nobody_out(browser: Browser) -> None:
    make_account()
    owner, attacker = signed_out(browser()), browser()
    lock(attacker)
    assert tried(owner, PASSWORD) == 302
    assert (tried(attacker, PASSWORD), tried(browser(), PASSWORD)) == (429, 429)


def test_the_right_password_of_the_owner_gives_the_attacker_no_new_tries(browser: Browser) -> None:
    make_account()
    owner, attacker = signed_out(browser()), browser()
    lock(attacker)
    signed_out(owner)
    assert tried(attacker) == 429


def test_guessing_in_the_known_browser_locks_that_browser(browser: Browser) -> None:
    make_account()
    known, other = signed_out(browser()), signed_out(browser())
    lock(known)
    assert tried(known, PASSWORD) == 429
    assert (tried(other, PASSWORD), tried(browser(), PASSWORD)) == (302, 302)


def test_a_right_password_begins_the_count_of_the_known_browser_anew(browser: Browser) -> None:
    make_account()
    known = signed_out(browser())
    for _ in range(2):
        assert [tried(known) for _ in range(4)] == [422] * 4
        signed_out(known)


@pytest.mark.parametrize(("address", "field"), [(CHANGE, "old_password"), (CONFIRM, "password")])
@pytest.mark.parametrize("has_cookie", [True, False])
def test_who_is_signed_in_is_asked_for_the_password_in_peace(
    browser: Browser, address: str, field: str, has_cookie: bool
) -> None:
    make_account()
    owner = browser()
    assert tried(owner, PASSWORD) == 302
    if not has_cookie:  # signed in before there were any
        del owner.cookies[COOKIE]
    lock(browser())
    data = {"new_password": NEW, "repeated": NEW, field: PASSWORD}
    assert owner.post(address, data).status_code == 302
    assert accounts_in(owner) == [User.objects.get().pk]


def test_guessing_at_an_open_screen_locks_no_other_browser(browser: Browser) -> None:
    make_account()
    left_open, other = browser(), browser()
    assert (tried(left_open, PASSWORD), tried(other, PASSWORD)) == (302, 302)
    answers = [left_open.post(CONFIRM, {"password": "wrong"}).status_code for _ in range(6)]
    assert answers == LOCKED
    assert other.post(CONFIRM, {"password": PASSWORD}).status_code == 302


def test_a_changed_password_leaves_the_browser_known(browser: Browser) -> None:
    make_account()
    owner = browser()
    tried(owner, PASSWORD)
    owner.post(CHANGE, {"old_password": PASSWORD, "new_password": NEW, "repeated": NEW})
    owner.post(LOGOUT)
    lock(browser())
    assert tried(owner, NEW) == 302


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "garbage",
        ":::",
        "W10:1abc:x",
        "x" * 3000,
        signing.dumps([["a", 1]], salt="other"),
        signing.dumps([["a", 1]], salt=SALT, key="k" * 50),
    ],
    ids=["empty", "word", "colons", "shape", "long", "another salt", "another key"],
)
def test_a_forged_cookie_is_no_cookie(browser: Browser, forged: str) -> None:
    make_account()
    lock(browser())
    client = browser()
    client.cookies[COOKIE] = forged
    assert tried(client, PASSWORD) == 429
    client = browser()
    client.cookies[COOKIE] = forged
    assert tried(client, "wrong", "nobody") == 422


def test_the_mark_of_one_account_is_worth_nothing_for_another(browser: Browser) -> None:
    make_account()
    make_account("worker04")
    colleague = signed_out(browser(), "worker04")
    assert [tried(colleague) for _ in range(4)] == [422] * 4
    assert tried(browser()) == 429  # the fifth of one and the same counter
    assert tried(colleague, PASSWORD) == 429
    assert tried(colleague, PASSWORD, "worker04") == 302


def test_the_mark_ends_with_its_time(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    make_account()
    owner = signed_out(browser())
    lock(browser())
    later = time.time() + KEPT.total_seconds() + 1
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: later)
        assert tried(owner, PASSWORD) == 429
    assert tried(owner, PASSWORD) == 302


def test_a_shared_computer_knows_the_five_who_came_last() -> None:
    numbers = [make_account(f"worker{n:02}").pk for n in range(6)]
    client = Client()
    for n in range(6):
        signed_out(client, f"worker{n:02}")
    assert accounts_in(client) == numbers[:0:-1]
    before = signing.loads(client.cookies[COOKIE].value, salt=SALT)
    signed_out(client, "worker03")
    after = signing.loads(client.cookies[COOKIE].value, salt=SALT)
    assert after == [before[2], before[0], before[1], *before[3:]]


@pytest.mark.parametrize("secure", [True, False])
def test_what_the_cookie_is_and_says(settings: Settings, secure: bool) -> None:
    settings.SESSION_COOKIE_SECURE = secure
    user = make_account()
    client = Client()
    tried(client, PASSWORD)
    cookie = client.cookies[COOKIE]
    assert {name: cookie[name] for name in ("path", "httponly", "samesite", "secure", "max-age")} == {
        "path": "/w/",
        "httponly": True,
        "samesite": "Lax",
        "secure": secure or "",
        "max-age": int(timedelta(days=180).total_seconds()),
    }
    said = urlsafe_b64decode(cookie.value.split(":")[0] + "===").decode()
    assert (said.count(user.username), said.count(user.name), said.count(str(user.pk)) > 0) == (0, 0, True)


def test_a_wrong_password_makes_no_browser_known() -> None:
    make_account()
    client = Client()
    tried(client)
    assert COOKIE not in client.cookies


def test_public_pages_do_not_set_it(client: Client) -> None:
    """Nor do they see it, by its path; the client of the tests sends every cookie everywhere."""
    make_account()
    tried(client, PASSWORD)
    for name in set(client.cookies) - {COOKIE}:
        del client.cookies[name]
    answer = client.get("/")
    assert (answer.cookies.output(), answer.has_header("Vary")) == ("", False)


def test_the_sign_in_log_says_what_it_said(browser: Browser) -> None:
    user = make_account()
    owner = signed_out(browser())
    lock(owner)
    rows = SignIn.objects.of(user).values_list("outcome", "source")[:6]
    refused, locked = (SignIn.Outcome.REFUSED, OFFICE), (SignIn.Outcome.LOCKED, OFFICE)
    assert list(rows)[::-1] == [refused] * 4 + [locked] * 2


def test_the_page_of_the_lock_tells_when_the_lock_of_this_browser_ends(browser: Browser) -> None:
    make_account()
    owner = signed_out(browser())
    lock(owner)
    ends_at = owner.post(LOGIN, {"username": "worker03", "password": PASSWORD}).context["ends_at"]
    assert timedelta(minutes=14) < ends_at - timezone.now() <= timedelta(minutes=15)
