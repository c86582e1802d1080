"""Two people edit the same thing: the second one sees the first one's work before saving over it."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEvent
from branches.models import CoveredUnit
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_group, make_member

BASE = "/w/organisations/"


@pytest.fixture
def client(house: House) -> Client:
    return signed_in(house.staff)


def opened(page: Any) -> str:
    found = re.search(r'name="opened_with" value="([0-9a-z_: ]+)"', page.content.decode())
    assert found is not None
    return found[1]


def said(page: str) -> list[str]:
    """What the fields say that the other person wrote."""
    return re.findall(r"<strong>现为“([^”]*)”。</strong>", page)


def test_a_member_changed_meanwhile(client: Client, house: House) -> None:
    url = f"{BASE}members/{house.ours.pk}/edit/"
    mine = {
        "code": "M003",
        "name": "雷彩云",
        "home_department": "专卖科",
        "joined_on": "2015-01-01",
        "opened_with": opened(client.get(url)),
    }
    theirs = {**mine, "name": "雷彩霞", "home_department": "烟叶科", "assigned": "on"}
    assert client.post(url, theirs).status_code == 302
    answer = client.post(url, mine)
    page = answer.content.decode()
    house.ours.refresh_from_db()
    assert (answer.status_code, house.ours.name, house.ours.assigned) == (422, "雷彩霞", True)
    assert "此页打开后，资料已被他人修改：与您填写的不同之处写在各项下面。" in page
    assert said(page) == ["烟叶科", "是"]
    assert ('value="雷彩云"' in page, 'value="专卖科"' in page) == (True, True)
    assert client.post(url, {**mine, "opened_with": opened(answer)}).status_code == 302
    house.ours.refresh_from_db()
    assert (house.ours.name, house.ours.home_department, house.ours.assigned) == ("雷彩云", "专卖科", False)


def test_an_organisation_changed_meanwhile(client: Client, house: House) -> None:
    url = f"{BASE}{house.br03.pk}/edit/"
    CoveredUnit.objects.create(organisation=house.br03, name="一站")
    mine = {"name": "红土坡党支部", "code": "BR03", "units": "一站", "opened_with": opened(client.get(url))}
    theirs = {
        **mine,
        "units": "一站\n二站",
        "seasons": "收购期 08-01 至 11-15",
        "latitude": "27.1",
        "longitude": "100",
    }
    assert client.post(url, theirs).status_code == 302
    before = AuditEvent.objects.count()
    answer = client.post(url, {**mine, "party_day": "10"})
    page = answer.content.decode()
    house.br03.refresh_from_db()
    assert (answer.status_code, house.br03.party_day, AuditEvent.objects.count()) == (422, None, before)
    assert said(page) == ["27.10000", "100.00000", "一站\n二站", "收购期 08-01 至 11-15"]
    assert 'name="party_day" value="10"' in page


def test_the_same_change_twice_is_no_quarrel_about_values(client: Client, house: House) -> None:
    url = f"{BASE}{house.br03.pk}/edit/"
    mine = {"name": "新名称", "typo": "on", "code": "BR03", "opened_with": opened(client.get(url))}
    assert [client.post(url, mine).status_code for _ in range(2)] == [302, 422]


def test_a_group_changed_meanwhile(client: Client, house: House) -> None:
    second = make_member(house.br03, name="王宏伟")
    group = make_group(house.br03, "一组", since=date(2026, 1, 1), leader=house.ours)
    url = f"{BASE}groups/{group.pk}/edit/"
    mine = {"name": "第一组", "leader": house.ours.pk, "opened_with": opened(client.get(url))}
    theirs = {**mine, "name": "一组", "leader": second.pk, "members": [second.pk, house.ours.pk]}
    assert client.post(url, theirs).status_code == 302
    answer = client.post(url, mine)
    assert answer.status_code == 422
    assert said(answer.content.decode()) == ["王宏伟", "雷彩霞、王宏伟"]
    assert client.post(url, {**mine, "opened_with": opened(answer)}).status_code == 302
    group.refresh_from_db()
    now = [(seat.member, seat.leads) for seat in group.seats.at(timezone.localdate())]
    assert (group.name, now) == ("第一组", [(house.ours, True)])


def test_nobody_else_changed_anything(client: Client, house: House) -> None:
    url = f"{BASE}members/{house.ours.pk}/edit/"
    mine = {"code": "M003", "name": "雷彩云", "opened_with": opened(client.get(url))}
    assert client.post(url, mine).status_code == 302
