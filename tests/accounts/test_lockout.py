"""The lockout under attack: it holds one name from one source, and nobody else."""

from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from pytest_django import Settings

from accounts.actions import issue_first_password
from accounts.models import SignIn
from tests.factories.accounts import PASSWORD, make_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]
LOGIN = "/w/account/login/"
ATTACKER, OWNER = "203.0.113.66", "10.0.0.8"
NAMES = [f"worker{number:02}" for number in range(1, 9)]


def tried(client: Client, typed: str = "wrong", username: str = "worker03", **headers: str) -> int:
    data = {"username": username, "password": typed}
    return client.post(LOGIN, data, headers=headers).status_code


def source(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def forwarded(*chain: str) -> dict[str, Any]:
    return {"X-Forwarded-For": ", ".join(chain)}


def test_a_flood_on_one_name_never_keeps_its_owner_out() -> None:
    make_account()
    attacker, owner = source(ATTACKER), source(OWNER)
    assert [tried(attacker) for _ in range(30)] == [422] * 4 + [429] * 26
    assert tried(attacker, PASSWORD) == 429
    assert tried(owner, PASSWORD) == 302
    assert tried(source("10.0.0.9"), PASSWORD) == 302


def test_the_owners_own_slips_are_not_added_to_the_attackers() -> None:
    make_account()
    for _ in range(4):
        tried(source(ATTACKER))
    owner = source(OWNER)
    assert [tried(owner) for _ in range(4)] == [422] * 4
    assert tried(owner, PASSWORD) == 302


def test_a_right_password_begins_the_count_anew() -> None:
    make_account()
    owner = source(OWNER)
    for _ in range(2):
        assert [tried(owner) for _ in range(4)] == [422] * 4
        assert tried(owner, PASSWORD) == 302
        owner = source(OWNER)


def test_a_flood_from_one_source_on_many_names_locks_each_there_alone() -> None:
    for name in NAMES:
        make_account(name)
    attacker = source(ATTACKER)
    answers = [[tried(attacker, username=name) for _ in range(6)] for name in NAMES]
    assert answers == [[422] * 4 + [429] * 2] * len(NAMES)
    assert AccessAttempt.objects.count() == len(NAMES)
    assert [tried(source(OWNER), PASSWORD, name) for name in NAMES] == [302] * len(NAMES)
    assert tried(attacker, PASSWORD, NAMES[0]) == 429


def test_names_nobody_has_are_locked_alike_and_kept_as_digests() -> None:
    make_account()
    attacker = source(ATTACKER)
    known = [tried(attacker) for _ in range(6)]
    unknown = [tried(attacker, username="nobody") for _ in range(6)]
    assert known == unknown == [422] * 4 + [429] * 2
    assert SignIn.objects.filter(user=None).exclude(unknown_name="").count() == 6
    assert SignIn.objects.filter(unknown_name__contains="nobody").count() == 0


@pytest.mark.parametrize(
    ("proxies", "chain"),
    [(0, ("198.51.100.{}",)), (0, ("198.51.100.{}", ATTACKER)), (1, ("198.51.100.{}", ATTACKER))],
    ids=["no proxy", "no proxy, a chain", "one proxy"],
)
def test_a_forged_chain_of_addresses_gives_no_further_tries(
    settings: Settings, proxies: int, chain: tuple[str, ...]
) -> None:
    settings.TRUSTED_PROXIES = proxies
    make_account()
    client = source("172.18.0.2" if proxies else ATTACKER)
    answers = [tried(client, **forwarded(*(part.format(n) for part in chain))) for n in range(7)]
    assert answers == [422] * 4 + [429] * 3
    assert list(AccessAttempt.objects.values_list("ip_address", flat=True)) == [ATTACKER]


def test_a_forged_source_locks_nobody_out_at_that_source(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    make_account()
    for _ in range(7):
        tried(source(ATTACKER), **forwarded(OWNER))
    assert tried(source(OWNER), PASSWORD) == 302


def test_the_lock_of_the_sign_in_leaves_open_sessions_alone() -> None:
    make_account()
    owner = source(OWNER)
    assert tried(owner, PASSWORD) == 302
    for _ in range(6):
        tried(source(OWNER))
    assert owner.get("/w/").status_code == 200


def test_a_new_first_password_ends_every_lock_of_its_account_alone() -> None:
    """The page of the lock says: ask for a new first password. It has to open."""
    user, other = make_account(), make_account("worker04")
    known = source(OWNER)
    assert tried(known, PASSWORD) == 302
    known.post("/w/account/logout/")
    stranger, elsewhere = source(OWNER), source(ATTACKER)
    for client in (known, stranger, elsewhere):
        assert [tried(client) for _ in range(6)] == [422] * 4 + [429] * 2
    for _ in range(5):
        tried(elsewhere, username=other.username)
    first = issue_first_password(user, by=None)
    assert [tried(client, first) for client in (known, stranger, elsewhere)] == [302] * 3
    assert tried(source(ATTACKER), PASSWORD, other.username) == 429
