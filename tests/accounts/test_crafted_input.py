"""Input that no page of ours sends: an answer, never a fault."""

import pytest
from django.test import Client

from accounts.models import SignIn
from branches.rules import OrganisationKind, Role
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.branches import make_holder, make_organisation

pytestmark = pytest.mark.django_db
LOGIN = "/w/account/login/"
HUGE = 2**63


def test_a_malformed_way_back_leads_to_the_start(client: Client) -> None:
    make_account()
    data = {"username": "worker03", "password": PASSWORD, "next": "http://[/w/"}
    assert client.get(LOGIN, {"next": "http://[/w/"}).status_code == 200
    assert client.post(LOGIN, data).headers["Location"] == "/w/"


def test_a_malformed_referer_is_no_fault_of_the_csrf_page() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(LOGIN, {"username": "x"}, headers={"Referer": "http://[/w/"})
    assert (answer.status_code, "这次提交没有保存" in answer.content.decode()) == (403, True)


def test_nul_in_the_name_of_a_field_is_refused(client: Client) -> None:
    answer = client.post(LOGIN, {"username": "a", "pass\0word": "b"})
    assert (answer.status_code, SignIn.objects.count()) == (400, 0)
    assert "请求未能识别" in answer.content.decode()


def test_nul_in_a_name_or_password_signs_nobody_in(client: Client) -> None:
    user = make_account()
    for data in (
        {"username": "worker03\0", "password": PASSWORD},
        {"username": "worker03", "password": "\0"},
    ):
        assert client.post(LOGIN, data).status_code == 422
    assert list(SignIn.objects.values_list("user", "outcome")) == [(user.pk, "refused")] * 2
    assert client.post(LOGIN, {"username": "\0", "password": "\0"}).status_code == 422


@pytest.mark.parametrize(
    "address", ["/w/a%00b/", f"{LOGIN}?next=%00", f"{LOGIN}?%00=1", "/%00", "/static/%00"]
)
def test_nul_in_an_address_is_refused(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


def test_nul_in_a_cookie_is_refused(client: Client) -> None:
    client.cookies["sessionid"] = "a\0b"
    assert client.get("/w/").status_code == 400


def test_a_chosen_row_beyond_64_bits_is_no_choice(client: Client) -> None:
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    client.force_login(make_holder(general, Role.GENERAL_BRANCH_STAFF))
    data = {"parent": HUGE, "kind": "branch", "name": "甲", "code": "BR01"}
    assert client.post("/w/organisations/add/", data).status_code == 422


@pytest.mark.parametrize(
    "address",
    [
        "/w/organisations/{}/",
        "/w/organisations/members/{}/",
        "/w/organisations/posts/{}/end/",
        "/w/reminders/{}/",
    ],
)
def test_a_number_beyond_64_bits_is_nothing_of_ours(client: Client, address: str) -> None:
    client.force_login(make_holder(make_organisation()))
    assert [client.get(address.format(number)).status_code for number in (HUGE, 10 * HUGE**3)] == [404, 404]
