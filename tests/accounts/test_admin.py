"""The support site: looking only, and no way in or password page of its own."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories.accounts import PASSWORD, make_account

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
