"""The support site: looking only, and no way in or password page of its own."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from pytest_django import Settings

from accounts.admin import LookOnly
from accounts.models import SignIn, User
from tests.factories.accounts import PASSWORD, make_account
from tests.factors.phone import CHECK, SET_UP, Phone, make_phone

pytestmark = pytest.mark.django_db
ADMIN, LOGIN = "/w/admin/", "/w/account/login/"


@pytest.fixture
def support(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root", PASSWORD, name="机房"))
    return client


def test_accounts_are_looked_at_and_nothing_else(support: Client) -> None:
    other = make_account()
    page = f"{ADMIN}accounts/user/{other.pk}/change/"
    assert support.get(f"{ADMIN}accounts/user/").status_code == 200
    assert "worker03" in support.get(page).content.decode()
    refused = [page, f"{ADMIN}accounts/user/add/", f"{ADMIN}accounts/user/{other.pk}/delete/"]
    assert [support.post(address, {"username": "x", "name": "x"}).status_code for address in refused] == [
        403
    ] * 3
    assert list(User.objects.order_by("username").values_list("username", flat=True)) == ["root", "worker03"]


def test_its_password_page_is_the_portals(support: Client) -> None:
    assert support.get(f"{ADMIN}password_change/").headers["Location"] == "/w/account/password/"
    assert support.post(f"{ADMIN}password_change/").headers["Location"] == "/w/account/password/"


def test_its_way_in_is_the_portals(client: Client) -> None:
    asked = client.get(f"{ADMIN}login/?next={ADMIN}accounts/user/").headers["Location"]
    assert asked == f"{LOGIN}?next={ADMIN}accounts/user/"


def test_who_is_no_support_is_refused_instead_of_sent_in_circles(client: Client) -> None:
    client.force_login(make_account())
    assert client.get(ADMIN, follow=True).status_code == 403
    assert client.get(f"{ADMIN}login/?next={ADMIN}").status_code == 403


def test_support_signed_in_goes_straight_on(support: Client) -> None:
    assert support.get(f"{ADMIN}login/").headers["Location"] == ADMIN


def test_everything_registered_is_for_looking_only() -> None:
    registered = admin.site._registry
    assert [str(model) for model, site in registered.items() if not isinstance(site, LookOnly)] == []
    assert {model._meta.app_label for model in registered} == {"accounts", "branches"}


def test_its_way_out_is_the_portals(support: Client) -> None:
    assert support.get(ADMIN).content.decode().count(f'action="{ADMIN}logout/"') == 1
    assert support.post(f"{ADMIN}logout/").headers["Location"] == LOGIN
    assert list(SignIn.objects.values_list("outcome", flat=True)) == [SignIn.Outcome.LEFT]
    assert support.get("/w/account/").status_code == 302


# --- the second factor, without which production keeps it closed -----------------------------------

TO_SET_UP = f"{SET_UP}?next=%2Fw%2Fadmin%2F"


def where(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "")


def with_phone(client: Client) -> Phone:
    phone = make_phone("root", is_staff=True)
    client.post(LOGIN, {"username": "root", "password": PASSWORD})
    return phone


@pytest.mark.parametrize(
    ("production", "mode", "answer"),
    [
        (True, "required", (302, TO_SET_UP)),
        (True, "offered", (302, TO_SET_UP)),
        (True, "off", (302, "/w/")),
        (False, "required", (302, TO_SET_UP)),
        (False, "offered", (200, "")),
        (False, "off", (200, "")),
    ],
)
def test_production_opens_it_with_a_second_factor_only(
    support: Client, settings: Settings, production: bool, mode: str, answer: tuple[int, str]
) -> None:
    settings.PRODUCTION, settings.SECOND_FACTOR = production, mode
    assert where(support.get(ADMIN)) == answer
    assert support.get("/w/account/").status_code == (302 if mode == "required" else 200)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("offered", "进入技术后台需要动态码验证，请先设置。"),
        ("off", "动态码验证目前停用，技术后台暂不开放。"),
    ],
)
def test_who_is_turned_away_is_told_why(support: Client, settings: Settings, mode: str, said: str) -> None:
    settings.PRODUCTION, settings.SECOND_FACTOR = True, mode
    support.get(ADMIN)
    assert said in support.get("/w/account/").content.decode()


def test_the_code_opens_it(client: Client, settings: Settings) -> None:
    settings.PRODUCTION, settings.SECOND_FACTOR = True, "offered"
    phone = with_phone(client)
    assert where(client.get(ADMIN)) == (302, f"{CHECK}?next=%2Fw%2Fadmin%2F")
    client.post(CHECK, {"code": phone.code()})
    assert client.get(ADMIN).status_code == 200


def test_a_second_factor_turned_off_closes_it_again(client: Client, settings: Settings) -> None:
    settings.PRODUCTION, settings.SECOND_FACTOR = True, "offered"
    phone = with_phone(client)
    client.post(CHECK, {"code": phone.paper[0]})
    assert client.post(f"{CHECK}off/", {"password": PASSWORD, "code": phone.paper[1]}).status_code == 302
    assert where(client.get(ADMIN))[0] == 302


def test_without_the_code_an_emergency_keeps_it_closed(client: Client, settings: Settings) -> None:
    settings.PRODUCTION, settings.SECOND_FACTOR = True, "off"
    with_phone(client)
    assert where(client.get(ADMIN)) == (302, "/w/")


def test_who_is_no_support_is_not_asked_to_set_one_up(client: Client, settings: Settings) -> None:
    settings.PRODUCTION = True
    client.force_login(make_account())
    assert client.get(ADMIN, follow=True).status_code == 403
