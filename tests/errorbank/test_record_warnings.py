"""What is said before a record is saved, and that it can be saved all the same."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from branches.models import Organisation, PartyGroup
from branches.rules import MemberStatus
from errorbank.queries.warnings import warnings_for
from records.actions import AttendanceData, RecordData, make_record
from records.models import Record
from records.rules import RecordKind, VoteCount
from tests.factories.branches import make_member
from tests.reminders.scene import ON, Scene, central_action, make_item

COMMITTEE, GROUP, PARTY_DAY = "branch_committee_meeting", "party_group_meeting", "themed_party_day"


def told(place: Organisation, code: str = "general_meeting", **fields: Any) -> list[str]:
    given: dict[str, Any] = {"kind": RecordKind.MEETING, "held_on": ON, "actions": (code,), **fields}
    return [warning.entry for warning in warnings_for(place, RecordData(**given), on=ON)]


@pytest.mark.parametrize(("days", "expected"), [(30, []), (31, ["EB018"])])
def test_held_long_ago(scene: Scene, days: int, expected: list[str]) -> None:
    assert told(scene.first, held_on=ON - timedelta(days=days)) == expected


@pytest.mark.parametrize(("present", "expected"), [(2, ["EB016"]), (3, [])])
def test_a_committee_below_half(scene: Scene, present: int, expected: list[str]) -> None:
    assert told(scene.first, COMMITTEE, eligible_count=5, present_count=present) == expected
    assert told(scene.first, eligible_count=5, present_count=present) == []


def test_resolutions_without_counts(scene: Scene) -> None:
    assert told(scene.first, resolutions="同意") == ["EB017"]
    assert told(scene.first, resolutions="同意", eligible_count=5, present_count=5) == []


def test_a_group_meeting_without_groups(scene: Scene) -> None:
    assert told(scene.first, GROUP) == ["EB021"]
    PartyGroup.objects.create(organisation=scene.first, name="第一党小组", since=ON)
    assert told(scene.first, GROUP) == []
    assert told(scene.first, GROUP, held_on=ON - timedelta(days=1)) == ["EB021"]


def test_a_party_day_about_nothing(scene: Scene) -> None:
    assert told(scene.first, PARTY_DAY, kind=RecordKind.ACTIVITY) == ["EB024"]
    assert told(scene.first, PARTY_DAY, kind=RecordKind.ACTIVITY, title="学党章") == []


@pytest.mark.parametrize(
    ("yes", "words", "expected"),
    [(6, "表决通过", ["EB055"]), (7, "表决通过", []), (6, "表决未通过", []), (6, "", [])],
)
def test_half_is_no_majority(scene: Scene, yes: int, words: str, expected: list[str]) -> None:
    votes = (VoteCount("接收预备党员", 12, 9, yes, 0, 0),)
    counts: dict[str, Any] = {"eligible_count": 12, "present_count": 9}
    assert told(scene.first, kind=RecordKind.VOTE, votes=votes, resolutions=words, **counts) == expected


def test_more_entitled_than_full_members(scene: Scene) -> None:
    votes = (VoteCount("接收预备党员", 3, 3, 3, 0, 0),)
    assert told(scene.first, kind=RecordKind.VOTE, votes=votes) == []
    for status in (MemberStatus.FULL, MemberStatus.FULL, MemberStatus.PROBATIONARY):
        make_member(scene.first, status=status)
    make_member(scene.foreign_branch)
    assert told(scene.first, kind=RecordKind.VOTE, votes=votes) == ["EB022"]
    make_member(scene.first, since=ON)
    assert told(scene.first, kind=RecordKind.VOTE, votes=votes) == []
    assert told(scene.first, kind=RecordKind.VOTE, votes=votes, held_on=ON - timedelta(days=1)) == ["EB022"]


@pytest.mark.parametrize(("came", "expected"), [(3, ["EB008"]), (4, [])])
def test_an_election_below_four_fifths(scene: Scene, came: int, expected: list[str]) -> None:
    full = [make_member(scene.first) for _ in range(5)]
    guest = make_member(scene.first, status=MemberStatus.PROBATIONARY)
    ticks = tuple(AttendanceData(one, present=one in full[:came] or one == guest) for one in (*full, guest))
    assert told(scene.first, kind=RecordKind.ELECTION, attendance=ticks) == expected
    assert told(scene.first, attendance=ticks) == []


def test_a_lecture_given_before(scene: Scene) -> None:
    def lecture(title: str, host: str, day: date) -> None:
        data = RecordData(RecordKind.LECTURE, day, title=title, host=host)
        make_record(scene.first, data=data, by=None, on=ON)

    lecture("一", "甲", date(2026, 3, 2))
    lecture("旧", "甲", date(2025, 12, 31))
    asked = {"kind": RecordKind.LECTURE, "host": "甲"}
    assert told(scene.first, title="二", **asked) == []
    assert told(scene.first, title="旧", **asked) == []
    assert told(scene.first, title="一", **asked) == ["EB019"]
    lecture("二", "甲", date(2026, 6, 1))
    assert told(scene.first, title="三", **asked) == ["EB019"]
    assert told(scene.first, title="三", kind=RecordKind.LECTURE, host="乙") == []


def test_the_third_absence_in_a_row(scene: Scene) -> None:
    person = make_member(scene.first)
    away = (AttendanceData(person, present=False),)
    for day, expected in ((ON - timedelta(days=20), []), (ON - timedelta(days=10), []), (ON, ["EB023"])):
        assert told(scene.first, held_on=day, attendance=away) == expected
        data = RecordData(RecordKind.MEETING, day, attendance=away)
        make_record(scene.first, data=data, by=None, on=ON)


def test_nothing_to_say_costs_nothing(scene: Scene, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert told(scene.first, title="会", topics="学习", eligible_count=5, present_count=5) == []


def test_the_form_warns_once_and_keeps_what_was_typed(scene: Scene, client: Client) -> None:
    action = central_action(code=GROUP, record_kind=RecordKind.MEETING)
    item = make_item(scene.first, action)
    client.force_login(scene.worker)
    address = reverse("reminders:item_close", args=[item.pk])
    person = make_member(scene.first, since=date(2020, 1, 1))
    typed = {
        "held_on": ON.isoformat(),
        "topics": "学习讨论",
        "present": [str(person.pk)],
        "listed": [str(person.pk)],
    }
    first = client.post(address, typed)
    page = first.content.decode()
    assert (first.status_code, Record.objects.count()) == (422, 0)
    assert "这一天支部没有登记党小组，不需要党小组会记录。" in page
    assert "已核对，仍要保存" in page
    assert "学习讨论" in page
    assert client.post(address, {**typed, "confirmed": "1"}).status_code == 302
    assert Record.objects.get().topics == "学习讨论"


def test_a_form_without_anything_to_say_has_no_box(scene: Scene, client: Client) -> None:
    item = make_item(scene.first, central_action(record_kind=RecordKind.MEETING))
    client.force_login(scene.worker)
    page = client.get(reverse("reminders:item_close", args=[item.pk])).content.decode()
    assert "已核对，仍要保存" not in page
