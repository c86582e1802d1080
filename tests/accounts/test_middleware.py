import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.access import BEGAN, SEEN
from accounts.actions import disable, end_sessions
from accounts.models import SignIn, User
from tests.factories.accounts import make_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]

MINUTE, HOUR, DAY = 60, 3600, 86400
TO_LOGIN = "/w/account/login/?next=/w/"


def _age(client: Client, *, began: float = 0, seen: float = 0) -> None:
    """Travel: the session began and was last seen so many seconds ago."""
    client.get("/w/")
    session = client.session
    session[BEGAN] -= began
    session[SEEN] -= seen
    session.save()


def _home(client: Client) -> tuple[int, str]:
    answer = client.get("/w/")
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.parametrize(
    ("short", "began", "seen", "answer"),
    [
        (True, 29 * MINUTE, 29 * MINUTE, (200, "")),
        (True, 31 * MINUTE, 31 * MINUTE, (302, TO_LOGIN)),
        (True, 13 * HOUR, 1, (302, TO_LOGIN)),
        (False, 29 * DAY, 29 * DAY, (200, "")),
        (False, 31 * DAY, 1, (302, TO_LOGIN)),
    ],
)
def test_a_session_ends_at_its_limits(
    client: Client, short: bool, began: float, seen: float, answer: tuple[int, str]
) -> None:
    client.force_login(make_account(short_session=short))
    _age(client, began=began, seen=seen)
    assert _home(client) == answer


def test_work_keeps_a_short_session_alive(client: Client) -> None:
    client.force_login(make_account(short_session=True))
    for _ in range(3):
        _age(client, began=20 * MINUTE, seen=20 * MINUTE)
    assert _home(client) == (200, "")


def test_an_expired_session_is_logged_and_explained(client: Client) -> None:
    user = make_account(short_session=True)
    client.force_login(user)
    _age(client, began=HOUR, seen=HOUR)
    page = client.get("/w/", follow=True).content.decode()
    assert page.count("登录已到时间自动退出") == 1
    assert [row.outcome for row in SignIn.objects.of(user)] == [SignIn.Outcome.EXPIRED]


def test_the_limits_cost_no_query(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client.force_login(make_account(short_session=True))
    client.get("/w/")
    with django_assert_num_queries(2):  # Django's own: the session and the account
        client.get("/w/")


def test_a_public_page_reads_no_account(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):  # whether there is an organisation yet
        answer = client.get("/")
    assert (answer.status_code, answer.cookies.output(), "Cookie" in answer.headers.get("Vary", "")) == (
        200,
        "",
        False,
    )


def test_other_sessions_end_with_the_epoch_and_with_disabling(client: Client) -> None:
    user = make_account()
    client.force_login(user)
    end_sessions(user)
    assert _home(client) == (302, TO_LOGIN)
    client.force_login(User.objects.get(pk=user.pk))
    disable(user, by=None)
    assert _home(client) == (302, TO_LOGIN)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_first_password_bars_every_page_but_two(client: Client, method: str) -> None:
    client.force_login(make_account(must_change_password=True))
    for address in ("/w/", "/w/account/", "/w/secret/1/", "/w/account/password/confirm/"):
        answer = getattr(client, method)(address)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/w/account/password/")
    assert client.get("/w/account/password/").status_code == 200
    assert client.post("/w/account/logout/").headers["Location"] == "/w/account/login/"


def test_a_fragment_request_of_a_signed_out_person_moves_the_window(client: Client) -> None:
    answer = client.get("/w/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, TO_LOGIN)
