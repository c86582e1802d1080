import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import SignIn, User
from tests.factories.accounts import PASSWORD, make_account

pytestmark = pytest.mark.django_db


def test_names_are_stored_in_one_spelling() -> None:
    assert make_account(" Worker03 ").username == "worker03"
    assert make_account("ＡＢＣ").username == "abc"


def test_a_name_is_taken_whatever_its_case() -> None:
    make_account("worker03")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_account("WORKER03")


def test_the_database_refuses_an_upper_case_name() -> None:
    user = make_account("worker03")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(username="Worker03")


def test_an_account_is_found_by_any_spelling() -> None:
    user = make_account("worker03")
    assert User.objects.get_by_natural_key("WORKER03 ") == user


@pytest.mark.parametrize("name", ["has space", "semi;colon", "<b>", "a\nb", ""])
def test_odd_names_are_refused_by_validation(name: str) -> None:
    user = User(username=name, name="某人", password="x")
    with pytest.raises(ValidationError) as caught:
        user.full_clean()
    assert list(caught.value.message_dict) == ["username"]


def test_an_account_needs_a_name_to_sign_in_with() -> None:
    with pytest.raises(ValueError, match="username"):
        User.objects.create_user("  ", PASSWORD)


def test_without_a_password_nobody_can_sign_in() -> None:
    assert User.objects.create_user("worker03", name="某人").has_usable_password() is False


def test_an_administrator_has_a_short_session_whatever_was_asked() -> None:
    user = User.objects.create_superuser(
        "admin", PASSWORD, name="管理员", short_session=False, is_staff=False
    )
    assert (user.is_staff, user.is_superuser, user.short_session) == (True, True, True)


def test_the_session_hash_changes_with_password_and_epoch() -> None:
    user = make_account()
    first = user.get_session_auth_hash()
    user.session_epoch += 1
    second = user.get_session_auth_hash()
    user.set_password("Another-2026-lamp")
    assert len({first, second, user.get_session_auth_hash()}) == 3


def test_the_sign_in_log_is_append_only() -> None:
    row = SignIn.objects.create(user=make_account(), outcome=SignIn.Outcome.ACCEPTED)
    for change in (
        row.save,
        row.delete,
        SignIn.objects.all().delete,
        lambda: SignIn.objects.update(source=None),
    ):
        with pytest.raises(TypeError, match="append-only"):
            change()
    assert SignIn.objects.count() == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_sign_in_names_an_account_or_a_digest_never_both(known: bool) -> None:
    user = make_account() if known else None
    with pytest.raises(IntegrityError), transaction.atomic():
        SignIn.objects.create(user=user, unknown_name="abc" if known else "", outcome=SignIn.Outcome.REFUSED)
