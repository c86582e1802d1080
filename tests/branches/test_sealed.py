"""Personal data at rest: sealed, found again, rotated, and refused by name when something is wrong."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries, Settings

from branches import sealed
from branches.actions.personal_data import rotate_batch
from branches.models import Member, RosterImport
from branches.rules import RosterImportState
from branches.sealed import SealRefused, TamperedToken, UnknownKey
from branches.sealed_rows import MEMBERS
from tests.branches.conftest import House
from tests.factories.branches import LONG_AGO, make_member

OLD, NEW = "old-key-" + "o" * 40, "new-key-" + "n" * 40
NUMBER = "532501199001011239"


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> Settings:
    settings.PERSONAL_DATA_KEYS = [OLD]
    return settings


def test_sealing_is_different_each_time_and_opens_again() -> None:
    first, second = sealed.seal(NUMBER), sealed.seal(NUMBER)
    assert first != second
    assert NUMBER.encode() not in first
    assert (sealed.open_sealed(first), sealed.open_sealed(memoryview(second))) == (NUMBER, NUMBER)


def test_json_comes_back_as_it_was() -> None:
    value = {"姓名": ["雷彩霞", None, 3], "content": "x" * 5000}
    token = sealed.seal_json(value)
    assert sealed.open_json(token) == value
    assert len(token) < len(json.dumps(value))


@pytest.mark.parametrize("place", [0, 1, 9, 21, -1], ids=["version", "key id", "nonce", "text", "tag"])
def test_a_changed_byte_is_noticed(place: int) -> None:
    token = bytearray(sealed.seal(NUMBER))
    token[place] ^= 1
    with pytest.raises(SealRefused) as refused:
        sealed.open_sealed(bytes(token))
    assert type(refused.value) is (UnknownKey if place == 1 else TamperedToken)


@pytest.mark.parametrize("token", [b"", b"\x01short", b"\x02" + b"0" * 60])
def test_what_is_no_token_is_refused(token: bytes) -> None:
    with pytest.raises(TamperedToken):
        sealed.open_sealed(token)


def test_a_token_of_one_purpose_does_not_open_as_another() -> None:
    token = sealed.seal(NUMBER, purpose=sealed.IMPORT)
    with pytest.raises(TamperedToken):
        sealed.open_sealed(token)


def test_a_key_that_is_gone_is_named_in_words(settings: Settings) -> None:
    token = sealed.seal(NUMBER)
    settings.PERSONAL_DATA_KEYS = [NEW]
    with pytest.raises(UnknownKey, match="请系统管理员核对个人信息密钥"):
        sealed.open_sealed(token)


def test_while_two_keys_stand_a_number_is_found_under_both(settings: Settings) -> None:
    before, token = sealed.digest(NUMBER), sealed.seal(NUMBER)
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    assert sealed.open_sealed(token) == NUMBER
    assert sealed.digests(NUMBER) == [sealed.digest(NUMBER), before]
    assert (sealed.is_current(token), sealed.is_current(sealed.seal(NUMBER))) == (False, True)


def make_sealed(house: House, number: str) -> Member:
    member = make_member(house.br03)
    member.id_number_sealed, member.id_number_digest = sealed.seal(number), sealed.digest(number)
    member.save()
    return member


def make_import(house: House) -> RosterImport:
    return RosterImport.objects.create(
        organisation=house.general,
        file_name="名册.xlsx",
        roster_day=LONG_AGO,
        payload=sealed.seal_json({"rows": [1]}),
        made_by=house.staff,
    )


def rotated() -> list[str]:
    """What is said of this app's own rows; the others have tests of their own."""
    out = StringIO()
    call_command("rotate_personal_data", stdout=out)
    return out.getvalue().splitlines()[:2]


def test_rotation_seals_and_digests_anew_once(house: House, settings: Settings) -> None:
    member, waiting = make_sealed(house, NUMBER), make_import(house)
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    assert rotated() == [
        "身份证号：重新加密 1 个，已是新密钥 0 个。",
        "名册文件：重新加密 1 份，已是新密钥 0 份。",
    ]
    settings.PERSONAL_DATA_KEYS = [NEW]
    member.refresh_from_db()
    waiting.refresh_from_db()
    assert sealed.open_sealed(member.id_number_sealed or b"") == NUMBER
    assert member.id_number_digest == sealed.digest(NUMBER)
    assert (sealed.open_json(waiting.payload or b""), waiting.state) == (
        {"rows": [1]},
        RosterImportState.WAITING,
    )
    assert rotated() == [
        "身份证号：重新加密 0 个，已是新密钥 1 个。",
        "名册文件：重新加密 0 份，已是新密钥 1 份。",
    ]


def test_a_batch_costs_the_same_for_many(
    house: House, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_sealed(house, NUMBER)
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    with django_assert_num_queries(4):
        rotate_batch(MEMBERS, after=0)
    settings.PERSONAL_DATA_KEYS = [OLD, NEW]
    for number in ("110101199003078830", "440305198502290016"):
        make_sealed(house, number)
    with django_assert_num_queries(4):
        rotate_batch(MEMBERS, after=0)


def test_a_rotation_without_the_old_key_changes_nothing(house: House, settings: Settings) -> None:
    member = make_sealed(house, NUMBER)
    settings.PERSONAL_DATA_KEYS = [NEW]
    with pytest.raises(SystemExit):
        call_command("rotate_personal_data", stdout=StringIO(), stderr=StringIO())
    before = bytes(member.id_number_sealed or b"")
    member.refresh_from_db()
    assert bytes(member.id_number_sealed or b"") == before
