"""Dated grants, as pages."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.utils import timezone

from branches.models import AccessGrant, Organisation
from branches.rules import GrantKind, OrganisationKind
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_holder, make_organisation, make_user

BASE = "/w/organisations/"
HOSTILE = "<script>alert(1)</script>"
Counter = Callable[[int], AbstractContextManager[object]]


def granted(house: House, organisation: Organisation, *, until: date = date(2190, 1, 1)) -> AccessGrant:
    return AccessGrant.objects.create(
        user=make_user(),
        organisation=organisation,
        kind=GrantKind.ROTATION,
        since=date(2020, 1, 1),
        until=until,
        reason=HOSTILE,
        granted_by=house.staff,
    )


def test_give_a_grant_and_end_it(house: House) -> None:
    client, today = signed_in(house.staff), timezone.localdate()
    url = f"{BASE}{house.br04.pk}/grants/add/"
    data = {
        "account": house.worker.pk,
        "kind": "stand_in",
        "since": str(today),
        "until": str(today + timedelta(days=30)),
        "reason": HOSTILE,
    }
    assert "登记临时授权" in client.get(url).content.decode()
    page = client.post(url, data, follow=True).content.decode()
    assert f"已登记{house.worker.name}的“临时代办”" in page
    assert (HOSTILE in page, "&lt;script&gt;" in page) == (False, True)
    assert signed_in(house.worker).get(f"{BASE}{house.br04.pk}/").status_code == 200
    again = client.post(url, data)
    assert again.status_code == 422
    assert "此人在这段时间已有同样的授权。" in again.content.decode()
    grant = house.worker.grants.get()
    end = f"{BASE}grants/{grant.pk}/end/"
    assert f"结束{house.worker.name}的“临时代办”" in client.get(end).content.decode()
    answer = client.post(end, {"day": str(today - timedelta(days=1))})
    assert answer.headers["Location"] == f"{BASE}{house.br04.pk}/"
    assert client.get(end).status_code == 404
    assert signed_in(house.worker).get(f"{BASE}{house.br04.pk}/").status_code == 404


def test_accounts_out_of_reach_are_no_choice(house: House) -> None:
    other = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    stranger = make_holder(make_organisation(parent=other))
    for user in (stranger, house.overseer, house.staff):
        data = {"account": user.pk, "kind": "rotation", "since": "2026-01-01", "until": "2026-01-31"}
        answer = signed_in(house.staff).post(f"{BASE}{house.br04.pk}/grants/add/", {**data, "reason": "轮训"})
        assert answer.status_code == 422
    assert AccessGrant.objects.count() == 0


def test_the_list_of_grants_costs_the_same(house: House, django_assert_num_queries: Counter) -> None:
    client = signed_in(house.staff)
    url = f"{BASE}{house.br03.pk}/"
    granted(house, house.br03, until=date(2020, 1, 2))
    foreign = granted(house, house.br04)
    first = granted(house, house.br03)
    page = client.get(url).content.decode()
    assert (f"结束{first.user.name}的授权" in page, f"结束{foreign.user.name}的授权" in page) == (True, False)
    assert page.count("的授权") == 1
    with django_assert_num_queries(27):
        client.get(url)
    for _ in range(2):
        granted(house, house.br03)
    with django_assert_num_queries(27):
        client.get(url)
    assert "临时授权" not in signed_in(house.worker).get(url).content.decode()


@pytest.mark.parametrize("path", ["{pk}/grants/add/", "grants/{grant}/end/"])
def test_grant_pages_refuse_others_and_other_methods(house: House, path: str) -> None:
    url = BASE + path.format(pk=house.br03.pk, grant=granted(house, house.br03).pk)
    assert [signed_in(user).get(url).status_code for user in (house.worker, house.overseer)] == [403, 403]
    assert signed_in(house.staff).get(url).status_code == 200
    assert signed_in(house.staff).put(url).status_code == 405
    other = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    foreign = BASE + path.format(pk=other.pk, grant=granted(house, other).pk)
    assert signed_in(house.staff).get(foreign).status_code == 404
