from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions
from accounts.models import SignIn, User
from tests.factories.accounts import PASSWORD, make_account

pytestmark = pytest.mark.django_db


def test_a_first_password_works_once_it_is_issued_and_must_be_changed() -> None:
    user = make_account()
    password = actions.issue_first_password(user, by=make_account("staff"))
    assert (user.check_password(password), user.check_password(PASSWORD)) == (True, False)
    assert user.must_change_password is True


def test_a_second_slip_makes_the_first_worthless() -> None:
    user = make_account()
    first = actions.issue_first_password(user, by=None)
    second = actions.issue_first_password(user, by=None)
    assert (user.check_password(first), user.check_password(second)) == (False, True)


def test_no_slip_for_a_disabled_account() -> None:
    user = make_account(is_active=False)
    with pytest.raises(actions.AccountDisabled) as caught:
        actions.issue_first_password(user, by=None)
    assert str(caught.value) == "该账号已停用，请先启用再发放密码。"
    assert User.objects.get(pk=user.pk).check_password(PASSWORD) is True


def test_the_own_choice_ends_the_duty_to_change() -> None:
    user = make_account(must_change_password=True)
    actions.change_password(user, password="Another-2026-lamp")
    assert (user.check_password("Another-2026-lamp"), user.must_change_password) == (True, False)


def test_the_old_password_is_no_new_password() -> None:
    user = make_account(must_change_password=True)
    with pytest.raises(actions.SamePassword) as caught:
        actions.change_password(user, password=PASSWORD)
    assert str(caught.value) == "新密码不能与原密码相同。"
    assert User.objects.get(pk=user.pk).must_change_password is True


def test_disabling_closes_once_and_ends_sessions() -> None:
    user, staff = make_account(), make_account("staff")
    assert actions.disable(user, by=staff) is True
    assert actions.disable(user, by=staff) is False
    assert (user.is_active, user.session_epoch) == (False, 1)


def test_nobody_disables_the_own_account() -> None:
    user = make_account()
    with pytest.raises(actions.OwnAccount) as caught:
        actions.disable(user, by=user)
    assert str(caught.value) == "不能停用自己正在使用的账号，请由另一位管理人员操作。"
    assert User.objects.get(pk=user.pk).is_active is True


def test_enabling_opens_once() -> None:
    user = make_account(is_active=False)
    assert (actions.enable(user, by=None), actions.enable(user, by=None)) == (True, False)
    assert (user.is_active, user.check_password(PASSWORD), user.session_epoch) == (True, True, 1)


def test_ending_sessions_raises_the_epoch_every_time() -> None:
    user = make_account()
    actions.end_sessions(user)
    actions.end_sessions(user)
    assert user.session_epoch == 2


def test_a_name_nobody_has_is_kept_as_a_digest() -> None:
    rows = [
        actions.log_sign_in(SignIn.Outcome.REFUSED, at=timezone.now(), source="10.0.0.7", username=name)
        for name in ("my-password-2026", "my-password-2026", "other")
    ]
    first, again, other = rows
    assert (first.user, len(first.unknown_name), first.source) == (None, 64, "10.0.0.7")
    assert first.unknown_name == again.unknown_name != other.unknown_name
    assert "my-password" not in first.unknown_name


def test_a_known_name_is_kept_as_the_account() -> None:
    user = make_account()
    row = actions.log_sign_in(SignIn.Outcome.REFUSED, at=timezone.now(), source=None, username="worker03")
    assert (row.user, row.unknown_name) == (user, "")


def test_sign_ins_stay_184_days() -> None:
    user, now = make_account(), timezone.now()
    for age in (0, 183, 184, 185, 400):
        SignIn.objects.create(user=user, outcome=SignIn.Outcome.ACCEPTED, at=now - timedelta(days=age))
    assert actions.forget_sign_ins(now=now) == 2
    assert actions.forget_sign_ins(now=now) == 0
    assert [(now - row.at).days for row in SignIn.objects.of(user)] == [0, 183, 184]
