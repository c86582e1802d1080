"""Where one is signed in: whose rows, what is shown of them, and that an end is an end at once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.access import BEGAN, SEEN
from accounts.actions import end_session, end_sessions
from accounts.models import OwnSession, SignIn
from accounts.queries import own_sessions
from accounts.rules import UNKNOWN_DEVICE, device_family
from tests.factories.accounts import PASSWORD, make_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]
LOGIN, PAGE, END_ALL = "/w/account/login/", "/w/account/sessions/", "/w/account/sessions/end/"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0"
WECHAT = "Mozilla/5.0 (Linux; Android 13; V2183A) AppleWebKit/537.36 Chrome/116 Mobile MicroMessenger/8.0.50"


def signed_in(username: str = "worker03", agent: str = EDGE, source: str = "10.0.0.5") -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=source)
    answer = client.post(LOGIN, {"username": username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def where(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "")


def handles(client: Client) -> list[str]:
    return re.findall(r"/sessions/([0-9a-f]{32})/end/", client.get(PAGE).content.decode())


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (EDGE, "Windows 电脑，Edge 浏览器"),
        (WECHAT, "安卓设备，微信"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "苹果手机，苹果浏览器",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; UOS) Firefox/115.0", "统信电脑，火狐浏览器"),
        ("Mozilla/5.0 (Phone; OpenHarmony 4.1) Chrome/114 HuaweiBrowser/5.0", "鸿蒙设备，华为浏览器"),
        ("curl/8.5.0", UNKNOWN_DEVICE),
        ("", UNKNOWN_DEVICE),
        ("<script>alert(1)</script>", UNKNOWN_DEVICE),
    ],
)
def test_a_device_is_called_as_people_call_it(agent: str, said: str) -> None:
    assert device_family(agent) == said


def test_a_session_is_its_accounts_from_the_sign_in_on() -> None:
    user = make_account()
    client = Client()
    client.session.save()
    assert list(OwnSession.objects.values_list("user", flat=True)) == [None]
    client.post(LOGIN, {"username": "worker03", "password": PASSWORD})
    assert list(OwnSession.objects.values_list("user", flat=True)) == [user.pk]
    client.post("/w/account/logout/")
    assert OwnSession.objects.filter(user=user).count() == 0


def test_the_page_shows_the_own_devices_and_nobody_elses() -> None:
    make_account()
    make_account("worker04")
    here, _, _ = (
        signed_in(),
        signed_in(agent=WECHAT, source="10.0.0.6"),
        signed_in("worker04", source="10.0.0.7"),
    )
    page = here.get(PAGE).content.decode()
    assert re.findall(r'<th scope="row">(.+?)</th>', page) == [
        'Windows 电脑，Edge 浏览器 <span class="tag ok">本机</span>',
        "安卓设备，微信",
    ]
    assert re.findall(r'data-label="地址">([^<]+)<', page) == ["10.0.0.5", "10.0.0.6"]
    assert [row.session_key in page for row in OwnSession.objects.all()] == [False] * 3


def test_one_session_is_ended_and_its_next_request_is_a_strangers() -> None:
    user = make_account()
    here, lost, other = signed_in(), signed_in(agent=WECHAT), signed_in(source="10.0.0.8")
    rows = own_sessions(user, current=here.session.session_key, now=timezone.now())
    handle = next(row.handle for row in rows if row.device.endswith("微信"))
    assert where(here.post(f"{PAGE}{handle}/end/")) == (302, PAGE)
    assert [c.get("/w/").status_code for c in (here, lost, other)] == [200, 302, 200]
    assert len(handles(here)) == 1
    assert here.post(f"{PAGE}{handle}/end/").status_code == 404
    assert SignIn.objects.order_by("-pk")[0].outcome == SignIn.Outcome.ENDED_ELSEWHERE


def test_an_ended_session_never_comes_back_by_its_own_writing() -> None:
    user = make_account()
    client = signed_in()
    late = client.session
    late["x"] = 1  # read already when it is ended
    end_session(user, key=late.session_key or "")
    with pytest.raises(UpdateError):
        late.save()
    assert OwnSession.objects.count() == 0


def test_the_own_session_and_those_of_others_are_not_ended_by_a_handle() -> None:
    user, stranger = make_account(), make_account("worker04")
    here, there = signed_in(), signed_in("worker04")
    now = timezone.now()
    mine = own_sessions(user, current=None, now=now)[0].handle
    theirs = own_sessions(stranger, current=None, now=now)[0].handle
    assert [here.post(f"{PAGE}{handle}/end/").status_code for handle in (mine, theirs, "x")] == [404] * 3
    assert [c.get("/w/").status_code for c in (here, there)] == [200, 200]
    assert end_session(user, key=there.session.session_key or "") is False


def test_all_other_sessions_are_ended_at_once() -> None:
    make_account()
    here, one, two = signed_in(), signed_in(), signed_in()
    assert len(handles(here)) == 2
    assert where(here.post(END_ALL)) == (302, PAGE)
    assert [c.get("/w/").status_code for c in (here, one, two)] == [200, 302, 302]
    assert handles(here) == []


def test_a_changed_password_ends_the_sessions_elsewhere() -> None:
    make_account()
    here, lost = signed_in(), signed_in()
    new = "Another-2026-lamp"
    here.post("/w/account/password/", {"old_password": PASSWORD, "new_password": new, "repeated": new})
    assert [c.get("/w/").status_code for c in (here, lost)] == [200, 302]
    assert handles(here) == []


@pytest.mark.parametrize("ended", ["epoch", "expired", "too long ago", "idle"])
def test_what_is_over_is_not_listed(ended: str) -> None:
    user = make_account(short_session=ended == "idle")
    lost = signed_in(agent=WECHAT)
    session = lost.session
    if ended == "epoch":
        end_sessions(user)
    elif ended == "expired":
        OwnSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    else:
        session[BEGAN] -= 31 * 86400 if ended == "too long ago" else 0
        session[SEEN] -= 31 * 60
        session.save()
    here = signed_in()
    assert [row.device for row in here.get(PAGE).context["sessions"]] == ["Windows 电脑，Edge 浏览器"]


@pytest.mark.parametrize(
    ("short", "ago", "stamped"), [(True, 59, 0), (True, 61, 1), (False, 3599, 0), (False, 3601, 1)]
)
def test_the_last_use_is_written_at_most_so_often(
    django_assert_num_queries: DjangoAssertNumQueries, short: bool, ago: int, stamped: int
) -> None:
    make_account(short_session=short)
    client = signed_in()
    session = client.session
    session[SEEN] -= ago
    session.save()
    client.defaults["REMOTE_ADDR"] = "10.0.0.99"
    # The session and the account; with a stamp one writing in its own savepoint.
    with django_assert_num_queries(2 + 3 * stamped):
        client.get("/w/")
    assert client.session["session_place"] == ("10.0.0.99" if stamped else "10.0.0.5")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_devices(
    django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    make_account()
    make_account("worker04")
    signed_in("worker04")
    clients = [signed_in() for _ in range(count)]
    clients[0].get(PAGE)
    with django_assert_num_queries(6):  # session, account, posts, devices, and two of the list below
        answer = clients[0].get(PAGE)
    assert (len(answer.context["sessions"]), answer.context["page"].paginator.count) == (count, count)


def test_the_list_holds_thirty_days_of_the_own_and_the_failures_too(client: Client) -> None:
    user, other = make_account(), make_account("worker04")
    now = timezone.now()
    for owner, days, outcome in (
        (user, 29, SignIn.Outcome.REFUSED),
        (user, 31, SignIn.Outcome.ACCEPTED),
        (other, 1, SignIn.Outcome.LOCKED),
        (user, 2, SignIn.Outcome.LOCKED),
    ):
        SignIn.objects.create(user=owner, outcome=outcome, source="10.0.0.1", at=now - timedelta(days=days))
    client.force_login(user)
    shown = client.get(PAGE).context["page"]
    assert [(row.user, row.outcome) for row in shown] == [(user, "locked"), (user, "refused")]


def test_the_page_needs_a_sign_in_and_answers_get_only(client: Client) -> None:
    assert where(client.get(PAGE)) == (302, f"{LOGIN}?next={PAGE}")
    assert where(client.post(f"{PAGE}x/end/")) == (302, f"{LOGIN}?next=/w/")
    client.force_login(make_account())
    assert (client.post(PAGE).status_code, client.get(f"{PAGE}x/end/").status_code) == (405, 405)
    assert client.get(END_ALL).status_code == 405
