"""Signing in with a code, and the own pages, through the real addresses."""

import re
from base64 import b32decode
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.access import BEGAN, CONFIRMED
from accounts.models import SignIn, User
from branches.rules import Role
from factors.access import GIVEN
from factors.models import Authenticator, RecoveryCode
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.branches import make_holder, make_member, make_tree
from tests.factors.phone import CHECK, LOGIN, SET_UP, code_of, give_password, make_phone

pytestmark = pytest.mark.django_db
PROFILE, OWN_PAGE = "/w/account/", "/w/account/sessions/"
REPLACE, CODES, OFF = (f"{CHECK}{name}/" for name in ("replace", "codes", "off"))
TO_CHECK = "/w/account/factor/?next=%2Fw%2Faccount%2F"
TO_SET_UP = "/w/account/factor/set-up/?next=%2Fw%2Faccount%2F"


def outcomes() -> list[str]:
    return list(SignIn.objects.order_by("pk").values_list("outcome", flat=True))


def where(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "")


def set_up(client: Client) -> Any:
    """Type the key that the page shows into a phone, and its code into the page."""
    shown = re.search(r'class="typed">([A-Z2-7 ]+)<', client.get(SET_UP).content.decode())
    assert shown
    secret = b32decode(shown[1].replace(" ", ""))
    return client.post(SET_UP, {"code": code_of(secret, timezone.now())})


def test_the_code_stands_between_the_password_and_every_page(client: Client) -> None:
    phone = make_phone()
    assert give_password(client) == PROFILE
    assert where(client.get(PROFILE)) == (302, TO_CHECK)
    assert where(client.get("/w/")) == (302, "/w/account/factor/?next=%2Fw%2F")
    assert where(client.post("/w/account/password/", {})) == (302, "/w/account/factor/?next=%2Fw%2F")
    page = client.get(TO_CHECK).content.decode()
    assert (page.count("输入动态码</h1>"), page.count('value="/w/account/"'), "主导航" in page) == (
        1,
        1,
        False,
    )
    answer = client.post(CHECK, {"code": phone.code(), "next": PROFILE})
    assert where(answer) == (302, PROFILE)
    assert client.get(PROFILE).status_code == 200
    assert outcomes() == [SignIn.Outcome.PASSWORD_RIGHT, SignIn.Outcome.CODE_RIGHT]


def test_the_right_code_changes_the_session_key(client: Client) -> None:
    phone = make_phone()
    give_password(client)
    before = client.session.session_key
    client.post(CHECK, {"code": phone.code()})
    assert client.session.session_key != before


def test_the_code_just_used_signs_in_nowhere_else(client: Client) -> None:
    phone, elsewhere, code = make_phone(), Client(), ""
    for browser, status in ((client, 302), (elsewhere, 422)):
        give_password(browser)
        code = code or phone.code()
        assert browser.post(CHECK, {"code": code}).status_code == status
    assert where(elsewhere.get(PROFILE)) == (302, TO_CHECK)


def test_a_wrong_code_is_said_and_logged_and_five_pause(client: Client) -> None:
    phone = make_phone()
    give_password(client)
    answers = [client.post(CHECK, {"code": "000000"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 5
    assert "动态码暂停使用到" in answers[4].content.decode()
    assert client.post(CHECK, {"code": phone.code()}).status_code == 422
    assert outcomes() == [SignIn.Outcome.PASSWORD_RIGHT] + [SignIn.Outcome.CODE_WRONG] * 6
    assert where(client.post(CHECK, {"code": phone.paper[0]})) == (302, "/w/")


@pytest.mark.parametrize("typed", ["", "x" * 33, "<script>alert(1)</script>"])
def test_odd_typing_is_refused(client: Client, typed: str) -> None:
    make_phone()
    give_password(client)
    answer = client.post(CHECK, {"code": typed})
    assert (answer.status_code, "<script>alert" in answer.content.decode()) == (422, False)


def test_a_recovery_code_signs_in_and_says_how_many_are_left(client: Client) -> None:
    phone = make_phone()
    give_password(client)
    client.post(CHECK, {"code": phone.paper[0]})
    page = client.get(PROFILE).content.decode()
    assert page.count("已用备用码登录，还剩 9 个。用过的那个请从纸上划掉。") == 1
    assert outcomes() == [SignIn.Outcome.PASSWORD_RIGHT, SignIn.Outcome.RECOVERY_USED]


def test_leaving_needs_no_code(client: Client) -> None:
    make_phone()
    give_password(client)
    assert where(client.post("/w/account/logout/")) == (302, LOGIN)
    assert where(client.get(CHECK)) == (302, f"{LOGIN}?next={CHECK}")


def test_a_session_that_waits_too_long_for_its_code_ends(client: Client) -> None:
    phone = make_phone()
    give_password(client)
    session = client.session
    session[BEGAN] -= 601
    session.save()
    answer = client.post(CHECK, {"code": phone.code()})
    assert where(answer) == (302, "/w/account/login/?next=%2Fw%2F")
    assert client.get(LOGIN).content.decode().count("等待动态码的时间已过，请重新登录。") == 1
    assert where(client.get(PROFILE)) == (302, f"{LOGIN}?next={PROFILE}")


def test_a_fragment_request_moves_the_window_to_the_code(client: Client) -> None:
    make_phone()
    give_password(client)
    answer = client.get(PROFILE, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, TO_CHECK)


def test_the_code_comes_before_a_first_password(client: Client) -> None:
    phone = make_phone(must_change_password=True)
    give_password(client)
    assert where(client.get("/w/account/password/"))[1].startswith(CHECK)
    assert client.get(CHECK).status_code == 200
    client.post(CHECK, {"code": phone.code()})
    assert where(client.get(PROFILE)) == (302, "/w/account/password/")


def test_who_owes_no_code_needs_no_code_page(client: Client) -> None:
    client.force_login(make_account())
    assert where(client.get(f"{CHECK}?next={PROFILE}")) == (302, PROFILE)
    assert where(client.get(f"{CHECK}?next=https://evil.example/")) == (302, "/w/")


def test_the_door_costs_no_statement(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    phone = make_phone()
    give_password(client)
    client.post(CHECK, {"code": phone.code()})
    client.get("/w/account/large-text/")
    with django_assert_num_queries(2):  # the session and the account
        client.get("/w/account/large-text/")


@pytest.mark.parametrize(
    ("mode", "office", "answer"),
    [
        ("required", True, (302, TO_SET_UP)),
        ("required", False, (200, "")),
        ("offered", True, (200, "")),
        ("off", True, (200, "")),
    ],
)
def test_who_is_led_to_set_it_up(
    client: Client, settings: Settings, mode: str, office: bool, answer: tuple[int, str]
) -> None:
    settings.SECOND_FACTOR = mode
    client.force_login(make_account(short_session=office))
    assert where(client.get(PROFILE)) == answer


@pytest.mark.parametrize(("mode", "asked"), [("required", True), ("offered", True), ("off", False)])
def test_who_set_it_up_is_asked_unless_it_is_off(
    client: Client, settings: Settings, mode: str, asked: bool
) -> None:
    make_phone()
    settings.SECOND_FACTOR = mode
    give_password(client)
    assert where(client.get(PROFILE)) == ((302, TO_CHECK) if asked else (200, ""))


def test_setting_up_under_duty_from_the_password_to_the_first_page(
    client: Client, settings: Settings
) -> None:
    settings.SECOND_FACTOR = "required"
    user = make_account(short_session=True)
    elsewhere = Client()
    elsewhere.force_login(user)
    give_password(client)
    assert where(client.get(PROFILE)) == (302, TO_SET_UP)
    page = client.get(SET_UP).content.decode()
    assert re.search(r'<img src="data:image/svg\+xml', page)
    assert ("主导航" in page, page.count("退出</button>")) == (False, 0)
    assert client.post(SET_UP, {"code": "000000"}).status_code == 422
    assert User.objects.get().second_factor_since is None
    answer = set_up(client)
    shown = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", answer.content.decode())
    assert (answer.status_code, len(set(shown))) == (200, 10)
    assert client.get(PROFILE).status_code == 200
    assert elsewhere.get(PROFILE).status_code == 302
    again = Client()
    give_password(again)
    assert where(again.post(CHECK, {"code": shown[0]})) == (302, "/w/")


def test_the_page_keeps_its_key_until_it_is_used(client: Client) -> None:
    make_account()
    give_password(client)
    first, second = (client.get(SET_UP).context["secret"] for _ in range(2))
    assert first == second
    token = client.session["second_factor_secret"]
    assert first.replace(" ", "") not in token


def test_setting_up_asks_for_the_password_that_was_given_long_ago(client: Client) -> None:
    make_account()
    give_password(client)
    session = client.session
    session[CONFIRMED] -= 901
    session.save()
    assert where(client.get(SET_UP))[1].startswith("/w/account/password/confirm/")
    assert Authenticator.objects.count() == 0


def test_an_obliged_first_password_is_changed_first(client: Client, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    make_account(short_session=True, must_change_password=True)
    give_password(client)
    assert where(client.get(PROFILE)) == (302, "/w/account/password/")
    assert client.get("/w/account/password/").status_code == 200
    new = "Another-2026-lamp"
    client.post("/w/account/password/", {"new_password": new, "repeated": new})
    assert where(client.get(PROFILE)) == (302, TO_SET_UP)


def _signed_in(client: Client) -> Any:
    phone = make_phone()
    give_password(client)
    client.post(CHECK, {"code": phone.paper[9]})
    return phone


def test_another_phone_needs_password_and_code_of_the_first(client: Client) -> None:
    phone = _signed_in(client)
    assert where(client.get(SET_UP)) == (302, REPLACE)
    assert client.post(REPLACE, {"password": "wrong", "code": phone.paper[0]}).status_code == 422
    assert client.post(REPLACE, {"password": PASSWORD, "code": "000000"}).status_code == 422
    assert where(client.get(SET_UP)) == (302, REPLACE)
    assert RecoveryCode.objects.count() == 9
    assert where(client.post(REPLACE, {"password": PASSWORD, "code": phone.paper[0]})) == (302, SET_UP)
    assert set_up(client).status_code == 200
    assert where(client.get(SET_UP)) == (302, REPLACE)
    assert RecoveryCode.objects.filter(authenticator__user=phone.user).count() == 10
    assert outcomes()[2:] == [SignIn.Outcome.NOT_CONFIRMED, SignIn.Outcome.CODE_WRONG]


def test_new_recovery_codes_are_shown_once(client: Client) -> None:
    phone = _signed_in(client)
    answer = client.post(CODES, {"password": PASSWORD, "code": phone.code()})
    shown = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", answer.content.decode())
    assert (len(set(shown)), set(shown) & set(phone.paper)) == (10, set())
    assert "no-store" in answer.headers["Cache-Control"]
    assert re.findall(r"[a-z0-9]{5}-[a-z0-9]{5}</li>", client.get(CODES).content.decode()) == []


def test_switching_off_needs_password_and_code(client: Client) -> None:
    phone = _signed_in(client)
    for data in (
        {"password": "wrong", "code": phone.paper[0]},
        {"password": PASSWORD, "code": "1"},
        {"code": ""},
    ):
        assert client.post(OFF, data).status_code == 422
    assert Authenticator.objects.count() == 1
    assert where(client.post(OFF, {"password": PASSWORD, "code": phone.paper[0]})) == (302, OWN_PAGE)
    assert Authenticator.objects.count() == 0
    assert client.get(PROFILE).status_code == 200


def test_guessing_the_password_there_is_locked_too(client: Client) -> None:
    phone = _signed_in(client)
    answers = [client.post(OFF, {"password": "wrong", "code": phone.paper[0]}).status_code for _ in range(6)]
    assert answers == [422, 422, 422, 422, 429, 429]
    assert RecoveryCode.objects.count() == 9


def test_who_is_obliged_does_not_switch_off(client: Client, settings: Settings) -> None:
    phone = make_phone(short_session=True)
    settings.SECOND_FACTOR = "required"
    give_password(client)
    client.post(CHECK, {"code": phone.code()})
    assert where(client.post(OFF, {"password": PASSWORD, "code": phone.paper[0]})) == (302, OWN_PAGE)
    assert Authenticator.objects.count() == 1


@pytest.mark.parametrize("address", [REPLACE, CODES, OFF])
def test_who_has_none_has_nothing_to_change(client: Client, address: str) -> None:
    client.force_login(make_account())
    assert client.get(address).status_code == 404


def test_off_means_no_pages_at_all(client: Client, settings: Settings) -> None:
    settings.SECOND_FACTOR = "off"
    make_phone()
    give_password(client)
    assert [client.get(a).status_code for a in (SET_UP, REPLACE, CODES, OFF)] == [404] * 4


@pytest.mark.parametrize("address", [CHECK, SET_UP, REPLACE, CODES, OFF])
def test_the_pages_answer_get_and_post_only(client: Client, address: str) -> None:
    _signed_in(client)
    assert client.delete(address).status_code == 405


@pytest.fixture
def office(client: Client) -> Any:
    """Staff signed in, and a worker of theirs with a lost phone."""
    _, general, branches = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    client.force_login(staff)
    client.get(PROFILE)
    session = client.session
    session[CONFIRMED] = session[BEGAN]
    session.save()
    phone = make_phone()
    make_member(branches[0], user=phone.user)
    return phone


def _reset_page(user: User) -> str:
    return f"{CHECK}{user.pk}/reset/"


def test_staff_reset_a_lost_phone(client: Client, office: Any) -> None:
    page = _reset_page(office.user)
    assert client.get("/w/organisations/accounts/").content.decode().count(f'href="{page}"') == 1
    assert client.post(page, {"reason": ""}).status_code == 422
    assert where(client.post(page, {"reason": "手机丢失，已当面核实"})) == (302, "/w/organisations/accounts/")
    assert User.objects.get(pk=office.user.pk).second_factor_since is None
    assert client.get(page).status_code == 404
    assert client.get("/w/organisations/accounts/").content.decode().count(f'href="{page}"') == 0


def test_a_reset_wants_the_password_again(client: Client, office: Any) -> None:
    session = client.session
    session[CONFIRMED] -= 901
    session.save()
    page = _reset_page(office.user)
    assert where(client.post(page, {"reason": "x"}))[1].startswith("/w/account/password/confirm/")
    assert Authenticator.objects.count() == 1


def test_a_reset_is_for_who_manages_the_account(client: Client, office: Any) -> None:
    stranger = make_phone("worker09")
    assert client.post(_reset_page(stranger.user), {"reason": "x"}).status_code == 404
    assert client.delete(_reset_page(office.user)).status_code == 405
    give_password(worker := Client())
    worker.post(CHECK, {"code": office.paper[0]})
    assert worker.post(_reset_page(stranger.user), {"reason": "x"}).status_code == 403
    assert Authenticator.objects.count() == 2


def test_the_support_site_opens_only_with_both(client: Client, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    User.objects.create_superuser("root", PASSWORD, name="机房")
    give_password(client, "root", "/w/admin/")
    for address in ("/w/admin/", "/w/admin/accounts/user/", "/w/admin/login/"):
        assert where(client.get(address))[1].startswith(SET_UP)
    assert set_up(client).status_code == 200
    assert client.get("/w/admin/accounts/user/").status_code == 200
    session = client.session
    del session[GIVEN]
    session.save()
    assert where(client.get("/w/admin/accounts/user/"))[1].startswith(CHECK)
