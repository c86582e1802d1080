"""The two password profiles: what they ask of a new password, and of an old one."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import actions
from accounts.models import EarlierPassword, User
from accounts.policy import PASSWORD_PROFILES
from accounts.validators import KindsValidator
from tests.factories.accounts import PASSWORD, make_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]
LOGIN, CHANGE, PROFILE = "/w/account/login/", "/w/account/password/", "/w/account/"
SET = datetime(2026, 1, 1, 8, tzinfo=UTC)
NEW = "Another-2026-lamp"


@pytest.fixture
def mlps2(settings: Settings) -> None:
    settings.PASSWORD_PROFILE = "mlps2"
    settings.AUTH_PASSWORD_VALIDATORS = PASSWORD_PROFILES["mlps2"].validators


def _aged(days: float) -> User:
    user = make_account()
    user.password_set_at = timezone.now() - timedelta(days=days)
    user.save(update_fields=["password_set_at"])
    return user


def _change(client: Client, new: str, old: str = PASSWORD) -> Any:
    return client.post(CHANGE, {"old_password": old, "new_password": new, "repeated": new})


@pytest.mark.parametrize(
    ("password", "enough"),
    [
        ("lantern2026", False),
        ("LanternWalks", False),
        ("Lantern2026", True),
        ("lantern-2026", True),
        ("灯笼lantern2026", True),
        ("灯笼灯笼灯笼灯笼灯笼", False),
    ],
)
def test_three_of_four_kinds(password: str, enough: bool) -> None:
    said: list[str] = []
    with suppress(ValidationError):
        KindsValidator(3).validate(password)
        said = ["enough"]
    assert said == (["enough"] if enough else [])


@pytest.mark.parametrize(
    ("after", "left"), [(0, 90), (1, 90), (86400, 89), (89 * 86400 + 1, 1), (90 * 86400, 0), (10**8, 0)]
)
def test_days_are_counted_to_the_last_second(after: int, left: int) -> None:
    now = SET + timedelta(seconds=after)
    assert PASSWORD_PROFILES["mlps2"].days_left(SET, now=now) == left
    assert PASSWORD_PROFILES["plain"].days_left(SET, now=now) is None


def test_the_plain_profile_lets_a_password_grow_old(client: Client) -> None:
    user = _aged(4000)
    client.force_login(user)
    assert client.get("/w/").status_code == 200
    assert _change(client, "lanternwalks").status_code == 302
    assert EarlierPassword.objects.count() == 0


@pytest.mark.usefixtures("mlps2")
def test_too_few_kinds_are_explained_at_the_field(client: Client) -> None:
    client.force_login(make_account())
    answer = _change(client, "lanternwalks")
    assert answer.status_code == 422
    said = ["密码要有大写字母、小写字母、数字、符号中的至少 3 种，请再加上一种。"]
    assert answer.context["form"].errors == {"new_password": said}
    assert "大写字母、小写字母、数字、符号至少要有 3 种" in answer.content.decode()


@pytest.mark.usefixtures("mlps2")
def test_an_old_password_leads_to_its_page_and_asks_for_the_old_one(client: Client) -> None:
    client.force_login(_aged(90))
    for address in ("/w/", PROFILE):
        assert client.get(address).headers["Location"] == CHANGE
    page = client.get(CHANGE).content.decode()
    assert (page.count("按规定要定期更换"), page.count('name="old_password"')) == (1, 1)
    assert "hx-trigger" not in page
    assert _change(client, NEW, old="wrong").status_code == 422
    assert _change(client, NEW).status_code == 302
    assert client.get("/w/").status_code == 200
    assert User.objects.get().password_days_left == 90


@pytest.mark.usefixtures("mlps2")
@pytest.mark.parametrize(("age", "warnings"), [(82, 0), (83.5, 1), (89.5, 1)])
def test_the_last_seven_days_are_announced_once_a_day(client: Client, age: float, warnings: int) -> None:
    client.force_login(_aged(age))
    pages = [client.get(PROFILE).content.decode() for _ in range(2)]
    assert [page.count("天到期，请在“我的账号”里换一个新的。") for page in pages] == [warnings, 0]


@pytest.mark.usefixtures("mlps2")
def test_the_last_five_are_refused_and_older_ones_forgotten() -> None:
    user = make_account()
    used = [PASSWORD, *(f"Another-{n}-lamp" for n in range(5))]
    for password in used[1:]:
        actions.change_password(user, password=password)
    assert user.earlier_passwords.count() == 4
    with pytest.raises(actions.SamePassword):
        actions.change_password(user, password=used[5])
    for password in used[1:5]:
        with pytest.raises(actions.UsedBefore) as caught:
            actions.change_password(user, password=password)
        assert str(caught.value) == "最近 5 次用过的密码不能再用，请换一个新的。"
    actions.change_password(user, password=used[0])
    assert user.check_password(used[0])


@pytest.mark.usefixtures("mlps2")
def test_a_first_password_does_not_open_the_way_back() -> None:
    user = make_account()
    actions.issue_first_password(user, by=None)
    with pytest.raises(actions.UsedBefore):
        actions.change_password(user, password=PASSWORD)
    assert user.must_change_password is True


def test_going_back_to_plain_forgets_the_hashes(settings: Settings) -> None:
    user = make_account()
    settings.PASSWORD_PROFILE = "mlps2"
    actions.change_password(user, password=NEW)
    assert user.earlier_passwords.count() == 1
    settings.PASSWORD_PROFILE = "plain"
    actions.change_password(user, password=PASSWORD)
    assert user.earlier_passwords.count() == 0


def test_a_refused_choice_does_not_make_the_password_younger() -> None:
    user = _aged(50)
    with pytest.raises(actions.SamePassword):
        actions.change_password(user, password=PASSWORD)
    assert (timezone.now() - User.objects.get().password_set_at).days == 50
    actions.change_password(user, password=NEW)
    assert (timezone.now() - User.objects.get().password_set_at).days == 0


def test_a_sign_in_does_not_make_the_password_younger(client: Client) -> None:
    _aged(50)
    client.post(LOGIN, {"username": "worker03", "password": PASSWORD})
    assert (timezone.now() - User.objects.get().password_set_at).days == 50
