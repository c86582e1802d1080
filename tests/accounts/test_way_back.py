"""A session ends while a page is open: its next button leads to the sign-in and back to that page."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.access import BEGAN, SEEN
from tests.factories.accounts import PASSWORD, make_account
from tests.factors.phone import CHECK, make_phone

pytestmark = pytest.mark.django_db
LOGIN, PROFILE, SESSIONS = "/w/account/login/", "/w/account/", "/w/account/sessions/"
END_ALL, LARGE = f"{SESSIONS}end/", "/w/account/large-text/"
HERE = "http://testserver"
PAGE_405 = "这个地址不能直接打开</h1>"


def expired(client: Client) -> None:
    client.force_login(make_account(short_session=True))
    client.get(PROFILE)
    session = client.session
    session[BEGAN], session[SEEN] = session[BEGAN] - 86400, session[SEEN] - 86400
    session.save()


def next_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["next"][0]


def signed_in_again(client: Client, to_login: str) -> Any:
    data = {"username": "worker03", "password": PASSWORD, "next": next_in(to_login)}
    return client.post(LOGIN, data, follow=True)


@pytest.mark.parametrize("button", [END_ALL, LARGE, "/w/account/logout/"])
def test_a_button_pressed_too_late_leads_back_to_its_page(client: Client, button: str) -> None:
    expired(client)
    answer = client.post(button, headers={"Referer": f"{HERE}{SESSIONS}?page=1"})
    assert answer.status_code == 302
    back = signed_in_again(client, answer.headers["Location"])
    assert (back.status_code, back.request["PATH_INFO"], back.request["QUERY_STRING"]) == (
        200,
        SESSIONS,
        "page=1",
    )


@pytest.mark.parametrize("origin", ["", "https://evil.example/w/account/", f"{HERE}/", "http://[/w/"])
def test_without_a_page_of_ours_it_leads_to_the_start(client: Client, origin: str) -> None:
    expired(client)
    answer = client.post(END_ALL, headers={"Referer": origin})
    assert answer.headers["Location"] == f"{LOGIN}?next=/w/"
    assert signed_in_again(client, answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("method", "more", "back"),
    [
        ("post", {"HX-Current-URL": f"{HERE}{SESSIONS}"}, f"{HERE}{SESSIONS}"),
        ("get", {"HX-Current-URL": f"{HERE}{SESSIONS}"}, f"{HERE}{SESSIONS}"),
        ("get", {"HX-Current-URL": f"{HERE}{SESSIONS}", "HX-Boosted": "true"}, PROFILE),
        ("post", {"HX-Current-URL": "https://evil.example/w/"}, "/w/"),
        ("post", {"Referer": f"{HERE}{SESSIONS}"}, f"{HERE}{SESSIONS}"),
        ("get", {}, PROFILE),
    ],
)
def test_a_fragment_asked_for_too_late_leads_back_to_its_page(
    client: Client, method: str, more: dict[str, str], back: str
) -> None:
    expired(client)
    answer = getattr(client, method)(PROFILE, headers={"HX-Request": "true", **more})
    assert (answer.status_code, next_in(answer.headers["HX-Redirect"])) == (200, back)
    assert signed_in_again(client, answer.headers["HX-Redirect"]).status_code == 200


def test_a_page_asked_for_too_late_is_the_one_that_follows(client: Client) -> None:
    expired(client)
    answer = client.get(f"{SESSIONS}?page=1", headers={"Referer": f"{HERE}{PROFILE}"})
    assert next_in(answer.headers["Location"]) == f"{SESSIONS}?page=1"


def test_the_door_of_the_code_leads_back_to_the_page_of_a_fragment(client: Client) -> None:
    phone = make_phone()
    client.post(LOGIN, {"username": phone.user.username, "password": PASSWORD})
    answer = client.get("/w/notices/", headers={"HX-Request": "true", "HX-Current-URL": f"{HERE}{PROFILE}"})
    assert next_in(answer.headers["HX-Redirect"]) == f"{HERE}{PROFILE}"
    answer = client.get(PROFILE, headers={"HX-Request": "true", "HX-Current-URL": f"{HERE}{CHECK}"})
    assert next_in(answer.headers["HX-Redirect"]) == "/w/"


@pytest.mark.parametrize("address", [END_ALL, LARGE, "/w/account/logout/", "/w/notices/read/"])
@pytest.mark.parametrize(
    ("origin", "back"),
    [("", "/w/"), (f"{HERE}{PROFILE}", f"{HERE}{PROFILE}"), ("https://evil.example/w/", "/w/")],
)
def test_the_address_of_a_button_opened_by_hand_says_so(
    client: Client, address: str, origin: str, back: str
) -> None:
    client.force_login(make_account())
    answer = client.get(address, headers={"Referer": origin})
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Allow"], page.count(PAGE_405)) == (405, "POST", 1)
    assert page.count(f'href="{back}"') == 1
    again = client.get(address, headers={"Referer": f"{HERE}{address}"}).content.decode()
    assert again.count('<a class="btn btn-primary mt-0" href="/w/">') == 1


def test_a_fragment_gets_one_sentence(client: Client) -> None:
    client.force_login(make_account())
    answer = client.get(END_ALL, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content.decode()) == (
        405,
        "这里只能用页面上的按钮操作，请刷新页面后再试。",
    )


def test_a_public_page_says_so_too_and_knows_nobody(client: Client) -> None:
    answer = client.delete("/")
    assert (answer.status_code, answer.content.decode().count(PAGE_405)) == (405, 1)
    assert (answer.cookies.output(), answer.has_header("Vary")) == ("", False)


@pytest.mark.parametrize("referer", ["http://[", "https://evil.example/w/", f"{HERE}{END_ALL}"])
def test_a_405_leads_home_where_the_referer_is_no_page_of_ours(client: Client, referer: str) -> None:
    client.force_login(make_account())
    answer = client.get(END_ALL, headers={"Referer": referer})
    assert (answer.status_code, 'href="/w/"' in answer.content.decode()) == (405, True)
