import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from accounts.models import SignIn, User
from tests.factories.accounts import PASSWORD, make_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]

LOGIN = "/w/account/login/"
CHANGE = "/w/account/password/"
CONFIRM = "/w/account/password/confirm/"
PROFILE = "/w/account/"
NEW = "Another-2026-lamp"
DIGITS = "40718293650718"
ALIKE = "worker0333"
COMMON = "qwertyuiop"


def _sign_in(client: Client, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    answer = client.post(LOGIN, {"username": "worker03", "password": password, **more})
    return answer.status_code, answer.headers.get("Location", "")


def _outcomes() -> list[str]:
    return list(SignIn.objects.order_by("pk").values_list("outcome", flat=True))


def test_signing_in_leads_to_the_page_that_was_asked_for(client: Client) -> None:
    make_account()
    assert client.get("/w/secret/3/").headers["Location"] == f"{LOGIN}?next=/w/secret/3/"
    assert _sign_in(client, next="/w/secret/3/") == (302, "/w/secret/3/")
    assert client.get("/w/secret/3/").content == b"secret 3 by GET"
    assert _outcomes() == [SignIn.Outcome.ACCEPTED]


def test_signing_in_never_leaves_the_house(client: Client) -> None:
    make_account()
    assert _sign_in(client, next="https://evil.example/w/") == (302, "/w/")


def test_who_is_signed_in_needs_no_login_page(client: Client) -> None:
    client.force_login(make_account())
    assert client.get(f"{LOGIN}?next=/w/secret/1/").headers["Location"] == "/w/secret/1/"


def test_any_spelling_of_the_name_signs_in(client: Client) -> None:
    make_account()
    assert client.post(LOGIN, {"username": " WORKER03", "password": PASSWORD}).status_code == 302


def test_signing_in_changes_the_session_key(client: Client) -> None:
    make_account()
    client.session.save()
    before = client.session.session_key
    _sign_in(client)
    assert client.session.session_key != before


def test_cookies_stay_below_w(client: Client) -> None:
    make_account()
    client.get(LOGIN)
    _sign_in(client)
    assert {name: cookie["path"] for name, cookie in client.cookies.items()} == {
        "csrftoken": "/w/",
        "portal_device": "/w/",
        "sessionid": "/w/",
    }


@pytest.mark.parametrize("disabled", [True, False])
def test_a_refusal_does_not_say_whether_the_account_exists(client: Client, disabled: bool) -> None:
    if disabled:
        make_account(is_active=False)
    answer = client.post(LOGIN, {"username": "worker03", "password": PASSWORD})
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == ["登录名或密码不对，请核对后再试。"]
    assert _outcomes() == [SignIn.Outcome.REFUSED]


def test_the_password_is_never_sent_back(client: Client) -> None:
    make_account()
    page = client.post(LOGIN, {"username": "worker03", "password": "a-wrong-secret"}).content.decode()
    assert (page.count("a-wrong-secret"), page.count('value="worker03"')) == (0, 1)


def test_an_empty_form_asks_for_both(client: Client) -> None:
    answer = client.post(LOGIN, {"username": "", "password": ""})
    assert sorted(answer.context["form"].errors) == ["password", "username"]
    assert _outcomes() == []


def test_hostile_text_shows_as_text(client: Client) -> None:
    page = client.post(LOGIN, {"username": "<script>alert(1)</script>", "password": "x"}).content.decode()
    assert (page.count("<script>alert"), page.count("&lt;script&gt;alert")) == (0, 1)


def test_a_nul_byte_in_the_name_is_a_refusal(client: Client) -> None:
    assert client.post(LOGIN, {"username": "a\x00b", "password": "x"}).status_code == 422


def test_the_last_two_tries_are_announced_and_the_fifth_locks(client: Client) -> None:
    make_account()
    warnings = []
    for name in ("worker03", "WORKER03", "Worker03", "worker03"):
        form = client.post(LOGIN, {"username": name, "password": "wrong"}).context["form"]
        warnings += re.findall(r"再输错 (\d) 次", form.non_field_errors()[0])
    assert warnings == ["2", "1"]
    locked = client.post(LOGIN, {"username": "worker03", "password": "wrong"})
    assert (locked.status_code, locked.content.decode().count("请稍候再登录</h1>")) == (429, 1)
    assert _sign_in(client) == (429, "")
    assert _outcomes() == [SignIn.Outcome.REFUSED] * 4 + [SignIn.Outcome.LOCKED] * 2


def test_the_lock_ends_by_itself_and_more_tries_do_not_prolong_it(client: Client) -> None:
    make_account()
    for _ in range(5):
        _sign_in(client, "wrong")
    last_counted = timezone.now() - timedelta(minutes=14)
    AccessAttempt.objects.update(attempt_time=last_counted)
    locked = client.post(LOGIN, {"username": "worker03", "password": PASSWORD})
    assert locked.context["ends_at"] == last_counted + timedelta(minutes=15)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert _sign_in(client) == (302, "/w/")


def test_a_lock_holds_one_account_from_one_source(client: Client) -> None:
    make_account()
    make_account("worker04")
    for _ in range(5):
        _sign_in(client, "wrong")
    assert client.post(LOGIN, {"username": "worker04", "password": PASSWORD}).status_code == 302
    elsewhere = Client(REMOTE_ADDR="10.0.0.8")
    assert _sign_in(elsewhere) == (302, "/w/")


def test_leaving_ends_the_session(client: Client) -> None:
    client.force_login(make_account())
    assert client.post("/w/account/logout/").headers["Location"] == LOGIN
    assert client.get("/w/").status_code == 302
    assert _outcomes() == [SignIn.Outcome.LEFT]
    assert client.get(LOGIN).content.decode().count("已退出登录。") == 1


@pytest.mark.parametrize("address", ["/w/account/logout/", "/w/account/sessions/end/"])
def test_a_link_cannot_end_a_session(client: Client, address: str) -> None:
    client.force_login(make_account())
    assert client.get(address).status_code == 405
    assert client.get("/w/").status_code == 200


@pytest.mark.parametrize("address", [LOGIN, CHANGE, CONFIRM, PROFILE])
def test_forms_answer_get_and_post_only(client: Client, address: str) -> None:
    client.force_login(make_account())
    assert client.delete(address).status_code == 405


@pytest.mark.parametrize("address", [CHANGE, CONFIRM, PROFILE])
def test_own_pages_need_a_login(client: Client, address: str) -> None:
    assert client.get(address).headers["Location"] == f"{LOGIN}?next={address}"


def test_a_first_password_is_changed_without_typing_it_again(client: Client) -> None:
    user = make_account(must_change_password=True)
    _sign_in(client)
    assert client.get("/w/").headers["Location"] == CHANGE
    answer = client.post(CHANGE, {"new_password": NEW, "repeated": NEW})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/w/")
    assert client.get("/w/").content == b"home"
    user.refresh_from_db()
    assert (user.check_password(NEW), user.must_change_password) == (True, False)
    assert _outcomes() == [SignIn.Outcome.ACCEPTED, SignIn.Outcome.PASSWORD_CHANGED]


def test_changing_the_password_ends_the_sessions_elsewhere(client: Client) -> None:
    make_account()
    elsewhere = Client()
    _sign_in(client)
    _sign_in(elsewhere)
    client.post(CHANGE, {"old_password": PASSWORD, "new_password": NEW, "repeated": NEW})
    assert (client.get("/w/").status_code, elsewhere.get("/w/").status_code) == (200, 302)


@pytest.mark.parametrize(
    ("data", "field", "problem"),
    [
        ({"old_password": "wrong"}, "__all__", "原密码不对，请再试一次。"),
        ({"old_password": ""}, "old_password", "这个字段是必填项。"),
        ({"repeated": "Different-2026"}, "repeated", "两次输入的新密码不一致。"),
        ({"new_password": PASSWORD, "repeated": PASSWORD}, "new_password", "新密码不能与原密码相同。"),
        ({"new_password": "kurz", "repeated": "kurz"}, "new_password", "密码至少 10 个字符。"),
        ({"new_password": ALIKE, "repeated": ALIKE}, "new_password", "密码跟 登录名 太相似了。"),
        ({"new_password": COMMON, "repeated": COMMON}, "new_password", "这个密码太常见了。"),
        ({"new_password": DIGITS, "repeated": DIGITS}, "new_password", "密码只包含数字。"),
    ],
)
def test_a_poor_choice_is_explained_at_its_field(
    client: Client, data: dict[str, str], field: str, problem: str
) -> None:
    user = make_account()
    client.force_login(user)
    answer = client.post(CHANGE, {"old_password": PASSWORD, "new_password": NEW, "repeated": NEW, **data})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [problem]}
    assert User.objects.get(pk=user.pk).check_password(PASSWORD) is True


@pytest.mark.parametrize(("address", "field"), [(CHANGE, "old_password"), (CONFIRM, "password")])
def test_guessing_at_an_open_screen_is_locked_too(client: Client, address: str, field: str) -> None:
    client.force_login(make_account())
    data = {"new_password": NEW, "repeated": NEW, field: "wrong"}
    answers = [client.post(address, data).status_code for _ in range(6)]
    assert answers == [422, 422, 422, 422, 429, 429]
    assert _outcomes() == [SignIn.Outcome.NOT_CONFIRMED] * 4 + [SignIn.Outcome.LOCKED] * 2


def test_the_password_again_opens_the_sensitive_page(client: Client) -> None:
    client.force_login(make_account())
    assert client.post(CONFIRM, {"password": "wrong", "next": "/w/secret/1/"}).status_code == 422
    answer = client.post(CONFIRM, {"password": PASSWORD, "next": "/w/secret/1/"})
    assert answer.headers["Location"] == "/w/secret/1/"
    assert client.get("/w/secret/1/").content == b"secret 1 by GET"
    assert _outcomes() == [SignIn.Outcome.NOT_CONFIRMED, SignIn.Outcome.CONFIRMED]


@pytest.mark.parametrize(
    ("data", "html"),
    [
        ({"theme": "dark", "large": "on"}, '<html lang="zh-CN" data-bs-theme="dark" class="large">'),
        ({"theme": "light"}, '<html lang="zh-CN" data-bs-theme="light">'),
        ({"theme": "auto"}, '<html lang="zh-CN" data-bs-theme="auto">'),
    ],
)
def test_the_display_is_remembered_on_this_device(client: Client, data: dict[str, str], html: str) -> None:
    client.force_login(make_account())
    assert client.post(PROFILE, data).headers["Location"] == PROFILE
    assert client.get(PROFILE).content.decode().count(html) == 1
    assert {client.cookies[name]["path"] for name in ("portal_theme", "portal_large")} == {"/w/"}


def test_an_unknown_theme_is_refused_and_an_odd_cookie_ignored(client: Client) -> None:
    client.force_login(make_account())
    assert client.post(PROFILE, {"theme": "neon"}).status_code == 422
    client.cookies["portal_theme"] = '"><script>'
    assert client.get(PROFILE).content.decode().count('data-bs-theme="auto"') == 1


def test_a_post_without_its_token_is_explained() -> None:
    make_account()
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(
        LOGIN, {"username": "worker03", "password": PASSWORD}, headers={"Referer": "https://evil.example/"}
    )
    page = answer.content.decode()
    assert (answer.status_code, page.count("这次提交没有保存</h1>"), page.count("evil.example")) == (
        403,
        1,
        0,
    )
    assert _outcomes() == []


def test_an_unknown_address_and_a_fault_have_pages_of_their_own(client: Client) -> None:
    client.force_login(make_account())
    client.raise_request_exception = False
    for address, status, heading in (
        ("/w/nowhere/", 404, "没有找到这一页"),
        ("/w/broken/", 500, "系统暂时出错"),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.content.decode().count(f"{heading}</h1>")) == (status, 1)


@pytest.mark.parametrize(
    "template",
    ["400.html", "403.html", "403_csrf.html", "404.html", "405.html", "429.html", "500.html", "landing.html"],
)
def test_a_page_for_anybody_renders_with_nothing_known(template: str) -> None:
    page = render_to_string(template)
    assert (
        page.count("<h1"),
        page.count("本系统为非涉密系统，不得录入涉密和敏感内容"),
        page.count("csrf"),
    ) == (1, 1, 0)
