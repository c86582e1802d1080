"""Larger letters by one tap: kept by the device, back on the same page, the theme as it was."""

import pytest
from django.test import Client

from accounts.models import User
from tests.guide.conftest import signed_in

SWITCH = "/w/account/large-text/"
LARGE = '<html lang="zh-CN" data-bs-theme="dark" class="large">'


@pytest.fixture
def client(worker: User) -> Client:
    client = signed_in(worker)
    client.cookies["portal_theme"] = "dark"
    return client


def test_on_and_off_again(client: Client) -> None:
    page = client.get("/w/help/?q=x").content.decode()
    assert ("放大字号" in page, '<input type="hidden" name="next" value="/w/help/?q=x">' in page) == (
        True,
        True,
    )
    answer = client.post(SWITCH, {"large": "1", "next": "/w/help/?q=x"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/w/help/?q=x")
    cookie = client.cookies["portal_large"]
    assert (cookie.value, cookie["path"], cookie["httponly"]) == ("1", "/w/", True)
    page = client.get("/w/help/").content.decode()
    assert (LARGE in page, "恢复标准字号" in page) == (True, True)
    client.post(SWITCH, {"large": "0", "next": "/w/help/"})
    assert LARGE not in client.get("/w/help/").content.decode()


def test_pressed_twice_it_stays(client: Client) -> None:
    for _ in range(2):
        client.post(SWITCH, {"large": "1"})
    assert LARGE in client.get("/w/help/").content.decode()


@pytest.mark.parametrize("target", ["", "https://evil.example/w/", "/", "//evil.example/w/"])
def test_it_leads_nowhere_else(client: Client, target: str) -> None:
    assert client.post(SWITCH, {"large": "1", "next": target}).headers["Location"] == "/w/"


def test_wrong_method_and_strangers(client: Client) -> None:
    assert client.get(SWITCH).status_code == 405
    assert Client().post(SWITCH, {"large": "1"}).headers["Location"].startswith("/w/account/login/")
