"""Recovery codes whose page was lost: the reminder, and the button that ends it."""

import pytest
from django.test import Client
from django.utils import timezone

from branches.sealed import open_bytes
from factors import actions
from factors.models import Authenticator
from factors.sealed_rows import PURPOSE
from tests.factories.accounts import make_account
from tests.factors.phone import CHECK, code_of, give_password, make_phone
from tests.factors.test_views import CODES, PROFILE, set_up, where

pytestmark = pytest.mark.django_db
CONFIRM = f"{CODES}confirm/"


def test_who_never_left_the_page_of_codes_is_reminded_at_every_sign_in(client: Client) -> None:
    user, seen = make_account(), []
    give_password(client)
    set_up(client)
    secret = open_bytes(bytes(Authenticator.objects.get().secret_sealed), purpose=PURPOSE)
    for _ in range(2):
        Authenticator.objects.update(last_step=0)
        give_password(again := Client())
        again.post(CHECK, {"code": code_of(secret, timezone.now())})
        seen.append(again.get(PROFILE).content.decode().count("您的备用码还没有确认抄下"))
        assert again.get(PROFILE).content.decode().count("您的备用码还没有确认抄下") == 0
        page = again.get(CODES).content.decode()
        seen.append(page.count(f'action="{CONFIRM}"'))
        assert where(again.post(CONFIRM, {"next": PROFILE})) == (302, PROFILE)
    assert (seen, Authenticator.objects.get(user=user).codes_unseen) == ([1, 1, 0, 0], False)


def test_the_button_below_the_codes_confirms_them(client: Client) -> None:
    make_account()
    give_password(client)
    page = set_up(client).content.decode()
    assert (page.count(f'action="{CONFIRM}"'), Authenticator.objects.get().codes_unseen) == (1, True)
    assert client.get(CONFIRM).status_code == 405
    assert where(client.post(CONFIRM, {"next": "https://evil.example/"})) == (302, "/w/")
    assert not Authenticator.objects.get().codes_unseen


def test_one_does_not_confirm_for_others(client: Client) -> None:
    actions.renew_codes(make_phone("worker04").user)
    client.force_login(make_account())
    client.post(CONFIRM)
    assert Authenticator.objects.get().codes_unseen
