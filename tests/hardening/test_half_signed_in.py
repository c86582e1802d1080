"""Password given, the rest still due: every URL leads to where it is given, and does nothing else."""

import pytest
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings

from accounts.models import SignIn, User
from audit.models import AuditEvent
from factors.middleware import WHILE_CODE_IS_DUE, WHILE_SET_UP_IS_DUE
from tests.factories.accounts import make_account
from tests.factors.phone import CHECK, LOGIN, SET_UP, give_password, make_phone
from tests.hardening.addresses import address_of, entries

pytestmark = pytest.mark.django_db
LOGOUT = "accounts:logout"
# The list of one app of the admin site wants the name of a real app; an old address of its pages has no name.
BY_HAND = {
    "admin:app_list": "/w/admin/accounts/",
    "admin:<path:object_id>/": "/w/admin/accounts/user/1/",
    "admin:(?P<url>.*)$": "/w/admin/none/",
}


def every_address() -> dict[str, str]:
    """URL name → address below /w/, the admin site's inner pages too; the one that ends the session last.

    Elsewhere no browser sends the session, and nobody is known there.
    """
    found = {name: address_of(name, entry) or BY_HAND[name] for name, entry in entries(get_resolver())}
    signed_in = [(name, address) for name, address in found.items() if address.startswith("/w/")]
    return dict(sorted(signed_in, key=lambda pair: (pair[0] == LOGOUT, pair[0])))


def not_led_to(door: str, client: Client, method: str) -> dict[str, tuple[int, str]]:
    """URL name → status and target, of every answer that is not the way to the door."""
    answers: dict[str, tuple[int, str]] = {}
    for name, address in every_address().items():
        response = getattr(client, method)(address)
        target = response.headers.get("Location", "")
        if (response.status_code, target.partition("?")[0]) != (302, door):
            answers[name] = response.status_code, target
    return answers


def written() -> tuple[int, int]:
    return SignIn.objects.count(), AuditEvent.objects.count()


def test_only_pages_that_know_nobody_are_left_out() -> None:
    left_out = dict(entries(get_resolver())).keys() - every_address().keys()
    others = {name for name in left_out if not name.startswith("box:")}
    assert others == {"landing", "healthz", "healthz_jobs", "feed_calendar"}


def test_with_a_code_due_every_url_leads_to_the_code(client: Client) -> None:
    make_phone(short_session=True, is_staff=True, is_superuser=True, exclusive_duty="administrator")
    give_password(client)
    before = written()
    opened = {"factors:factor_check": (200, "")}
    assert not_led_to(CHECK, client, "get") == opened | {LOGOUT: (405, "")}
    assert written() == before
    assert not_led_to(CHECK, client, "post") == opened | {LOGOUT: (302, LOGIN)}
    assert written() == (before[0] + 1, before[1])  # that the person left
    assert {*opened, LOGOUT} == WHILE_CODE_IS_DUE


def test_with_a_set_up_owed_every_url_leads_to_it(client: Client, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    make_account(short_session=True, is_staff=True, is_superuser=True, exclusive_duty="administrator")
    give_password(client)
    before = written()
    opened = ["factors:factor_set_up", "accounts:password_change", "accounts:password_confirm"]
    assert not_led_to(SET_UP, client, "get") == dict.fromkeys(opened, (200, "")) | {LOGOUT: (405, "")}
    assert written() == before
    assert not_led_to(SET_UP, client, "post") == dict.fromkeys(opened, (200, "")) | {LOGOUT: (302, LOGIN)}
    assert User.objects.get().second_factor_since is None
    assert {*opened, LOGOUT} == WHILE_SET_UP_IS_DUE
