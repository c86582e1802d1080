"""A request that only reads asks once what its reader holds; it then sees just what the long way shows."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from branches.access import SignedInRequest, holdings_of, remember_places, requires
from branches.models import AccessGrant, Organisation, Post
from branches.places import REMEMBERED, highest
from branches.roles import all_permissions
from branches.rules import EXCLUSIVE_ROLES, GrantKind, OrganisationKind, Role
from tests.branches.conftest import House
from tests.factories.branches import make_organisation, make_post, make_tree, make_user

ON = date(2026, 11, 22)


def seen(user: User, permission: str) -> list[str]:
    found = Organisation.objects.permitted_to(user, permission, on=ON).order_by("code")
    return list(found.values_list("code", flat=True))


def wanderer(dice: random.Random, places: list[Organisation]) -> User:
    """Somebody with a few posts and grants, of today and not."""
    user = make_user(exclusive_duty=dice.choice(["", *sorted(EXCLUSIVE_ROLES)]))
    for _ in range(dice.randint(0, 3)):
        since = ON + timedelta(days=dice.choice((-400, -1, 0, 1)))
        until = dice.choice((None, since, since + timedelta(days=500)))
        role, place = dice.choice(list(Role)), dice.choice(places)
        if not Post.objects.filter(organisation=place, role=role).exists():
            make_post(place, role, user=user, since=since, until=until)
    for _ in range(dice.randint(0, 2)):
        since = ON + timedelta(days=dice.choice((-30, 0, 1)))
        AccessGrant.objects.create(
            user=user,
            organisation=dice.choice(places),
            kind=dice.choice(list(GrantKind)),
            since=since,
            until=since + timedelta(days=dice.choice((0, 40))),
            reason="轮训",
        )
    return user


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_remembered_or_asked_it_is_the_same(seed: int) -> None:
    dice = random.Random(seed)
    committee, general, branches = make_tree(4)
    other = make_organisation(parent=committee, kind=OrganisationKind.GENERAL_BRANCH)
    places = [committee, general, other, make_organisation(parent=other), *branches]
    for _ in range(4):
        user = wanderer(dice, places)
        asked = {name: seen(user, name) for name in all_permissions()}
        again = User.objects.get(pk=user.pk)
        remember_places(again, on=ON)
        assert {name: seen(again, name) for name in all_permissions()} == asked
        assert holdings_of(again, on=ON) == holdings_of(user, on=ON)


@pytest.mark.django_db
def test_who_is_switched_off_remembers_nothing(house: House) -> None:
    house.staff.is_active = False
    remember_places(house.staff, on=ON)
    assert seen(house.staff, "branches.view_organisation") == []
    house.staff.is_active = True
    assert seen(house.staff, "branches.view_organisation") == []  # remembered as nothing, in this request


@requires("branches.view_organisation")
def page(request: SignedInRequest) -> HttpResponse:
    mine = Organisation.objects.visible_to(request.user, on=timezone.localdate())
    return HttpResponse(",".join(mine.order_by("code").values_list("code", flat=True)))


def asked_by(method: str, user: User) -> Any:
    request: Any = RequestFactory().generic(method, "/w/")
    request.user = user
    return request


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "joins"), [("GET", 1), ("HEAD", 1), ("POST", 2), ("DELETE", 2)])
def test_who_writes_is_asked_anew(house: House, method: str, joins: int) -> None:
    """A right that ends while a form is on its way is looked up where the form is written."""
    with CaptureQueriesContext(
        connection,
    ) as statements:
        answer = page(asked_by(method, house.staff))
    assert answer.content == b"BR03,BR04,DZ01"
    assert sum("branches_post" in each["sql"] for each in statements) == joins
    assert (REMEMBERED in house.staff.__dict__) is (joins == 1)


def test_paths_below_others_are_left_out() -> None:
    assert highest(["a/b/", "a/b/c/", "a/bc/", "a/b/c/d/", "b/", "a/b/"]) == ["a/b/", "a/bc/", "b/"]
    assert highest([]) == []
