"""Birth date and id number on the pages of one person: masked, unique, shown in full on request alone."""

import json
import logging
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.access import CONFIRMED
from audit.models import AuditEvent
from branches import sealed
from branches.actions.members import add_member, update_member
from branches.actions.personal_data import BirthAfterJoining, BirthDayDiffers, IdNumberTaken, Personal
from branches.models import Member
from branches.rules import MemberStatus
from branches.rules.id_numbers import IdNumberError
from tests.branches.conftest import House, signed_in
from tests.factories.rosters import id_number

NUMBER, OTHER = id_number("19900203"), id_number("19850607", "321")
MASKED = "5325**********" + NUMBER[-4:]
TODAY = date(2026, 11, 22)
NEW = {"code": "M100", "name": "唐志明", "status": "full", "since": "2015-03-01"}


def edit(house: House, **said: str) -> dict[str, str]:
    return {"code": "M003", "name": "雷彩霞", "joined_on": "2015-01-01", **said}


def kept(member: Member) -> tuple[str, date | None]:
    member.refresh_from_db()
    text = sealed.open_sealed(member.id_number_sealed) if member.id_number_sealed else ""
    return text, member.birth_on


def with_number(house: House) -> Member:
    return update_member(
        house.ours,
        by=house.staff,
        name="雷彩霞",
        code="M003",
        home_department="",
        assigned=False,
        joined_on=date(2015, 1, 1),
        personal=Personal(None, NUMBER),
        today=TODAY,
    )


def confirmed(client: Client) -> Client:
    session = client.session
    session[CONFIRMED] = timezone.now().timestamp()
    session.save()
    return client


def test_registering_with_a_number_fills_the_birth_date(house: House) -> None:
    answer = signed_in(house.staff).post(
        f"/w/organisations/{house.br03.pk}/members/add/", {**NEW, "id_number": NUMBER.lower()}
    )
    assert answer.status_code == 302
    assert kept(Member.objects.get(code="M100")) == (NUMBER, date(1990, 2, 3))


def test_the_edit_page_shows_the_mask_and_takes_it_back_unchanged(house: House) -> None:
    member, client = with_number(house), signed_in(house.staff)
    url = f"/w/organisations/members/{member.pk}/edit/"
    shown = client.get(url).content.decode()
    assert (f'value="{MASKED}"' in shown, NUMBER in shown) == (True, False)
    digest = member.id_number_digest
    assert client.post(url, edit(house, id_number=MASKED, birth_on="1990-02-03")).status_code == 302
    assert (kept(member), member.id_number_digest) == ((NUMBER, date(1990, 2, 3)), digest)
    assert client.post(url, edit(house, id_number=OTHER)).status_code == 302
    assert kept(member) == (OTHER, date(1985, 6, 7))
    assert client.post(url, edit(house, birth_on="1985-06-07")).status_code == 302
    assert (kept(member), member.id_number_digest) == (("", date(1985, 6, 7)), None)
    assert [
        e.detail["fields"] for e in AuditEvent.objects.filter(event="branches.member_changed").order_by("pk")
    ] == [
        ["birth_on", "id_number"],
        ["birth_on", "id_number"],
        ["id_number"],
    ]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"id_number": NUMBER[:-1] + "#"}, "应为 18 位"),
        ({"id_number": "5325**********0000"}, "应为 18 位"),
        ({"id_number": OTHER, "birth_on": "1990-02-03"}, "出生日期与身份证号中的 1985-06-07 不一致"),
        ({"birth_on": "2015-01-01"}, "出生日期应早于入党日期"),
        ({"birth_on": "2199-01-01", "joined_on": ""}, "出生日期应早于入党日期"),
    ],
)
def test_refused_and_kept_as_typed(house: House, said: dict[str, str], sentence: str) -> None:
    member = with_number(house)
    url = f"/w/organisations/members/{member.pk}/edit/"
    answer = signed_in(house.staff).post(url, edit(house, **said))
    assert (answer.status_code, kept(member)) == (422, (NUMBER, date(1990, 2, 3)))
    assert sentence in answer.content.decode()


def test_a_number_belongs_to_one_person(house: House) -> None:
    with_number(house)
    with pytest.raises(IdNumberTaken, match="已登记在另一人名下"):
        update_member(
            house.theirs,
            by=house.staff,
            name="谢建平",
            code="M004",
            home_department="",
            assigned=False,
            joined_on=None,
            personal=Personal(None, NUMBER),
            today=TODAY,
        )
    assert kept(house.theirs) == ("", None)


@pytest.mark.parametrize(
    ("personal", "refusal"),
    [
        (Personal(None, "110105194912310021"), IdNumberError),
        (Personal(date(1990, 2, 4), NUMBER), BirthDayDiffers),
        (Personal(date(2026, 11, 23)), BirthAfterJoining),
    ],
)
def test_nobody_is_registered_when_the_number_is_refused(
    house: House, personal: Personal, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        add_member(
            code="M100",
            name="唐志明",
            organisation=house.br03,
            status=MemberStatus.FULL,
            since=date(2015, 3, 1),
            by=house.staff,
            personal=personal,
            today=TODAY,
        )
    assert not Member.objects.filter(code="M100").exists()


def test_the_full_number_is_shown_once_to_who_asks_and_written_down(house: House) -> None:
    member, client = with_number(house), confirmed(signed_in(house.staff))
    page = f"/w/organisations/members/{member.pk}/"
    masked_page = client.get(page).content.decode()
    assert (MASKED in masked_page, NUMBER in masked_page, "查看完整号码" in masked_page) == (
        True,
        False,
        True,
    )
    answer = client.post(f"{page}id-number/")
    assert NUMBER in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    event = AuditEvent.objects.get(event="branches.id_number_revealed")
    assert (event.by, event.target_id) == (house.staff, str(member.pk))
    assert NUMBER not in json.dumps(list(AuditEvent.objects.values()), default=str)
    assert NUMBER not in client.get(page).content.decode()


def test_the_password_is_asked_for_first(house: House) -> None:
    member = with_number(house)
    answer = signed_in(house.staff).post(f"/w/organisations/members/{member.pk}/id-number/")
    assert answer.status_code == 302
    assert "/w/" in answer.headers["Location"]
    assert "next=" in answer.headers["Location"]
    assert AuditEvent.objects.filter(event="branches.id_number_revealed").count() == 0


def test_who_may_not_see_the_number(house: House) -> None:
    member = with_number(house)
    page = f"/w/organisations/members/{member.pk}/"
    url = f"{page}id-number/"
    others = [confirmed(signed_in(user)) for user in (house.worker, house.overseer, house.administrator)]
    assert [client.post(url).status_code for client in others] == [403, 403, 403]
    assert "查看完整号码" not in others[0].get(page).content.decode()
    staff = confirmed(signed_in(house.staff))
    assert staff.get(url).status_code == 405
    foreign = f"/w/organisations/members/{house.theirs.pk}/id-number/"
    answer = staff.post(foreign, follow=True).content.decode()
    assert "这位同志没有登记身份证号。" in answer
    house.staff.posts.update(organisation=house.br04)
    assert confirmed(signed_in(house.staff)).post(url).status_code == 404


def test_without_the_key_the_page_still_opens_and_saving_changes_nothing(
    house: House, settings: Settings
) -> None:
    member = with_number(house)
    settings.PERSONAL_DATA_KEYS = ["another-" + "k" * 40]
    client = confirmed(signed_in(house.staff))
    page = f"/w/organisations/members/{member.pk}/"
    assert "****" in client.get(page).content.decode()
    assert client.get(f"{page}edit/").status_code == 200
    saved = client.post(f"{page}edit/", edit(house, id_number="****"))
    assert "现有密钥打不开" in saved.content.decode()
    shown = client.post(f"{page}id-number/", follow=True).content.decode()
    assert "现有密钥打不开" in shown


def test_no_number_reaches_a_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        with_number(house)
        confirmed(signed_in(house.staff)).post(f"/w/organisations/members/{house.ours.pk}/id-number/")
    assert NUMBER not in caplog.text
