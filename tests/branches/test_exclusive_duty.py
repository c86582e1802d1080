"""Administrator, auditor, recipient: nobody is two of them, neither by pages nor by hand in the database."""

from datetime import date

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from accounts.models import ExclusiveDuty, User
from branches.access import holdings_of, holdings_on, may
from branches.actions.accounts import open_account
from branches.actions.posts import PostRefused, end_post, give_post, is_last_administrator
from branches.models import Organisation, Post
from branches.queries.reach import givable_roles
from branches.rules import EXCLUSIVE_ROLES, Role
from tests.branches.conftest import House
from tests.factories.branches import make_holder, make_member, make_user

ON = date(2026, 11, 22)
APART = sorted(EXCLUSIVE_ROLES)


def test_the_duties_are_the_exclusive_roles() -> None:
    assert {str(duty) for duty in ExclusiveDuty} == {str(role) for role in EXCLUSIVE_ROLES}


@pytest.mark.parametrize("role", APART)
def test_a_post_sets_the_duty_of_its_account(house: House, role: str) -> None:
    user, member = make_user(), make_member(house.br03, user=make_user())
    give_post(house.general, role=Role(role), user=user, since=ON, by=None)
    give_post(house.committee, role=Role(role), member=member, since=ON, by=None)
    duties = User.objects.filter(pk__in=[user.pk, member.user_id]).values_list("exclusive_duty", flat=True)
    assert list(duties) == [role, role]
    assert holdings_of(User.objects.get(pk=user.pk), on=ON) == {Role(role)}


@pytest.mark.parametrize("held", APART)
@pytest.mark.parametrize("wanted", APART)
def test_nobody_is_given_a_second_duty(house: House, held: str, wanted: str) -> None:
    user = make_user()
    first = give_post(house.committee, role=Role(held), user=user, since=ON, by=None)
    if held == wanted:
        return
    with pytest.raises(PostRefused) as refusal:
        give_post(house.general, role=Role(wanted), user=user, since=ON, by=None)
    told = "系统管理员、审计员和匿名直通车受理人须由不同的人担任，请另选人选。"
    assert str(refusal.value) == f"这个人是“{Role(held).label}”。{told}"
    end_post(first, on=ON, by=None)
    give_post(house.general, role=Role(wanted), user=user, since=date(2026, 11, 23), by=None)
    assert User.objects.get(pk=user.pk).exclusive_duty == wanted


def test_a_member_without_account_takes_up_the_duty_with_the_account(house: House) -> None:
    give_post(house.general, role=Role.RECIPIENT, member=house.ours, since=ON, by=None)
    with pytest.raises(PostRefused):
        give_post(house.general, role=Role.AUDITOR, member=house.ours, since=ON, by=None)
    user, _ = open_account(username="reader", name="雷彩霞", by=None, member=house.ours)
    user.refresh_from_db()
    assert (user.exclusive_duty, user.short_session) == (ExclusiveDuty.RECIPIENT, True)
    assert holdings_of(user, on=ON) == {Role.RECIPIENT}


def test_a_known_end_takes_no_duty_from_an_account_opened_later(house: House) -> None:
    earlier, end = date(2026, 3, 1), date(2027, 6, 30)
    member = house.ours
    give_post(house.general, role=Role.AUDITOR, member=member, since=earlier, until=date(2026, 8, 1), by=None)
    give_post(house.general, role=Role.RECIPIENT, member=member, since=ON, until=end, by=None)
    user, _ = open_account(username="reader", name="雷彩霞", by=None, member=member)
    user.refresh_from_db()
    assert (user.exclusive_duty, user.short_session) == (ExclusiveDuty.RECIPIENT, True)
    assert [holdings_of(user, on=day) for day in (end, date(2027, 7, 1))] == [{Role.RECIPIENT}, set()]


@pytest.mark.django_db
def test_a_superuser_reads_no_letters_and_checks_nobody(house: House) -> None:
    root = User.objects.create_superuser("root", name="机房")
    assert root.exclusive_duty == ExclusiveDuty.ADMINISTRATOR
    for role in (Role.RECIPIENT, Role.AUDITOR):
        with pytest.raises(PostRefused):
            give_post(house.general, role=role, user=root, since=ON, by=None)


@pytest.mark.parametrize("duty", ["", *APART])
@pytest.mark.parametrize("role", APART)
def test_a_post_written_by_hand_opens_nothing_beside_another_duty(house: House, role: str, duty: str) -> None:
    user = make_user(exclusive_duty=duty)
    Post.objects.create(organisation=house.general, role=role, user=user, since=ON)
    held = {Role(role)} if role == duty else set()
    assert holdings_of(user, on=ON) == holdings_on(user, house.br03, on=ON) == held
    assert may(user, "burden.open_box", on=ON) is (role == duty == Role.RECIPIENT)
    reachable = Organisation.objects.permitted_to(user, "burden.view_measure", on=ON)
    assert reachable.count() == (3 if role == duty else 0)
    administered = Organisation.objects.administered_by(user, on=ON)
    assert administered.count() == (3 if role == duty == Role.ADMINISTRATOR else 0)


def test_an_administrator_in_name_alone_does_not_count_as_the_other_one(house: House) -> None:
    post = Post.objects.get(role=Role.ADMINISTRATOR)
    second = make_holder(house.committee, Role.ADMINISTRATOR)
    assert not is_last_administrator([post], after=ON)
    User.objects.filter(pk=second.pk).update(exclusive_duty="")
    assert is_last_administrator([post], after=ON)


UPDATES = [
    ("UPDATE accounts_user SET exclusive_duty = 'administrator,recipient' WHERE id = %s", "recipient"),
    ("UPDATE accounts_user SET exclusive_duty = 'anything' WHERE id = %s", ""),
    ("UPDATE accounts_user SET is_superuser = %s WHERE id = %s", "recipient"),
    ("UPDATE accounts_user SET is_superuser = %s WHERE id = %s", ""),
]


def refused_by_the_database(statement: str, duty: str) -> None:
    user = make_user(exclusive_duty=duty)
    values = [True, user.pk] if statement.count("%s") == 2 else [user.pk]
    with pytest.raises((IntegrityError, DataError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    user.refresh_from_db()
    assert (user.exclusive_duty, user.is_superuser) == (duty, False)


@pytest.mark.django_db
@pytest.mark.parametrize(("statement", "duty"), UPDATES)
def test_the_database_itself_refuses_two_duties(statement: str, duty: str) -> None:
    refused_by_the_database(statement, duty)


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_refuses_two_duties_as_well() -> None:
    for statement, duty in UPDATES:
        refused_by_the_database(statement, duty)


def test_only_an_administrator_gives_these_posts(house: House) -> None:
    assert set(givable_roles(house.staff, house.general, on=ON)) & EXCLUSIVE_ROLES == set()
    assert set(givable_roles(house.administrator, house.general, on=ON)) >= EXCLUSIVE_ROLES
